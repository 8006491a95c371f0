"""Several processes on one PostgreSQL and one Redis: whoever hears of an order, all tell it."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
import pytest

from tests.cli.command import gateway, serving
from tests.cli.conftest import Configure
from tests.cli.test_serve import address_of
from tests.feed.subscribers import Events, following
from tests.fixtures_redis import RedisServer
from tests.fixtures_sandbox import Sandbox
from tests.wechat.deliveries import TOKEN, merchant_order, plain, target

OPEN = '[auth]\nmode = "open"\n'
CHANGES = "subscription { orderChanged { cursor order { platformId status } } }"


def hear_events(configuration: Path) -> Path:
    """Let the first shop take messages; answer the folder."""
    text = configuration.read_text()
    shop = 'key = "flagship"\n'
    configuration.write_text(text.replace(shop, f'{shop}event_token = "{TOKEN}"\n'))
    return configuration.parent


@asynccontextmanager
async def replicas(folder: Path, count: int) -> AsyncIterator[Sequence[httpx.AsyncClient]]:
    """Serve several processes of one configuration."""
    async with AsyncExitStack() as stack:
        clients = []
        for _ in range(count):
            running = stack.enter_context(serving("serve", "--port", "0", cwd=folder))
            address = await asyncio.to_thread(address_of, running)
            http = httpx.AsyncClient(base_url=address, timeout=60, trust_env=False)
            clients.append(await stack.enter_async_context(http))
        yield clients


async def pay(sandbox: Sandbox, http: httpx.AsyncClient) -> str:
    """Let an order be paid, and one process hear of it."""
    order = str((await asyncio.to_thread(sandbox.order))["order_id"])
    query, body = plain(merchant_order(order, at=int(time.time())))
    answer = await http.post(target("flagship", query), content=body)
    assert (answer.status_code, answer.text) == (200, "success")
    return order


async def told(events: Events) -> str:
    """The next order that a stream tells of."""
    return str((await events.next())["orderChanged"]["order"]["platformId"])


async def test_an_event_to_one_reaches_the_followers_of_the_other(
    configure: Configure, sandbox: Sandbox, postgres_url: str, own_redis: RedisServer
) -> None:
    more = f'{OPEN}[cache]\nurl = "{own_redis.url}"\n'
    store = f'url = "{postgres_url}"'
    folder = hear_events(configure(base_url=sandbox.base_url, store=store, more=more))
    assert gateway("migrate", cwd=folder).returncode == 0

    async with (
        replicas(folder, 2) as (one, other),
        following(one, CHANGES) as here,
        following(other, CHANGES) as there,
    ):
        order = await pay(sandbox, one)
        assert (await told(here), await told(there)) == (order, order)

        # For a while there is no Redis.
        own_redis.kill()
        meanwhile: list[str] = []
        for taker in (one, other) * 3:
            meanwhile.append(await pay(sandbox, taker))
            await asyncio.sleep(0.5)
        own_redis.start()
        meanwhile.append(await pay(sandbox, one))

        first = [await told(here) for _ in meanwhile]
        second = [await told(there) for _ in meanwhile]
        assert first == second
        assert sorted(first) == sorted(meanwhile)


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.long)])
async def test_a_stream_does_not_hold_up_the_end(
    workers: int, configure: Configure, sandbox: Sandbox, postgres_url: str, redis_url: str
) -> None:
    more = f'{OPEN}[cache]\nurl = "{redis_url}"\n'
    store = f'url = "{postgres_url}"'
    folder = configure(base_url=sandbox.base_url, store=store, more=more).parent
    assert gateway("migrate", cwd=folder).returncode == 0

    with serving("serve", "--port", "0", "--workers", str(workers), cwd=folder) as running:
        address = await asyncio.to_thread(address_of, running)
        async with (
            httpx.AsyncClient(base_url=address, timeout=60, trust_env=False) as http,
            following(http, CHANGES) as events,
        ):
            ending = asyncio.create_task(asyncio.to_thread(running.end, signal.SIGTERM))
            # Not `complete`: the client shall connect again.
            with pytest.raises(AssertionError, match="the stream ended"):
                await events.take()
            status = await ending

    assert status == 0
    # uvicorn's word for having waited for all of the time that requests are given.
    assert "timeout graceful shutdown exceeded" not in running.output
