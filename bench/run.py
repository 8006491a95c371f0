"""Measures the gateway beside what a user would write by hand, on the same platform.

    python -m bench.run [--seconds 3] [--rounds 5] [--connections 32]

The platform and each variant are processes of their own; where the machine allows it, variants
run on one core, the platform and the load on another. Rounds are interleaved, a run begins only
when its server is idle, and medians are printed as Markdown.
"""

import argparse
import asyncio
import contextlib
import gc
import multiprocessing
import os
import platform as machine
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson
import uvicorn

from bench import gateway, handwritten
from bench.load import Measured, graphql_request, run_load
from bench.platform import run as run_platform
from bench.questions import QUESTIONS
from bench.shop import ORDERS

_SPAWN = multiprocessing.get_context("spawn")


@dataclass(frozen=True)
class Variant:
    """One server under test; `create` makes its application from the platform's address."""

    name: str
    create: Callable[[str, Path], Any]


def _gateway_live(platform: str, folder: Path) -> Any:
    return gateway.create(platform, folder, gateway.LIVE)


def _gateway_kept(platform: str, folder: Path) -> Any:
    return gateway.create(platform, folder, gateway.KEPT)


def _handwritten(platform: str, _: Path) -> Any:
    return handwritten.create(platform)


VARIANTS = (
    Variant("hand-written (Starlette, aiohttp, orjson)", _handwritten),
    Variant("gateway", _gateway_live),
    Variant("gateway, platform answers kept", _gateway_kept),
)


@dataclass
class Row:
    """What was measured of one variant and one question, a value a round."""

    runs: list[Measured] = field(default_factory=list)
    calls: list[float] = field(default_factory=list)

    def rate(self) -> float:
        """Requests a second, the median of the rounds."""
        return statistics.median(run.rate for run in self.runs)

    def milliseconds(self, share: float) -> float:
        """A percentile, the median of the rounds."""
        return statistics.median(run.percentile(share) for run in self.runs)

    def calls_a_request(self) -> float:
        """Platform calls a request, the median of the rounds."""
        return statistics.median(self.calls)


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def pin(core: int) -> None:
    """Keep this process to one core, where there are several and the system can."""
    setter = getattr(os, "sched_setaffinity", None)
    if setter is not None and (os.cpu_count() or 1) > 1:
        setter(0, {core})


def _platform_process(port: int, orders: int) -> None:
    pin(1)
    run_platform(port, orders)


def _server_process(index: int, port: int, platform: str, folder: str) -> None:
    pin(0)
    gc.set_threshold(50_000, 20, 100)
    app = VARIANTS[index].create(platform, Path(folder))
    uvicorn.run(app, port=port, log_level="error", access_log=False, http="httptools")


@contextlib.contextmanager
def process(target: Callable[..., None], *arguments: Any) -> Iterator[None]:
    """Run a function in a process of its own while the context lasts; it serves a port."""
    child = _SPAWN.Process(target=target, args=arguments, daemon=True)
    child.start()
    try:
        yield
    finally:
        child.terminate()
        child.join(10)


def wait_for(port: int, patience: float = 20.0) -> None:
    """Until somebody listens on the port."""
    until = time.monotonic() + patience
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


async def fetch(port: int, raw: bytes) -> bytes:
    """The body of one answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(raw)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    size = int(head[head.find(b"content-length:") + 15 :].split(b"\r\n", 1)[0])
    body = await reader.readexactly(size)
    writer.close()
    return body


async def counted_calls(platform_port: int) -> int:
    """How many calls the platform got since it was last asked, tokens left out."""
    text = await fetch(platform_port, b"GET /counts HTTP/1.1\r\n\r\n")
    lines = (line.split() for line in text.splitlines())
    return sum(int(count) for path, count in lines if path.startswith(b"/merchant/"))


def request_of(port: int, question: str) -> bytes:
    """The request that asks one question."""
    return graphql_request(port, orjson.dumps({"query": QUESTIONS[question]}))


async def check(ports: list[int]) -> None:
    """All variants must give the same answers, or comparing them means nothing."""
    for question in QUESTIONS:
        answers = [orjson.loads(await fetch(port, request_of(port, question))) for port in ports]
        for variant, answer in zip(VARIANTS, answers, strict=True):
            if answer != answers[0]:
                sys.exit(f"{variant.name} answers {question} differently: {str(answer)[:500]}")


async def measure(
    ports: list[int], platform_port: int, arguments: argparse.Namespace
) -> dict[tuple[str, str], Row]:
    """All rounds, interleaved."""
    rows: dict[tuple[str, str], Row] = {}
    for _ in range(arguments.rounds):
        for question in QUESTIONS:
            for variant, port in zip(VARIANTS, ports, strict=True):
                ask = partial(bytes, request_of(port, question))
                await run_load(port, ask, connections=arguments.connections, seconds=0.3)
                await asyncio.sleep(0.2)
                await counted_calls(platform_port)
                run = await run_load(
                    port, ask, connections=arguments.connections, seconds=arguments.seconds
                )
                calls = await counted_calls(platform_port)
                if run.failures:
                    sys.exit(f"{variant.name} failed {run.failures} times on {question}")
                row = rows.setdefault((variant.name, question), Row())
                row.runs.append(run)
                row.calls.append(calls / len(run.seconds))
    return rows


def report(rows: dict[tuple[str, str], Row], arguments: argparse.Namespace) -> str:
    """The figures as Markdown."""
    lines = [
        f"Python {machine.python_version()}, {os.cpu_count()} cores, "
        f"{arguments.connections} connections, {arguments.rounds} rounds of "
        f"{arguments.seconds:g} s, medians; "
        + ", ".join(f"{name} {version(name)}" for name in ("graphql-core", "strawberry-graphql")),
        "",
        "| | question | requests/s | to hand-written | p50 ms | p99 ms | platform calls/request |",
        "|---|---|---|---|---|---|---|",
    ]
    base = VARIANTS[0].name
    for (name, question), row in sorted(rows.items(), key=lambda item: item[0][1]):
        ratio = row.rate() / rows[base, question].rate()
        lines.append(
            f"| {name} | {question} | {row.rate():.0f} | {ratio:.2f} | "
            f"{row.milliseconds(0.5):.1f} | {row.milliseconds(0.99):.1f} | "
            f"{row.calls_a_request():.3f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=32)
    arguments = parser.parse_args()
    platform_port = free_port()
    platform = f"http://127.0.0.1:{platform_port}"
    with contextlib.ExitStack() as stack:
        stack.enter_context(process(_platform_process, platform_port, ORDERS))
        wait_for(platform_port)
        ports = []
        for index in range(len(VARIANTS)):
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            port = free_port()
            stack.enter_context(process(_server_process, index, port, platform, folder))
            wait_for(port)
            ports.append(port)
        pin(1)
        asyncio.run(check(ports))
        rows = asyncio.run(measure(ports, platform_port, arguments))
    sys.stdout.write(report(rows, arguments) + "\n")


if __name__ == "__main__":
    main()
