"""Index writer: puts what was read or written into the index, in its caller's transaction."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

import structlog

from gateway.errors import LedgerUnreadable
from gateway.index.entries import (
    Codes,
    SkuName,
    codeless_products,
    codeless_stored,
    own_after_sale_entry,
    read_after_sale_entry,
    read_order_entry,
    read_product_entry,
    stored_after_sale_entries,
    stored_order_entry,
    stored_product_entry,
)
from gateway.ledger.order_times import KnownOrderTimes
from gateway.ports import Adapter
from gateway.store.documents import AfterSaleDocument, FoundPersonal, OrderDocument
from gateway.store.engine import Transaction
from gateway.store.indexed_after_sales import AfterSaleIndexEntry, SeenOrder
from gateway.store.indexed_order_rows import OrderEntry, OrderName
from gateway.store.indexed_products import ProductIndexEntry
from gateway.store.products import StoredProduct
from gateway.store.store import Store
from schema.after_sale import AfterSale
from schema.order import Order
from schema.product import Product
from schema.product_status import ProductStatus

_log = structlog.stdlib.get_logger(__name__)


class ReadOrder(NamedTuple):
    """An order that was read from its platform, and when that was asked, in unix seconds."""

    order: Order
    seen_at: float


class ReadAfterSale(NamedTuple):
    """An after-sale that was read from its platform, and when that was asked, in unix seconds."""

    after_sale: AfterSale
    seen_at: float


class ReadProduct(NamedTuple):
    """A product that was read from its platform, and when that was asked, in unix seconds."""

    product: Product
    seen_at: float
    #: For a product without one, because the platform told it alone; None: the one that is
    #: indexed.
    status: ProductStatus | None = None


class WrittenOrder(NamedTuple):
    """An order of the ledger with its after-sales, and when it was written, in unix seconds."""

    document: OrderDocument
    personal: FoundPersonal
    after_sales: Sequence[AfterSaleDocument]
    written_at: float
    #: Whether the ledger had no such order before.
    is_new: bool = False


class IndexWriter:
    """Writes the index of the shops; every method raises StoreUnavailable."""

    def __init__(self, store: Store, adapters: Mapping[str, Adapter]) -> None:
        self._store = store
        self._adapters = adapters

    async def put_read_orders(self, transaction: Transaction, read: Iterable[ReadOrder]) -> None:
        """Indexes orders that platforms keep, unless what is indexed was seen later."""
        read = await self._timed(transaction, read)
        codes = await self._codes(
            transaction,
            ((one.order.key.shop, codeless_products(one.order.items)) for one in read),
        )
        orders: list[OrderEntry] = []
        after_sales: list[AfterSaleIndexEntry] = []
        for one in read:
            entry = self._of_order(one, codes[one.order.key.shop])
            if entry is not None:
                orders.append(entry[0])
                after_sales += entry[1]
        await self._put_orders(transaction, orders, after_sales)

    async def put_read_after_sales(
        self, transaction: Transaction, read: Iterable[ReadAfterSale]
    ) -> None:
        """Indexes after-sales that platforms keep, unless what is indexed was seen later."""
        entries = [entry for one in read if (entry := self._of_after_sale(one)) is not None]
        await self._store.indexed_after_sales.put(transaction, entries)

    async def put_written_orders(
        self,
        transaction: Transaction,
        shop: str,
        written: Iterable[WrittenOrder],
        *,
        coded: bool = False,
    ) -> None:
        """Indexes orders of the ledger as they were written.

        One whose personal data cannot be decrypted is indexed without it. `coded`: the lines have
        the codes that the ledger's products tell.
        """
        written = list(written)
        adapter = self._adapters.get(shop)
        codes: Codes = {}
        if not coded or adapter is None or adapter.index_products is not None:
            # A platform's products are in the index alone.
            wanted = ((shop, codeless_stored(one.document.items)) for one in written)
            codes = (await self._codes(transaction, wanted))[shop]
        implied = {} if adapter is None else adapter.traits.implied_after_sales
        orders: list[OrderEntry] = []
        after_sales: list[AfterSaleIndexEntry] = []
        for one in written:
            found = one.personal
            personal = None if isinstance(found, LedgerUnreadable) else found
            subs = stored_after_sale_entries(
                shop, one.document, personal, one.after_sales, implied, one.written_at
            )
            orders.append(
                stored_order_entry(shop, one.document, personal, subs, codes, one.written_at)
            )
            after_sales += subs
        new = {(shop, one.document.platform_id, "") for one in written if one.is_new}
        await self._put_orders(transaction, orders, after_sales, new)

    async def remove_orders(
        self, transaction: Transaction, shop: str, ids: Collection[str]
    ) -> None:
        """Removes orders that no longer exist, with their after-sales."""
        if ids:
            await self._store.indexed_after_sales.remove_of_orders(transaction, shop, ids)
            await self._store.indexed_orders.remove(transaction, shop, ids)

    async def mark_copies(self, transaction: Transaction, shop: str, ids: Collection[str]) -> None:
        """Records of indexed orders which ones are copies, as the mirrors say now."""
        await self._store.indexed_orders.mark_copies(transaction, shop, ids)

    async def put_read_products(
        self, transaction: Transaction, read: Iterable[ReadProduct]
    ) -> None:
        """Indexes products that platforms keep, unless what is indexed was seen later.

        One whose status is not known is left to the next comparison with the platform.
        """
        known = [(one, one.product.known_status or one.status) for one in read]
        unknown = defaultdict[str, list[str]](list)
        for one, status in known:
            if status is None:
                unknown[one.product.key.shop].append(one.product.platform_id)
        indexed = {
            (shop, id_): ProductStatus[status]
            for shop, ids in unknown.items()
            for id_, status in (
                await self._store.indexed_products.statuses(transaction, shop, ids)
            ).items()
        }
        entries = []
        for one, told in known:
            product = one.product
            status = told or indexed.get((product.key.shop, product.platform_id))
            entry = None if status is None else self._of_product(product, status, one.seen_at)
            if entry is not None:
                entries.append(entry)
        await self._store.indexed_products.put(transaction, entries)

    async def put_stored_products(
        self, transaction: Transaction, products: Iterable[StoredProduct]
    ) -> None:
        """Indexes products of the ledger."""
        entries = [stored_product_entry(product) for product in products]
        await self._store.indexed_products.put(transaction, entries)

    async def remove_products(
        self, transaction: Transaction, shop: str, ids: Collection[str]
    ) -> None:
        """Removes products that no longer exist."""
        await self._store.indexed_products.remove(transaction, shop, ids)

    async def _put_orders(
        self,
        transaction: Transaction,
        orders: Sequence[OrderEntry],
        after_sales: Sequence[AfterSaleIndexEntry],
        new: Collection[OrderName] = (),
    ) -> None:
        known = await self._store.indexed_orders.put(transaction, orders, new)
        # In the order of their keys, like locks: two transactions cannot deadlock. A new order has
        # none; and where the platform keeps after-sales of their own, an order does not say that
        # one is gone.
        seen = sorted(
            SeenOrder(one.shop, one.platform_id, one.part, one.seen_at)
            for one in orders
            if (one.shop, one.platform_id, one.part) in known
            and not self._has_own_after_sales(one.shop)
        )
        await self._store.indexed_after_sales.remove_seen_before(transaction, seen)
        await self._store.indexed_after_sales.put(transaction, after_sales)

    async def _timed(self, transaction: Transaction, read: Iterable[ReadOrder]) -> list[ReadOrder]:
        """With the times that the ledger knows, those that the transaction wrote among them."""
        by_shop = defaultdict[str, list[ReadOrder]](list)
        for one in read:
            by_shop[one.order.key.shop].append(one)
        timed = []
        for shop, mine in by_shop.items():
            times = KnownOrderTimes(self._store, shop)
            orders = await times.added([one.order for one in mine], within=transaction)
            timed += [
                ReadOrder(order, one.seen_at) for order, one in zip(orders, mine, strict=True)
            ]
        return timed

    async def _codes(
        self, transaction: Transaction, wanted: Iterable[tuple[str, Collection[str]]]
    ) -> defaultdict[str, dict[SkuName, str]]:
        """The codes of the SKUs of products, by shop; of those that are indexed."""
        products = defaultdict[str, set[str]](set)
        for shop, ids in wanted:
            products[shop] |= set(ids)
        codes = defaultdict[str, dict[SkuName, str]](dict)
        for shop, ids in products.items():
            codes[shop] = await self._store.indexed_products.codes(transaction, shop, ids)
        return codes

    def _of_order(
        self, read: ReadOrder, codes: Codes
    ) -> tuple[OrderEntry, list[AfterSaleIndexEntry]] | None:
        order, seen_at = read
        adapter = self._adapters.get(order.key.shop)
        port = None if adapter is None else adapter.index_orders
        if port is None or (order.key.part and order.created_at is None):
            # Lists have no order of a partner store that no event has announced.
            return None
        try:
            kept = port.split(order)
        except ValueError:
            _warn("order", order.key.shop, order.platform_id)
            return None
        after_sale = port.after_sale(order)
        entry = read_order_entry(order, kept, after_sale, codes, seen_at)
        if after_sale is None:
            return entry, []
        return entry, [read_after_sale_entry(after_sale, order, seen_at)]

    def _has_own_after_sales(self, shop: str) -> bool:
        adapter = self._adapters.get(shop)
        return adapter is not None and adapter.index_after_sales is not None

    def _of_after_sale(self, read: ReadAfterSale) -> AfterSaleIndexEntry | None:
        after_sale, seen_at = read
        adapter = self._adapters.get(after_sale.key.shop)
        port = None if adapter is None else adapter.index_after_sales
        if port is None:
            return None
        try:
            kept = port.split(after_sale)
        except ValueError:
            _warn("after-sale", after_sale.key.shop, after_sale.platform_id)
            return None
        return own_after_sale_entry(after_sale, kept, seen_at)

    def _of_product(
        self, product: Product, status: ProductStatus, seen_at: float
    ) -> ProductIndexEntry | None:
        adapter = self._adapters.get(product.key.shop)
        port = None if adapter is None else adapter.index_products
        if port is None:
            return None
        try:
            document = port.split(product)
        except ValueError:
            _warn("product", product.key.shop, product.platform_id)
            return None
        return read_product_entry(product, status, document, seen_at)


def _warn(kind: str, shop: str, platform_id: str) -> None:
    _log.warning(
        "index.document.refused",
        message="The platform's document cannot be kept, so that it is not in the index.",
        kind=kind,
        shop=shop,
        platform_id=platform_id,
    )
