"""An index of orders to write to, and orders for it."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from gateway.store.crypto import Vault
from gateway.store.engine import Database
from gateway.store.index_tables import index_order_sums
from gateway.store.indexed_orders import IndexedOrders, OrderEntry, OrderLineEntry
from gateway.store.mirrors import Mirror, Mirrors
from gateway.store.order_questions import OrderQuestion
from gateway.store.order_statistics import OrderStatistics
from tests.store.conftest import Clock
from tests.store.samples import KEY

VAULT = Vault(bytes.fromhex(KEY))
#: 2026-03-01 in China.
MARCH = 1_772_294_400
DAY = 86_400


def line(code: str | None = "TEE-RED", product: str = "p1", units: int = 1) -> OrderLineEntry:
    return OrderLineEntry(platform_product_id=product, code=code, units=units, total=units * 990)


def entry(platform_id: str, **changes: Any) -> OrderEntry:
    """Answer an order with one line."""
    made = OrderEntry(
        shop="mini",
        platform_id=platform_id,
        created_at=MARCH,
        updated_at=None,
        paid_at=None,
        status="PAID",
        total=990,
        refunded=0,
        open_after_sale=False,
        buyer=None,
        phone=None,
        receiver=None,
        texts=["纯棉连衣裙"],
        lines=[line()],
        document=None,
        personal=None,
        seen_at=1.0,
    )
    return replace(made, **changes)


@dataclass
class Index:
    """The repositories over one database."""

    database: Database
    orders: IndexedOrders
    statistics: OrderStatistics
    mirrors: Mirrors

    async def put(self, *entries: OrderEntry) -> None:
        async with self.database.transaction() as transaction:
            await self.orders.put(transaction, entries)

    async def mirror(self, shop: str, platform_id: str, to_shop: str, to_id: str) -> None:
        """Make an order a copy."""
        copied = Mirror(shop=shop, platform_id=platform_id, to_shop=to_shop, to_platform_id=to_id)
        async with self.database.transaction() as transaction:
            await self.mirrors.put(transaction, copied)
            await self.orders.mark_copies(transaction, to_shop, [to_id])

    async def ids(self, question: OrderQuestion | None = None, shop: str = "mini") -> list[str]:
        """Answer the ids of the first page."""
        asked = question or OrderQuestion(shops=[shop])
        page = await self.orders.page(shop, asked, None, 100)
        return [one.platform_id for one in page.items]

    async def sums(self) -> dict[tuple[Any, ...], int]:
        """Answer the rows of the sums that are not empty, without their slots."""
        key = ("shop", "basis", "day", "status", "original_shop")
        found: Counter[tuple[Any, ...]] = Counter()
        for row in await self.database.fetch(select(index_order_sums)):
            for name in ("orders", "units", "total", "refunded"):
                found[*(getattr(row, one) for one in key), name] += int(getattr(row, name))
        return {name: amount for name, amount in found.items() if amount}


@asynccontextmanager
async def opened(url: str, clock: Clock, few: int) -> AsyncIterator[Index]:
    """Answer an index that sorts so many orders that it finds, and reads more in their order."""
    database = Database(url, clock=clock)
    orders = IndexedOrders(database, VAULT, few=few)
    statistics = OrderStatistics(database, VAULT, few=few)
    yield Index(database, orders, statistics, Mirrors(database, VAULT))
    await database.close()
