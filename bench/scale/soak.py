"""Minutes of mixed load with faults: what the gateway holds must be level: `make soak MINUTES=10`.

Imports one by one and many at a time, lists, exports, and followers who come and go, on a platform
that is slow, or busy, every few seconds. What the gateway holds is compared when nothing is asked:
after the first third of the load, and at the end.
"""

import argparse
import asyncio
import contextlib
import itertools
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

from bench.scale.bulk_rows import export_asked
from bench.scale.callers import Caller, Reply, Times, caller, paced
from bench.scale.databases import DATABASES, SQLITE
from bench.scale.figures import Figure, Result, Row
from bench.scale.follower_rows import followed
from bench.scale.ledger_rows import Size
from bench.scale.order_inputs import IMPORT, IMPORT_MANY, OrderInputs
from bench.scale.report import lines
from bench.scale.served_gateway import ServedGateway
from bench.scale.shops import SHOPS
from bench.scale.stage import Stage, opened

_SIZE: Final = Size(orders=20_000, waiting=0)
#: Of the load, after which the first look is taken.
_FIRST: Final = 1 / 3
#: Seconds without load before each look, and for the last deliveries.
_SETTLED, _DELIVERED_WITHIN = 5.0, 120.0
#: Seconds from one fault to the next, and for which each lasts.
_FAULTS, _LASTS = 6.0, 2.0
_FOLLOWERS: Final = 60
#: What may be held more at the end: MiB, and a share of what was held; descriptors, threads, tasks.
_MORE_MEMORY, _MORE_SHARE = 24.0, 0.15
_MORE: Final = 6
#: MiB, and descriptors, threads and tasks, more in a run of less than so many minutes, in which
#: caches and pools of connections still fill: such a run finds what grows with each request only.
_FILLING, _OPENING, _FILLED_AFTER = 72.0, 48.0, 5.0
_LISTS: Final = (
    "{ orders(first: 50) { nodes { id status items { title quantity } } } }",
    "{ orders(first: 20, filter: {statuses: [SHIPPED]}) { nodes { id total { fen } } } }",
    "{ pushes(first: 20) { totalCount nodes { id state lastError { code } } } }",
    "{ products(first: 20) { nodes { id title } } }",
)
_PENDING: Final = "SELECT count(*) FROM pushes WHERE state = 'PENDING'"
_WRONG: Final = "SELECT count(*) FROM pushes WHERE state NOT IN ('PENDING', 'DELIVERED')"


class _Soak:
    """The load on one gateway, and what it was answered."""

    def __init__(self, stage: Stage, gateway: ServedGateway, tasks: Path) -> None:
        self._stage, self._gateway, self._tasks = stage, gateway, tasks
        self._orders = OrderInputs("soak")
        self.singles, self.many, self.lists, self.exports = Times(), Times(), Times(), Times()
        #: Orders whose import was accepted.
        self.accepted = 0

    async def load(self, seconds: float) -> None:
        """Load it for so long; what a client did not expect is raised."""
        over = asyncio.Event()
        async with caller(self._gateway.url) as asking:
            parts: list[Awaitable[None]] = [
                paced(self._single(asking), self.singles, 10, over),
                paced(self._list(asking), self.lists, 10, over),
                paced(self._import_many(asking), self.many, 0.2, over),
                paced(self._export(asking), self.exports, 0.1, over),
                self._follow(over),
                self._faults(over),
            ]
            tasks = [asyncio.ensure_future(part) for part in parts]
            await asyncio.sleep(seconds)
            over.set()
            await asyncio.gather(*tasks)

    def _single(self, asking: Caller) -> Callable[[int], Awaitable[Reply]]:
        async def ask(number: int) -> Reply:
            shop = list(SHOPS)[number % len(SHOPS)]
            return self._noted(await asking.ask(IMPORT, {"input": self._orders.one(shop)}), 1)

        return ask

    def _import_many(self, asking: Caller) -> Callable[[int], Awaitable[Reply]]:
        async def ask(_number: int) -> Reply:
            given = self._orders.many("mini", 100)
            return self._noted(await asking.ask(IMPORT_MANY, {"input": given}), 100)

        return ask

    def _noted(self, reply: Reply, count: int) -> Reply:
        self.accepted += count if reply.code == "OK" else 0
        return reply

    @staticmethod
    def _list(asking: Caller) -> Callable[[int], Awaitable[Reply]]:
        async def ask(number: int) -> Reply:
            return await asking.ask(_LISTS[number % len(_LISTS)])

        return ask

    def _export(self, asking: Caller) -> Callable[[int], Awaitable[Reply]]:
        async def ask(_number: int) -> Reply:
            return await export_asked(asking, {"shops": ["mini-2"]})

        return ask

    async def _follow(self, over: asyncio.Event) -> None:
        """Followers who are cut off every few seconds, and others who come."""
        while not over.is_set():
            async with followed(self._gateway.url, _FOLLOWERS) as following:
                await following.connected()
                await _until(over, _FAULTS)

    async def _faults(self, over: asyncio.Event) -> None:
        for fault in itertools.cycle(("delay=1", "down=1", "delay=0.3")):
            await self._stage.platform.ask(fault)
            await _until(over, _LASTS)
            await self._stage.platform.ask("delay=0.02&down=0")
            await _until(over, _FAULTS)
            if over.is_set():
                return

    async def held(self) -> dict[str, float]:
        """What the gateway holds, some seconds after the load ended."""
        await asyncio.sleep(_SETTLED)
        usage = self._gateway.usage()
        self._tasks.unlink(missing_ok=True)
        self._gateway.signal(signal.SIGUSR1)
        while not self._tasks.exists():  # noqa: ASYNC110 - another process writes it
            await asyncio.sleep(0.05)
        return {
            "memory": usage.memory,
            "descriptors": usage.files,
            "threads": usage.threads,
            "tasks": int(self._tasks.read_text()),
        }


