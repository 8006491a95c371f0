"""A row about overload: lists at three times what the gateway can answer, and mutations beside."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any, Final

from bench.scale.callers import Caller, Reply, Times, caller, paced
from bench.scale.figures import Figure, Row
from bench.scale.intake_rows import inputs
from bench.scale.order_inputs import IMPORT
from bench.scale.shops import SHOPS
from bench.scale.stage import Stage

#: Callers at a time that find how many lists a second are answered.
_CALLERS: Final = 16
#: How many times that many are asked.
_TIMES: Final = 3
#: Mutations a second meanwhile.
_MUTATIONS: Final = 10.0
_SECONDS, _SHORT = 10.0, 5.0
_LIST: Final = """
query ($filter: OrderFilter) { orders(first: 50, filter: $filter) { nodes {
  id status createdAt total { fen } items { title quantity unitPrice { fen } } } } }
"""


async def overload(stage: Stage) -> Sequence[Figure]:
    """Mutations at three times capacity."""
    await stage.platform.ask("reset=1&delay=0.01")
    seconds = _SHORT if stage.short else _SECONDS
    orders = inputs(stage)
    lists, writes, probes = Times(), Times(), Times()
    async with stage.gateway() as gateway, caller(gateway.url) as asking:

        async def read(number: int) -> Reply:
            return await asking.ask(_LIST, _variables(stage, number))

        async def write(number: int) -> Reply:
            shop = ("mini", "swan")[number % 2]
            return await asking.ask(IMPORT, {"input": orders.one(shop)})

        async def probe(_number: int) -> Reply:
            began = time.perf_counter()
            status = await asking.status("/readyz")
            return Reply("OK" if status == 200 else f"{status}", {}, time.perf_counter() - began)  # noqa: PLR2004

        capacity = await _capacity(stage, asking)
        over = asyncio.Event()
        beside = [
            asyncio.create_task(paced(read, lists, _TIMES * capacity, over)),
            asyncio.create_task(paced(write, writes, _MUTATIONS, over)),
            asyncio.create_task(paced(probe, probes, 5, over)),
        ]
        await asyncio.sleep(seconds)
        over.set()
        await asyncio.wait(beside)
        held = gateway.usage()
    await stage.platform.ask("delay=0")
    stage.say(f"  lists {dict(lists.codes)}, mutations {dict(writes.codes)}, {held}")
    return [
        Figure(what="lists a second, no more asked than answered", value=capacity, unit="/s"),
        Figure(
            what="mutations at three times that, p95",
            value=writes.percentile(0.95),
            unit="ms",
            most=1_000,
        ),
        Figure(what="mutations that failed", value=writes.failed, most=0),
        Figure(what="/readyz, p95", value=probes.percentile(0.95), unit="ms"),
        Figure(what="/readyz other than 200", value=probes.failed, most=0),
        Figure(what="lists answered or shed at once, p95", value=lists.percentile(0.95), unit="ms"),
        Figure(what="lists shed", value=lists.failed / max(1, len(lists.seconds)) * 100, unit="%"),
    ]


async def _capacity(stage: Stage, asking: Caller) -> float:
    """Lists a second of callers who each wait for their answer."""
    seconds = 3.0
    until, done = time.monotonic() + seconds, 0

    async def one(place: int) -> None:
        nonlocal done
        number = place
        while time.monotonic() < until:
            number += _CALLERS
            _ = (await asking.ask(_LIST, _variables(stage, number))).data
            done += 1

    await asyncio.gather(*(one(place) for place in range(_CALLERS)))
    return done / seconds


def _variables(stage: Stage, number: int) -> dict[str, Any]:
    """Each list differs: nobody's answer serves another."""
    shop = list(SHOPS)[number % len(SHOPS)]
    created = stage.rows.created_at(number * 7_919 % stage.size.orders)
    before = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(created))
    return {"filter": {"shops": [shop], "createdTo": before}}


ROWS: Final = (
    Row(
        name="overload",
        title="three times capacity",
        measure=overload,
        because="A mutation takes some 20 turns of the store's connections, and at each of them"
        " waits for the processor, which queries have most of.",
    ),
)
