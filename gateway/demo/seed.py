"""Fills the ledger with what the sandbox's platforms hold from the start."""

from collections.abc import Sequence
from typing import Final

from gateway.demo.shops import DemoShop
from gateway.sandbox.sample_shop import SampleShop
from gateway.store.orders import OrderQuery
from gateway.store.store import Store

_EVERY_ORDER: Final = OrderQuery()


async def seed_ledger(store: Store, shops: Sequence[DemoShop], sample: SampleShop) -> bool:
    """Bring the sample shop into an empty ledger.

    All in one transaction, so that the ledger has either everything or nothing of it.

    Returns:
        Whether anything was written: a ledger that has orders of these shops is left alone.
    """
    for shop in shops:
        if await store.orders.count(shop.key, _EVERY_ORDER):
            return False
    async with store.transaction() as transaction:
        for shop in shops:
            await shop.seed(store, transaction, shop.key, sample)
    return True