async def _until(over: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(over.wait(), seconds)


@contextlib.asynccontextmanager
async def _gateway(stage: Stage, tasks: Path) -> AsyncIterator[ServedGateway]:
    async with stage.gateway(start=False) as gateway:
        gateway.command = [sys.executable, "-m", "bench.scale.counted_gateway", str(tasks)]
        await gateway.start()
        yield gateway


async def soak(stage: Stage, minutes: float) -> list[Figure]:
    """Load a gateway for so many minutes, and compare."""
    tasks = stage.folder / "tasks"
    await stage.platform.ask("reset=1&delay=0.02")
    async with _gateway(stage, tasks) as gateway:
        load = _Soak(stage, gateway, tasks)
        await load.load(60 * minutes * _FIRST)
        await _delivered(stage)
        first = await load.held()
        await load.load(60 * minutes * (1 - _FIRST))
        await _delivered(stage)
        last = await load.held()
    codes: Counter[str] = Counter()
    for times in (load.singles, load.many, load.lists, load.exports):
        codes += times.codes
    stage.say(f"  {dict(codes)}, first {first}, last {last}")
    done = await stage.platform.ask()
    pending = await stage.scalar(_PENDING)
    return [
        *_level(first, last, filling=minutes < _FILLED_AFTER),
        Figure(what="single imports, p95", value=load.singles.percentile(0.95), unit="ms"),
        Figure(what="orders accepted", value=load.accepted),
        Figure(what="sent twice", value=done["twice"], most=0, exact=True),
        Figure(
            what="accepted, and not with the platform",
            value=max(0, load.accepted - pending - done["orders"]),
            most=0,
            exact=True,
        ),
        Figure(what="still waiting", value=pending),
        Figure(what="neither sent nor waiting", value=await stage.scalar(_WRONG), most=0),
    ]


def _level(first: dict[str, float], last: dict[str, float], *, filling: bool) -> list[Figure]:
    figures = []
    for name, before in first.items():
        memory = name == "memory"
        more = max(_MORE_MEMORY, before * _MORE_SHARE) if memory else float(_MORE)
        if filling:
            more += _FILLING if memory else _OPENING
        figures += [
            Figure(
                what=f"{name} at the end, {before:,.0f} after a third",
                value=round(last[name]),
                unit="MiB" if memory else "",
                most=round(before + more),
                exact=True,
            )
        ]
    return figures


async def _delivered(stage: Stage) -> None:
    """Until nothing waits, or too long."""
    until = time.monotonic() + _DELIVERED_WITHIN
    while await stage.scalar(_PENDING) and time.monotonic() < until:  # noqa: ASYNC110
        await asyncio.sleep(0.5)


async def run(database: str, minutes: float) -> Result:
    """Soak a gateway on a small ledger."""

    async def measure(stage: Stage) -> Sequence[Figure]:
        return await soak(stage, minutes)

    row = Row(name="soak", title=f"{minutes:g} minutes of mixed load with faults", measure=measure)
    began = time.monotonic()
    async with opened(database, _SIZE, short=False, say=_say) as stage:
        figures = await row.measure(stage)
    return Result(row=row, database=database, figures=figures, seconds=time.monotonic() - began)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    """Soak, print, and tell by the exit status whether all was level and nothing was lost."""
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--database", default=SQLITE, choices=DATABASES)
    given = parser.parse_args()
    result = asyncio.run(run(given.database, given.minutes))
    _say(lines(result))
    return 1 if any(figure.exact for figure in result.missed) else 0


if __name__ == "__main__":
    sys.exit(main())
