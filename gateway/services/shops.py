"""Shops in the ledger, and how far their indexes reach."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from gateway.index.reach import ORDERS
from gateway.ports import ReadOptions
from gateway.services.directory import Directory
from gateway.services.viewer import Viewer
from gateway.store.index_progress import IndexReach
from gateway.store.indexed_products import ProductQuestion
from gateway.store.order_questions import OrderQuestion
from gateway.store.store import Store
from schema.shop import ShopIndex


class ShopService:
    """Reads shops from the ledger; `indexed`: there is an index."""

    def __init__(self, directory: Directory, store: Store, *, indexed: bool) -> None:
        self._directory = directory
        self._store = store
        self._indexed = indexed

    async def cart_paths(self, keys: Sequence[str], viewer: Viewer) -> list[str | None]:
        """The page behind each shop's cart button; None if none was set."""
        seen = [key for key in keys if self._directory.find(key, viewer) is not None]
        found = await self._store.shops.get_many(seen)
        return [found[key].cart_path if key in found else None for key in keys]

    async def order_center_path(self, key: str, viewer: Viewer, reading: ReadOptions) -> str | None:
        """The page that the platform's order centre opens; None if there is none.

        Raises:
            PlatformFailure: the platform failed.
        """
        adapter = self._directory.find(key, viewer)
        if adapter is None or adapter.order_center is None:
            return None
        return await adapter.order_center.path(reading)

    async def indexes(self, keys: Sequence[str], viewer: Viewer) -> list[ShopIndex | None]:
        """How far each shop's index reaches; None if there is none.

        Raises:
            StoreUnavailable: the store cannot be read.
        """
        seen = [key for key in dict.fromkeys(keys) if self._is_indexed(key, viewer)]
        reaches = await self._store.index_progress.of_shops(ORDERS[0], seen)
        found = dict(
            zip(
                seen,
                await asyncio.gather(*(self._index(key, reaches.get(key)) for key in seen)),
                strict=True,
            )
        )
        return [found.get(key) for key in keys]

    def _is_indexed(self, key: str, viewer: Viewer) -> bool:
        adapter = self._directory.find(key, viewer)
        return self._indexed and adapter is not None and adapter.orders is not None

    async def _index(self, shop: str, reach: IndexReach | None) -> ShopIndex:
        reach = reach or IndexReach(shop=shop, kind=ORDERS[0])
        # 0: everything that there is.
        from_ = reach.complete_from
        return ShopIndex(
            orders=await self._store.indexed_orders.count([shop], OrderQuestion(shops=[shop])),
            products=await self._store.indexed_products.count(shop, ProductQuestion()),
            complete_from=_moment(from_) if from_ else None,
            in_step_at=None if reach.in_step_at is None else _moment(reach.in_step_at),
            backfill=None if reach.done else _share(reach),
        )


def _share(reach: IndexReach) -> float:
    return min(1.0, reach.seen / reach.expected) if reach.expected else 0.0


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
