"""Rows about taking orders in: one by one, many a call, beside others, and by a slow platform."""

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from bench.scale.callers import Caller, Reply, Times, caller, paced
from bench.scale.figures import Figure, Row
from bench.scale.order_inputs import IMPORT, IMPORT_MANY, OrderInputs
from bench.scale.served_gateway import ServedGateway
from bench.scale.stage import Stage

#: Orders of a call that imports many.
_MANY: Final = 500
#: Callers at a time that import one order each.
_CALLERS: Final = 16
#: Seconds for which one kind of import is measured.
_SECONDS: Final = 8.0
#: Seconds that a slow platform takes for a call.
_SLOW: Final = 0.2
#: Seconds that the deliveries of what was accepted may take after it.
_DELIVERED_WITHIN: Final = 60.0
_LIST: Final = "{ orders(first: 20) { nodes { id status total { fen } } } }"


def inputs(stage: Stage) -> OrderInputs:
    """Orders that no other row has made."""
    stage.added += 1
    return OrderInputs(f"row{stage.added}")


async def imports(stage: Stage) -> Sequence[Figure]:
    """Orders a second of a platform that answers at once."""
    await stage.platform.ask("reset=1&delay=0")
    seconds = _SECONDS / 2 if stage.short else _SECONDS
    orders = inputs(stage)
    async with stage.gateway() as gateway, caller(gateway.url) as asking:
        await asking.ask(IMPORT, {"input": orders.one("mini")})
        single = await _singles(asking, orders, seconds)
        many = [
            await _delivered(stage, asking, orders, shop, seconds / 2) for shop in ("mini", "swan")
        ]
        adopted = await _adopted(gateway, asking, orders, seconds / 2)
    done = await stage.platform.ask()
    stage.costs["processor per million orders adopted, s"] = adopted[1] * 1e6
    return [
        Figure(what="one a call, 16 callers", value=single, unit="/s", today="22 /s"),
        Figure(
            what="500 a call, the platform takes ten",
            value=many[0],
            unit="/s",
            today="37 to 75 /s",
            least=500,
        ),
        Figure(
            what="500 a call, the platform takes one",
            value=many[1],
            unit="/s",
            today="37 to 75 /s",
            least=500,
        ),
        Figure(what="adopt", value=adopted[0], unit="/s", today="109 /s", least=2_000),
        Figure(what="sent twice", value=done["twice"], most=0, exact=True),
    ]


async def _singles(asking: Caller, orders: OrderInputs, seconds: float) -> float:
    until, done = time.monotonic() + seconds, itertools.count()

    async def one(shop: str) -> None:
        while time.monotonic() < until:
            _ = (await asking.ask(IMPORT, {"input": orders.one(shop)})).data
            next(done)

    began = time.monotonic()
    await asyncio.gather(*(one(("mini", "swan")[number % 2]) for number in range(_CALLERS)))
    return next(done) / (time.monotonic() - began)


async def _delivered(
    stage: Stage, asking: Caller, orders: OrderInputs, shop: str, seconds: float
) -> float:
    """Orders a second, from the first call until the platform has all of them."""
    had = (await stage.platform.ask())["orders"]
    began = time.monotonic()
    sent = 0
    while time.monotonic() < began + seconds:
        reply = await asking.ask(IMPORT_MANY, {"input": orders.many(shop, _MANY)})
        sent += len(_pushes(reply))
    until = time.monotonic() + _DELIVERED_WITHIN
    while (await stage.platform.ask())["orders"] < had + sent:
        if time.monotonic() > until:
            raise RuntimeError(f"{shop}: what was imported is not delivered")
        await asyncio.sleep(0.05)
    return sent / (time.monotonic() - began)


def _pushes(reply: Reply) -> list[dict[str, Any]]:
    """The pushes of an import, all of which was accepted.

    Raises:
        ValueError: something was refused.
    """
    done = reply.data["done"]
    if done["userErrors"]:
        raise ValueError(f"refused: {done['userErrors'][:2]}")
    pushes: list[dict[str, Any]] = done["pushes"]
    return pushes


async def _adopted(
    gateway: ServedGateway, asking: Caller, orders: OrderInputs, seconds: float
) -> tuple[float, float]:
    """Orders a second, and the seconds of processor for each."""
    used = gateway.usage().processor
    began, done = time.monotonic(), 0
    while time.monotonic() < began + seconds:
        given = orders.many("mini", _MANY, adopt=True)
        _ = _pushes(await asking.ask(IMPORT_MANY, {"input": given}))
        done += _MANY
    taken = time.monotonic() - began
    return done / taken, (gateway.usage().processor - used) / done


