"""A change that was done is told as done, whatever keeps the gateway from looking at it."""

import asyncio
import time

from gateway.errors import Overloaded
from gateway.platform_kit.writes import read_back
from gateway.upstream.limits import UpstreamLimits
from tests.upstream.clients import playing
from tests.upstream.rows import GOT, READ, WRITE, Ask, Order
from tests.upstream.server import answer


async def test_what_was_written_is_read_afresh() -> None:
    async with playing(lambda _: answer(GOT)) as (client, played):
        await client.call(READ, Ask())
        found = await read_back(client, READ, Ask(), None)

    assert found is not None
    assert found.value.order == Order("7", 5)
    assert len(played.received) == 2


async def test_nothing_is_read_past_the_deadline() -> None:
    async with playing(lambda _: answer(GOT)) as (client, played):
        assert await read_back(client, READ, Ask(), time.monotonic() - 1) is None

    assert played.received == []


async def test_nothing_is_read_while_too_many_wait() -> None:
    limits = UpstreamLimits(max_connections=1)
    async with playing(lambda _: answer(GOT, wait=5.0), limits=limits) as (client, _):
        calls = [asyncio.create_task(client.call(WRITE, Ask())) for _ in range(1_002)]
        (refused,), waiting = await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
        found = await read_back(client, READ, Ask(), None)
        for call in waiting:
            call.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    assert isinstance(refused.exception(), Overloaded)
    assert found is None
