"""Index reconciliation: compares with the platform what the reconciler's window does not show."""

from collections.abc import Callable, Sequence
from typing import Final

from gateway.index.fresh_reads import PAGE, asked_before, read_orders
from gateway.index.reach import EVERYTHING, ORDERS, PRODUCTS
from gateway.index.recorder import BATCH
from gateway.index.writer import IndexWriter, ReadAfterSale, ReadOrder, ReadProduct
from gateway.ports import (
    Adapter,
    IndexesAfterSales,
    ListsChangedOrders,
    OrderQuery,
    ProductQuery,
    ReadOptions,
    ReadsOrders,
    ReadsProducts,
)
from gateway.store.index_pages import IndexPlace
from gateway.store.index_progress import IndexReach
from gateway.store.indexed_products import ProductQuestion
from gateway.store.order_questions import OrderQuestion
from gateway.store.store import Store
from schema.after_sale import AfterSale
from schema.order_status import OrderStatus
from schema.product import Product
from schema.product_status import ProductStatus

#: Seconds by which a platform's clock may differ from ours.
CLOCK_SKEW: Final = 60.0
#: An order of these statuses changes no more, except into a dispute.
_SETTLED: Final = frozenset({OrderStatus.COMPLETED, OrderStatus.CLOSED, OrderStatus.REFUNDED})
#: What progress calls after-sales.
_AFTER_SALES: Final = ORDERS[1]
#: A list by one of them would not be narrower than that of all.
_UNLISTED: Final = frozenset({OrderStatus.UNKNOWN, OrderStatus.HIDDEN})