async def beside(stage: Stage) -> Sequence[Figure]:
    """Two imports of 500 at a time, again and again, beside single imports, lists and probes."""
    await stage.platform.ask("reset=1&delay=0.01")
    rounds = 2 if stage.short else 4
    orders = inputs(stage)
    writes, reads, probes, many = Times(), Times(), Counter[int](), Times()
    over = asyncio.Event()
    async with stage.gateway() as gateway, caller(gateway.url) as asking:

        async def write(number: int) -> Reply:
            return await asking.ask(
                IMPORT, {"input": orders.one(("mini", "swan", "mini-3")[number % 3])}
            )

        async def read(_number: int) -> Reply:
            return await asking.ask(_LIST)

        async def probe() -> None:
            while not over.is_set():
                probes[await asking.status("/readyz")] += 1
                await asyncio.sleep(0.1)

        async def bulk(shop: str) -> None:
            for _ in range(rounds):
                given = orders.many(shop, _MANY)
                many.note(await asking.ask(IMPORT_MANY, {"input": given}))

        others = [
            asyncio.create_task(paced(write, writes, 15, over)),
            asyncio.create_task(paced(read, reads, 15, over)),
            asyncio.create_task(probe()),
        ]
        try:
            await asyncio.gather(bulk("mini"), bulk("swan"))
        finally:
            over.set()
            await asyncio.wait(others)
    await stage.platform.ask("delay=0")
    codes = writes.codes + reads.codes + many.codes
    stage.say(f"  {dict(codes)}, /readyz {dict(probes)}")
    return _of_others(writes, reads, many, probes)


def _of_others(writes: Times, reads: Times, many: Times, probes: Counter[int]) -> Sequence[Figure]:
    """What single imports, lists and probes took beside imports of 500."""
    codes = writes.codes + reads.codes + many.codes
    return [
        Figure(
            what="single imports beside it, p95",
            value=writes.percentile(0.95),
            unit="ms",
            today="9 s",
            most=1_000,
        ),
        Figure(what="lists beside it, p95", value=reads.percentile(0.95), unit="ms", today="9 s"),
        Figure(what="an import of 500, median", value=many.percentile(0.5), unit="ms"),
        Figure(
            what="told as an outage (STORE_UNAVAILABLE)",
            value=codes["STORE_UNAVAILABLE"],
            today="two at once",
            most=0,
            exact=True,
        ),
        Figure(what="single imports that failed", value=writes.failed, today="", most=0),
        Figure(
            what="/readyz other than 200",
            value=probes.total() - probes[200],
            today="503",
            most=0,
        ),
    ]


async def slow(stage: Stage) -> Sequence[Figure]:
    """500 orders in one call for a platform that takes 200 ms for each."""
    reply = await _of_slow_platform(stage)
    pushes = _pushes(reply) if reply.code == "OK" else []
    states = Counter(push["state"] for push in pushes)
    stage.say(f"  {reply.code}: {dict(states)}")
    return [
        Figure(what="until the answer", value=reply.seconds, unit="s", today="22 s", most=10),
        Figure(
            what="orders whose push the answer does not name",
            value=_MANY - len(pushes),
            today="TIMEOUT without ids",
            most=0,
            exact=True,
        ),
    ]


async def later(stage: Stage) -> Sequence[Figure]:
    """The same, where the caller does not want to wait for deliveries."""
    reply = await _of_slow_platform(stage, deliverLater=True)
    return [
        Figure(what="until the answer", value=reply.seconds, unit="s", today="22 s", most=2),
        Figure(
            what="orders whose push the answer does not name",
            value=_MANY - len(_pushes(reply)),
            most=0,
            exact=True,
        ),
    ]


async def _of_slow_platform(stage: Stage, **changes: Any) -> Reply:
    orders = inputs(stage)
    await stage.platform.ask(f"reset=1&delay={_SLOW}")
    try:
        async with stage.gateway() as gateway, caller(gateway.url) as asking:
            given = orders.many("swan", _MANY, **changes)
            return await asking.ask(IMPORT_MANY, {"input": given})
    finally:
        await stage.platform.ask("delay=0")


ROWS: Final = (
    Row(
        name="imports",
        title="imports through the API, platform at 0 ms",
        measure=imports,
        because="An order takes about a millisecond of one core: its input, the rows of the ledger"
        " and those of the index.",
    ),
    Row(name="beside", title="ordersImport of 500, two at a time", measure=beside),
    Row(name="slow", title="ordersImport of 500, platform at 200 ms", measure=slow),
    Row(name="later", title="the same with deliverLater", measure=later),
)
