"""The load of the benchmark: what it asks, and what it counts."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from bench.load import Plan, graphql_request, run_load

BODY = b'{"data":{"a":1}}'
GOOD = b"HTTP/1.1 200 OK\r\ncontent-length: 16\r\n\r\n" + BODY
FAILED = b'HTTP/1.1 200 OK\r\ncontent-length: 13\r\n\r\n{"errors":[]}'
REFUSED = b"HTTP/1.1 503 Busy\r\ncontent-length: 2\r\n\r\n{}"

Answer = Callable[[], bytes]


@asynccontextmanager
async def serving(answer: Answer) -> AsyncIterator[int]:
    """Answer each request so; empty bytes close the connection."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (await reader.readuntil(b"\r\n\r\n")).startswith(b"POST /graphql"):
                await reader.readexactly(2)
                said = answer()
                if not said:
                    break
                writer.write(said)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_so_many_requests_are_asked_and_no_more() -> None:
    answered = itertools.count()

    async with serving(lambda: GOOD if next(answered) >= 0 else b"") as port:
        request = graphql_request(port, b"{}")
        measured = await run_load(port, lambda: request, Plan(connections=4, requests=100))

    assert len(measured.seconds) == next(answered) == 100
    assert measured.failures == 0


async def test_it_ends_when_its_time_is_over() -> None:
    async with serving(lambda: GOOD) as port:
        request = graphql_request(port, b"{}")
        measured = await run_load(port, lambda: request, Plan(connections=2, seconds=0.2))

    assert measured.elapsed >= 0.2
    assert measured.rate == len(measured.seconds) / measured.elapsed


@pytest.mark.parametrize("answer", [FAILED, REFUSED])
async def test_an_answer_that_is_no_success_counts_as_a_failure(answer: bytes) -> None:
    async with serving(lambda: answer) as port:
        request = graphql_request(port, b"{}")
        measured = await run_load(port, lambda: request, Plan(connections=1, requests=3))

    assert measured.failures == 3


async def test_an_answer_in_parts_is_one() -> None:
    """The first ends within its body; the rest comes with the next turn of the server."""
    parts = itertools.chain([GOOD[:-3]], itertools.repeat(GOOD[-3:]))

    async with serving(lambda: next(parts)) as port:
        request = graphql_request(port, b"{}")
        twice = request + request
        measured = await run_load(port, lambda: twice, Plan(connections=1, requests=1))

    assert len(measured.seconds) == 1
    assert measured.failures == 0


async def test_what_is_paced_comes_at_its_pace() -> None:
    plan = Plan(connections=4, requests=50, pace=200.0)

    async with serving(lambda: GOOD) as port:
        request = graphql_request(port, b"{}")
        measured = await run_load(port, lambda: request, plan)

    # The first is due at once, the last after 49 steps of 5 ms.
    assert measured.elapsed >= 49 / 200
    assert len(measured.seconds) == 50


async def test_a_time_runs_from_when_a_request_was_due() -> None:
    """One answer that keeps all connections waiting is felt by all that were due meanwhile."""
    served = itertools.count()

    def answer() -> bytes:
        if next(served) == 10:
            time.sleep(0.3)
        return GOOD

    async with serving(answer) as port:
        request = graphql_request(port, b"{}")
        plan = Plan(connections=1, requests=60, pace=200.0)
        measured = await run_load(port, lambda: request, plan)

    # Due every 5 ms: the one that took 300 ms and those due in its first 100 ms waited for 200 ms.
    late = [seconds for seconds in measured.seconds if seconds > 0.2]
    assert len(late) >= 10


async def test_a_server_that_closes_ends_the_run() -> None:
    async with serving(lambda: b"") as port:
        request = graphql_request(port, b"{}")
        with pytest.raises(ConnectionError):
            await run_load(port, lambda: request, Plan(connections=2, requests=10))
        with pytest.raises(ConnectionError):
            await run_load(port, lambda: request, Plan(connections=2, requests=10, pace=100.0))
