"""Measures what tracing costs: a gateway that exports all spans beside one that exports none.

    python -m bench.tracing [--rounds N] [QUESTION ...]

Both run in this process, without a server around them, and are asked in turns by 32 at a time;
platform and collector are processes of their own. Counted is the processor time of the event loop,
and of the thread that exports. *nothing shared*: each request asks the platform by itself; *kept*:
its answers are kept, and no two requests under way are the same; *shared*: they are the same.
"""

import argparse
import asyncio
import itertools
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final

import psutil
import uvloop
from starlette.types import ASGIApp

from bench.gateway import KEPT, LIVE, settings_of
from bench.load import documents_of
from bench.place import Place
from bench.processes import OTHER_CORE, free_port, process, wait_for
from bench.profile import ask, opened
from bench.questions import QUESTIONS
from bench.stage import platform
from gateway.app import create_app
from gateway.cli.worker_process import tune_interpreter
from gateway.logs import configure_logging
from gateway.settings import LogSettings
from gateway.settings.server import TelemetrySettings

_AT_A_TIME: Final = 32
#: Requests of one turn.
_TURN: Final = 640
_EXPORTER: Final = "span_export"
#: Seconds within which the exporter's thread has sent what ended last.
_DRAIN: Final = 6.0
_GOOD: Final = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Way:
    """How the questions are asked."""

    name: str
    lifetimes: Mapping[str, int]
    fresh: bool = False
    apart: bool = False


_WAYS: Final = (
    Way("nothing shared", LIVE, fresh=True),
    Way("kept", KEPT, apart=True),
    Way("kept, shared", KEPT),
)


@dataclass(slots=True)
class Pair:
    """Milliseconds of processor time a request: of the event loop, off and on, and the export."""

    off: list[float] = field(default_factory=list)
    on: list[float] = field(default_factory=list)
    export: float = 0.0

    @property
    def more(self) -> float:
        """How much more tracing takes, as a share."""
        ratios = [(on + self.export) / off for off, on in zip(self.off, self.on, strict=True)]
        return median(ratios) - 1.0


def collector(place: Place) -> None:
    """A collector that reads what it is sent and forgets it."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := (await reader.readuntil(b"\r\n\r\n")).lower():
                at = head.find(b"content-length:") + len(b"content-length:")
                await reader.readexactly(int(head[at:].split(b"\r\n", 1)[0]))
                writer.write(_GOOD)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def serve() -> None:
        async with await asyncio.start_server(connected, "127.0.0.1", place.port) as server:
            await server.serve_forever()

    asyncio.run(serve())


def _exporting() -> float:
    """Processor seconds of the thread that exports."""
    ids = {one.native_id for one in threading.enumerate() if one.name == _EXPORTER}
    times = [one for one in psutil.Process().threads() if one.id in ids]
    return float(sum(one.user_time + one.system_time for one in times))


async def _turn(app: ASGIApp, next_body: Callable[[], bytes], *, fresh: bool) -> float:
    """Milliseconds of the event loop's processor time a request."""

    async def lane() -> None:
        for _ in range(_TURN // _AT_A_TIME):
            answer = await ask(app, next_body(), fresh=fresh)
            if b'"errors"' in answer[:30]:
                raise ValueError(f"the gateway failed: {answer[:300]!r}")

    began = time.thread_time()
    await asyncio.gather(*(lane() for _ in range(_AT_A_TIME)))
    return (time.thread_time() - began) / _TURN * 1_000


async def _measure(name: str, way: Way, rounds: int, urls: tuple[str, str]) -> Pair:
    asked, collecting = urls
    pair = Pair()
    async with AsyncExitStack() as stack:
        apps: list[tuple[ASGIApp, list[float]]] = []
        for endpoint, taken in ((None, pair.off), (collecting, pair.on)):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            settings = settings_of(asked, folder, dict(way.lifetimes)).model_copy(
                update={"telemetry": TelemetrySettings(otlp_endpoint=endpoint)}
            )
            served = create_app(settings)
            await stack.enter_async_context(opened(served))
            apps.append((served, taken))
        tune_interpreter()
        bodies = itertools.cycle(documents_of(QUESTIONS[name], apart=way.apart))
        for app, _ in apps:
            await _turn(app, lambda: next(bodies), fresh=way.fresh)
        await asyncio.sleep(_DRAIN)
        before = _exporting()
        for number in range(rounds):
            for app, taken in apps if number % 2 else reversed(apps):
                taken.append(await _turn(app, lambda: next(bodies), fresh=way.fresh))
        await asyncio.sleep(_DRAIN)
        pair.export = (_exporting() - before) / (rounds * _TURN) * 1_000
    return pair


def _line(name: str, way: Way, pair: Pair) -> str:
    figures = (median(pair.off), median(pair.on), pair.export)
    cells: list[Any] = [name, way.name, *(f"{figure:.3f}" for figure in figures)]
    return f"| {' | '.join([*cells, f'{pair.more:+.0%}'])} |\n"


def main() -> None:
    """Measure each question in each way, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("questions", nargs="*", default=list(QUESTIONS), help="A, B, C")
    parser.add_argument("--rounds", type=int, default=8, help="turns of each gateway")
    arguments = parser.parse_args()
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    # As a gateway that no terminal reads: what names of operations may hold is looked up once.
    configure_logging(LogSettings(level="error", format="json"))
    port = free_port()
    with (
        platform() as stage,
        process("bench.tracing:collector", port, "-", ".", OTHER_CORE),
    ):
        wait_for(port)
        sys.stdout.write("| question | | off, ms | on, ms | export, ms | more |\n")
        sys.stdout.write("|---|---|---:|---:|---:|---:|\n")
        for name, way in itertools.product(arguments.questions, _WAYS):
            urls = (stage.url, f"http://127.0.0.1:{port}")
            pair = asyncio.run(_measure(name, way, arguments.rounds, urls))
            sys.stdout.write(_line(name, way, pair))
            sys.stdout.flush()


if __name__ == "__main__":
    main()
