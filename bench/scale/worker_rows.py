"""A row about processes: what two do beside one, on PostgreSQL."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any, Final

from bench.scale.callers import caller
from bench.scale.databases import POSTGRES
from bench.scale.figures import Figure, Row
from bench.scale.intake_rows import inputs
from bench.scale.order_inputs import IMPORT, OrderInputs
from bench.scale.stage import Stage
from tests.fixtures_redis import RedisServer

_CALLERS: Final = 24
_SECONDS: Final = 6.0


async def workers(stage: Stage) -> Sequence[Figure]:
    """Single imports a second by one process and by two."""
    await stage.platform.ask("reset=1&delay=0.01")
    rates = []
    redis = RedisServer()
    await asyncio.to_thread(redis.start)
    try:
        for count in (1, 2):
            sections: dict[str, Any] = {"server": {"workers": count}, "cache": {"url": redis.url}}
            async with stage.gateway(**sections) as gateway:
                rates.append(await _rate(gateway.url, inputs(stage)))
    finally:
        redis.kill()
    done = await stage.platform.ask()
    return [
        Figure(what="imports by one process", value=rates[0], unit="/s"),
        Figure(what="imports by two", value=rates[1], unit="/s"),
        Figure(what="times as many", value=rates[1] / rates[0]),
        Figure(what="sent twice", value=done["twice"], most=0, exact=True),
    ]


async def _rate(url: str, orders: OrderInputs) -> float:
    until, done = 0.0, 0

    async def one(shop: str) -> None:
        nonlocal done
        # A caller of its own each: connections are what is spread over processes.
        async with caller(url) as asking:
            while time.monotonic() < until:
                _ = (await asking.ask(IMPORT, {"input": orders.one(shop)})).data
                done += 1

    until = time.monotonic() + _SECONDS
    began = time.monotonic()
    await asyncio.gather(*(one(("mini", "swan")[number % 2]) for number in range(_CALLERS)))
    return done / (time.monotonic() - began)


ROWS: Final = (
    Row(
        name="workers",
        title="gateway serve --workers",
        measure=workers,
        databases=(POSTGRES,),
        short=False,
    ),
)
