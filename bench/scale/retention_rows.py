"""A row about retention: half a ledger past its time, erased and deleted beside live imports."""

import asyncio
import contextlib
import sqlite3
import time
from collections import Counter
from collections.abc import Sequence
from typing import Final

from bench.scale.callers import Ask, Caller, Reply, Times, caller, paced
from bench.scale.figures import Figure, Row
from bench.scale.intake_rows import inputs
from bench.scale.order_inputs import IMPORT, OrderInputs
from bench.scale.stage import Stage
from gateway.concurrency.clock import DAY

#: Personal data is kept for this long, so that the older half of the year is past its time.
_DAYS: Final = 180
_PUSHES_DAYS: Final = 90
#: Seconds for which it is watched, at most.
_WATCHED, _SHORT = 60.0, 40.0
_LIVE: Final = 10.0
#: Milliseconds for which the writer may be held.
_HELD: Final = 50.0
_MINUTE: Final = 60
_OK: Final = 200


class _WriterProbe:
    """How long another process has to wait for SQLite's writer, asked again and again."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.seconds: list[float] = []

    async def run(self, over: asyncio.Event) -> None:
        """Probe until `over`; nothing on PostgreSQL, which has more than one writer."""
        if self._stage.server is None:
            await asyncio.to_thread(self._probe, over)

    def _probe(self, over: asyncio.Event) -> None:
        file = self._stage.store_url.removeprefix("sqlite:///")
        connection = sqlite3.connect(file, timeout=0, isolation_level=None)
        with contextlib.closing(connection):
            while not over.is_set():
                self.seconds.append(_waited(connection))
                time.sleep(0.02)


def _waited(connection: sqlite3.Connection) -> float:
    """Seconds until the writer was free; it is let go at once."""
    began = time.perf_counter()
    while True:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            time.sleep(0.001)
        else:
            connection.execute("ROLLBACK")
            return time.perf_counter() - began


async def retention(stage: Stage) -> Sequence[Figure]:
    """Rows past their time, beside live imports."""
    await stage.platform.ask("reset=1&delay=0.01")
    orders, times, ready = inputs(stage), Times(), Counter[int]()
    before = await _to_do(stage)
    await stage.let_retention_run()
    over, probe = asyncio.Event(), _WriterProbe(stage)
    store = {"retention_days": _DAYS, "pushes_days": _PUSHES_DAYS}
    async with stage.gateway(store=store) as gateway, caller(gateway.url) as asking:
        began = time.monotonic()
        beside = [
            asyncio.create_task(paced(_imports(asking, orders), times, _LIVE, over)),
            asyncio.create_task(_probe_readiness(asking, ready, over)),
            asyncio.create_task(probe.run(over)),
        ]
        try:
            await _watch(stage)
        finally:
            over.set()
            await asyncio.wait(beside)
        seconds = time.monotonic() - began
    left = await _to_do(stage)
    stage.say(f"  {before:,} past their time, {left:,} left after {seconds:.0f} s; {times.codes}")
    held = sorted(probe.seconds)
    figures = [
        Figure(
            what="erased or deleted a minute",
            value=(before - left) / seconds * _MINUTE,
            today="one transaction",
        ),
        Figure(
            what="live imports meanwhile, p95",
            value=times.percentile(0.95),
            unit="ms",
            today="75 s and longer",
            most=300,
        ),
        Figure(what="live imports that failed", value=times.failed, most=0),
        Figure(
            what="/readyz other than 200",
            value=ready.total() - ready[_OK],
            today="all of 75 s",
            most=0,
        ),
    ]
    if held:
        at_99 = held[int(len(held) * 0.99)] * 1000
        figures += [
            Figure(what="the writer was held, p99", value=at_99, unit="ms", most=_HELD),
            Figure(what="the writer was held, longest", value=held[-1] * 1000, unit="ms"),
        ]
    return [*figures, *(await _by_command(stage) if stage.short else ())]


async def _by_command(stage: Stage) -> Sequence[Figure]:
    """What the command leaves."""
    async with stage.gateway(start=False) as gateway:
        await gateway.run("erase", "older", str(_DAYS))
    return [
        Figure(
            what="personal data that gateway erase older leaves",
            value=await stage.scalar(_personal(stage)),
            most=0,
            exact=True,
        )
    ]


async def _watch(stage: Stage) -> None:
    until = time.monotonic() + (_SHORT if stage.short else _WATCHED)
    while time.monotonic() < until:
        await asyncio.sleep(5)
        if await _to_do(stage) == 0:
            return


def _imports(asking: Caller, orders: OrderInputs) -> Ask:
    async def ask(number: int) -> Reply:
        return await asking.ask(IMPORT, {"input": orders.one(("mini", "swan")[number % 2])})

    return ask


async def _probe_readiness(asking: Caller, ready: Counter[int], over: asyncio.Event) -> None:
    while not over.is_set():
        ready[await asking.status("/readyz")] += 1
        await asyncio.sleep(0.1)


async def _to_do(stage: Stage) -> int:
    """How many rows are past their time: orders to erase, pushes to delete."""
    deleted = stage.rows.now - _PUSHES_DAYS * DAY
    # Our own numbers, not of a caller.
    pushes = f"SELECT count(*) FROM pushes WHERE state = 'DELIVERED' AND queued_at < {deleted}"  # noqa: S608
    return await stage.scalar(_personal(stage)) + await stage.scalar(pushes)


def _personal(stage: Stage) -> str:
    before = stage.rows.now - _DAYS * DAY
    return (
        "SELECT count(*) FROM orders WHERE personal IS NOT NULL"  # noqa: S608 - as above
        f" AND written_at < {before}"
    )


ROWS: Final = (Row(name="retention", title="retention", measure=retention),)
