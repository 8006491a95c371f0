"""Rows about sending: what waited in an outage, beside what comes in meanwhile."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bench.scale.callers import Ask, Caller, Reply, Times, caller, paced
from bench.scale.figures import Figure, Row
from bench.scale.order_inputs import IMPORT, OrderInputs
from bench.scale.served_gateway import ServedGateway
from bench.scale.shops import MINI, SHOPS, SWAN
from bench.scale.stage import Stage

#: Seconds that the platform takes for a call.
_DELAY: Final = 0.05
#: Seconds for which a backlog is watched; the short form waits for its end, at most so long.
_WATCHED, _LONGEST = 25.0, 90.0
#: Live imports a second, by turns of a large shop and of a small one.
_LIVE: Final = 8.0
_PENDING: Final = "SELECT count(*) FROM pushes WHERE state = 'PENDING'"

_FAILED: Final = (
    "SELECT count(*) FROM pushes WHERE state NOT IN ('PENDING', 'DELIVERED', 'SUPERSEDED')"
)


@dataclass(frozen=True, slots=True)
class _Drained:
    """How a backlog went: orders sent a second, the live imports, what was wrong."""

    rate: float
    large: Times
    small: Times
    #: Still waiting of the small shops, and of the large one.
    left: tuple[int, int]
    twice: int
    #: How many more or fewer orders the platform has than the ledger says.
    apart: int
    failed: int
    #: Seconds of processor for each.
    processor: float


async def drain(stage: Stage) -> Sequence[Figure]:
    """Send what waits, of each platform by itself; live imports come in meanwhile."""
    await stage.platform.ask(f"delay={_DELAY}")
    single = await _drained(stage, SWAN, "swan", "swan-5")
    ten = await _drained(stage, MINI, "mini", "mini-5")
    await stage.platform.ask("delay=0")
    stage.costs["processor per million orders sent one by one, s"] = single.processor * 1e6
    stage.costs["processor per million orders sent ten a call, s"] = ten.processor * 1e6
    today = "4 to 80 /s a shop"
    return [
        Figure(what="sent one a call", value=single.rate, unit="/s", today=today, least=300),
        Figure(what="sent ten a call", value=ten.rate, unit="/s", today=today, least=1_000),
        *(
            Figure(
                what=f"live imports of {words} shop, p95",
                value=max(times.percentile(0.95) for times in both),
                unit="ms",
                today="5 to 23 s",
                most=300,
            )
            for words, both in (
                ("the large", (single.large, ten.large)),
                ("a small", (single.small, ten.small)),
            )
        ),
        Figure(
            what="live imports that failed",
            value=sum(one.large.failed + one.small.failed for one in (single, ten)),
            most=0,
        ),
        Figure(
            what="left of the small shops' backlog while the large one's is sent",
            value=sum(one.left[0] for one in (single, ten)),
        ),
        Figure(
            what="sent twice, with nothing killed",
            value=single.twice + ten.twice,
            today="38",
            most=0,
            exact=True,
        ),
        Figure(
            what="lost, or sent and not recorded",
            value=single.apart + ten.apart,
            most=0,
            exact=True,
        ),
        Figure(
            what="neither sent nor waiting",
            value=single.failed + ten.failed,
            most=0,
            exact=True,
        ),
    ]


async def _drained(stage: Stage, platform: str, large: str, small: str) -> _Drained:
    shops = [key for key, shop in SHOPS.items() if shop.platform == platform]
    await stage.platform.ask("reset=1")
    before = await stage.scalar(_PENDING)
    await stage.make_due(shops=shops)
    orders, times = OrderInputs(f"live-{platform}"), (Times(), Times())
    async with stage.gateway(shops=shops) as gateway:
        took = await _watched(stage, gateway, orders, (large, small), times)
        left = await _left(stage, shops, large)
    # What was under way when it was told to stop has ended: the two must agree.
    done = await stage.platform.ask()
    recorded = before + _accepted(times) - await stage.scalar(_PENDING)
    stage.say(f"  {platform}: {done}, {recorded} recorded, small shops have {left[0]} left")
    return _Drained(
        rate=took.sent / took.seconds,
        large=times[0],
        small=times[1],
        left=left,
        twice=done["twice"],
        apart=abs(done["orders"] - recorded),
        failed=await stage.scalar(_FAILED),
        processor=took.processor / max(1, took.sent),
    )


@dataclass(frozen=True, slots=True)
class _Took:
    sent: int
    seconds: float
    processor: float


async def _watched(
    stage: Stage,
    gateway: ServedGateway,
    orders: OrderInputs,
    names: tuple[str, str],
    times: tuple[Times, Times],
) -> _Took:
    over = asyncio.Event()
    async with caller(gateway.url) as asking:
        live = [
            asyncio.create_task(paced(_imports(asking, orders, name), noted, _LIVE / 2, over))
            for name, noted in zip(names, times, strict=True)
        ]
        first, began = (await stage.platform.ask())["orders"], time.monotonic()
        used = gateway.usage().processor
        try:
            await _wait(stage)
        finally:
            sent, seconds = (await stage.platform.ask())["orders"], time.monotonic() - began
            used = gateway.usage().processor - used
            over.set()
            await asyncio.wait(live)
    return _Took(sent - first, seconds, used)


async def _wait(stage: Stage) -> None:
    """Until the backlog was watched for long enough, or until nothing of it is left."""
    until = time.monotonic() + (_LONGEST if stage.short else _WATCHED)
    due = f"{_PENDING} AND next_attempt_at < {stage.rows.now + 3_600}"
    while time.monotonic() < until:
        await asyncio.sleep(1)
        if await stage.scalar(due) == 0:
            return


def _imports(asking: Caller, orders: OrderInputs, shop: str) -> Ask:
    async def ask(_number: int) -> Reply:
        return await asking.ask(IMPORT, {"input": orders.one(shop)})

    return ask


def _accepted(times: Sequence[Times]) -> int:
    return sum(one.codes["OK"] for one in times)


async def _left(stage: Stage, shops: Sequence[str], large: str) -> tuple[int, int]:
    found = []
    for names in ([key for key in shops if key != large], [large]):
        named = ", ".join(f"'{key}'" for key in names)
        found.append(await stage.scalar(f"{_PENDING} AND shop IN ({named})"))
    return (found[0], found[1])


ROWS: Final = (
    Row(
        name="drain",
        title="pushes waiting after an outage",
        measure=drain,
        because="The gateway has half of a core to spare: it waits for the database's commits.",
    ),
)