class IndexReconciliation:
    """Compares one shop after another; the caller holds the shop's lease.

    `now` gives unix seconds.
    """

    def __init__(self, store: Store, writer: IndexWriter, now: Callable[[], float]) -> None:
        self._store = store
        self._writer = writer
        self._now = now

    async def reconcile(self, adapter: Adapter, recent_from: int) -> None:
        """Brings the index of a shop in step, of whose orders those from `recent_from` on are.

        Of the older ones those that are not settled are compared, by their status: a settled one
        changes into a dispute only, and then it is not settled.

        Raises:
            StoreUnavailable: the store cannot be read or written.
            PlatformFailure | Overloaded: the platform cannot be read now.
        """
        # First: lines of orders may lack the codes of their SKUs.
        await self.products(adapter)
        began = self._now()
        if adapter.index_after_sales is not None:
            await self._after_sales(adapter.shop.key_name, adapter.index_after_sales, began)
        if adapter.index_orders is not None and adapter.orders is not None:
            shop = adapter.shop.key_name
            if adapter.changed_orders is None:
                await self._older_orders(shop, adapter.orders, recent_from)
            else:
                await self._changed_orders(shop, adapter.orders, adapter.changed_orders)
            await self._in_step(adapter.shop.key_name, ORDERS, began)

    async def products(self, adapter: Adapter) -> None:
        """Brings the products of a shop in step, if its platform keeps them; raises as above."""
        if adapter.index_products is None or adapter.products is None:
            return
        shop, began = adapter.shop.key_name, self._now()
        await self._products(shop, adapter.products)
        reach = IndexReach(
            shop=shop, kind=PRODUCTS, complete_from=EVERYTHING, in_step_at=began, done=True
        )
        async with self._store.transaction(bulk=True) as transaction:
            await self._store.index_progress.put(transaction, reach)

    async def _changed_orders(
        self, shop: str, port: ReadsOrders, changed: ListsChangedOrders
    ) -> None:
        """Reads what changed since the index was in step; mostly it was just read."""
        known = await self._store.index_progress.of_shops(ORDERS[0], [shop])
        if shop not in known or (since := known[shop].in_step_at) is None:
            return
        reading = ReadOptions(strict=True)
        ids = await changed.changed(int(since - CLOCK_SKEW), reading)
        for begin in range(0, len(ids), BATCH):
            # What is in the cache was read a moment ago.
            began = self._now() - CLOCK_SKEW
            found = await port.get_many(ids[begin : begin + BATCH], reading)
            await self._put_orders([ReadOrder(order, began) for order in found.values()])

    async def _older_orders(self, shop: str, port: ReadsOrders, recent_from: int) -> None:
        listed: set[str] = set()
        for status in OrderStatus:
            if status in _SETTLED or status in _UNLISTED:
                continue
            query = OrderQuery(statuses=frozenset({status}))
            read = await read_orders(port, query, self._now)
            listed |= {one.order.platform_id for one in read}
            await self._put_orders(read)
        moved = [id_ for id_ in await self._open(shop, recent_from) if id_ not in listed]
        for begin in range(0, len(moved), BATCH):
            began = self._now()
            found = await port.get_many(
                moved[begin : begin + BATCH], ReadOptions(fresh=True, strict=True)
            )
            await self._put_orders([ReadOrder(order, began) for order in found.values()])

    async def _after_sales(self, shop: str, port: IndexesAfterSales, began: float) -> None:
        """Takes in the after-sales that changed since they were last compared."""
        reach = (await self._store.index_progress.of_shops(_AFTER_SALES, [shop])).get(shop)
        if reach is None or reach.in_step_at is None:
            # The back-fill has not begun: it reads them.
            return
        begin = int(reach.in_step_at - CLOCK_SKEW)
        changed = await port.changed(begin, int(began), ReadOptions(fresh=True, strict=True))
        await put_after_sales(self._store, self._writer, changed, began)

    async def _open(self, shop: str, recent_from: int) -> list[str]:
        """The older orders that the index has as not settled."""
        question = OrderQuestion(
            shops=[shop],
            statuses=[status.name for status in OrderStatus if status not in _SETTLED],
            created_to=recent_from - 1,
        )
        after: IndexPlace | None = None
        ids: list[str] = []
        while True:
            page = await self._store.indexed_orders.page(shop, question, after, PAGE)
            ids += [one.platform_id for one in page.items]
            if not page.more or not page.items:
                return ids
            after = page.items[-1].place

    async def _put_orders(self, read: Sequence[ReadOrder]) -> None:
        for begin in range(0, len(read), BATCH):
            async with self._store.transaction(bulk=True) as transaction:
                await self._writer.put_read_orders(transaction, read[begin : begin + BATCH])

    async def _products(self, shop: str, port: ReadsProducts) -> None:
        began = self._now()
        after: str | None = None
        there: set[str] = set()
        while True:
            reading = ReadOptions(fresh=after is None, strict=True)
            page = await port.page(ProductQuery(), after, PAGE, reading)
            asked_at = began if after is None else asked_before(page.provenance, began)
            there |= {product.platform_id for product in page.items}
            await self._put_products(page.items, asked_at)
            if not page.more or not page.items:
                break
            after = page.items[-1].platform_id
        gone = [id_ for id_ in await self._indexed_products(shop, began) if id_ not in there]
        for begin in range(0, len(gone), BATCH):
            async with self._store.transaction(bulk=True) as transaction:
                some = gone[begin : begin + BATCH]
                await self._writer.remove_products(transaction, shop, some)

    async def _indexed_products(self, shop: str, before: float) -> list[str]:
        """The products that the index has since before that time."""
        after: IndexPlace | None = None
        ids: list[str] = []
        while True:
            page = await self._store.indexed_products.page(shop, ProductQuestion(), after, PAGE)
            ids += [one.place.platform_id for one in page.items if one.seen_at < before]
            if not page.more or not page.items:
                return ids
            after = page.items[-1].place

    async def _put_products(self, products: Sequence[Product], asked_at: float) -> None:
        read = [
            ReadProduct(product, asked_at, product.known_status or ProductStatus.UNKNOWN)
            for product in products
        ]
        for begin in range(0, len(read), BATCH):
            async with self._store.transaction(bulk=True) as transaction:
                await self._writer.put_read_products(transaction, read[begin : begin + BATCH])

    async def _in_step(self, shop: str, kinds: Sequence[str], began: float) -> None:
        async with self._store.transaction(bulk=True) as transaction:
            for kind in kinds:
                await self._store.index_progress.in_step(transaction, kind, shop, began)


async def put_after_sales(
    store: Store, writer: IndexWriter, after_sales: Sequence[AfterSale], seen_at: float
) -> None:
    """Indexes after-sales that platforms keep, in small transactions; raises StoreUnavailable."""
    for begin in range(0, len(after_sales), BATCH):
        some = [ReadAfterSale(one, seen_at) for one in after_sales[begin : begin + BATCH]]
        async with store.transaction(bulk=True) as transaction:
            await writer.put_read_after_sales(transaction, some)
