"""A running gateway drops its cached answers once a buyer was erased, by whomever."""

import time
from pathlib import Path
from typing import Final

from gateway.runtime.erased_caches import ErasedCaches
from gateway.store.store import Store
from tests.fixtures_ledger import NOW
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import KEY, Serve
from tests.waiting import eventually

READ: Final = """
{ orders(first: 1, filter: {shops: ["flagship"]}) { nodes { buyer { openId } } } }
"""


async def erase(store: Store) -> None:
    """Erase somebody, as `gateway erase buyer` does."""
    await store.personal.erase_buyer("flagship", "somebody")


async def test_only_a_new_erasure_drops_the_caches(ledger: Store) -> None:
    await erase(ledger)
    dropped: list[float] = []
    caches = ErasedCaches(ledger.personal.erasures, lambda: dropped.append(NOW))
    await caches.once()
    await caches.once()
    assert dropped == []

    await erase(ledger)
    await caches.once()
    await caches.once()
    assert dropped == [NOW]


async def test_a_running_gateway_reads_the_platform_again(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    async with serve(cache={"orders_ttl": 600}) as client:
        first = await client.ask(READ)
        again = await client.ask(READ)
        before = sandbox.counts()["/merchant/order/getbyfilter"]
        store = await Store.open(
            f"sqlite:///{tmp_path}/gateway.db", encryption_key=KEY, clock=time.time
        )
        await erase(store)
        await store.close()

        async def reads_again() -> bool:
            await client.ask(READ)
            return sandbox.counts()["/merchant/order/getbyfilter"] > before

        assert await eventually(reads_again)
    assert first.data == again.data
