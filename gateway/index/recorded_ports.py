"""Ports whose reads are recorded in the index: what passes through them keeps it in step."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from gateway.index.recorder import IndexRecorder
from gateway.ports import (
    Adapter,
    AfterSaleQuery,
    FindsOrdersByPhone,
    OrderQuery,
    Page,
    Position,
    ProductQuery,
    ReadOptions,
    ReadsAfterSales,
    ReadsOrders,
    ReadsPartnerOrders,
    ReadsProducts,
)
from gateway.ports.writing.catalogue import WritesProducts
from schema.after_sale import AfterSale
from schema.inputs.product import ProductCreateInput, ProductUpdateInput
from schema.order import Order
from schema.product import Product
from schema.product_status import ProductListing, ProductStatus


def recorded(adapter: Adapter, recorder: IndexRecorder) -> Adapter:
    """The adapter, of whose reads and writes the recorder takes what its platform keeps."""
    changes: dict[str, object] = {}
    if adapter.index_orders is not None:
        if adapter.orders is not None:
            changes["orders"] = RecordedOrders(adapter.orders, recorder)
        if adapter.orders_by_phone is not None:
            changes["orders_by_phone"] = RecordedPhoneSearch(adapter.orders_by_phone, recorder)
        if adapter.partner_orders is not None:
            changes["partner_orders"] = RecordedPartnerOrders(adapter.partner_orders, recorder)
    if adapter.index_after_sales is not None and adapter.after_sales is not None:
        changes["after_sales"] = RecordedAfterSales(adapter.after_sales, recorder)
    if adapter.index_products is not None:
        if adapter.products is not None:
            changes["products"] = RecordedProducts(adapter.products, recorder)
        if adapter.writes_products is not None:
            shop = adapter.shop.key_name
            changes["writes_products"] = RecordedProductWrites(
                adapter.writes_products, recorder, shop
            )
    return replace(adapter, **changes)  # type: ignore[arg-type] # each of its field's port


class RecordedOrders:
    """Implements ReadsOrders."""

    def __init__(self, orders: ReadsOrders, recorder: IndexRecorder) -> None:
        self._orders = orders
        self._recorder = recorder

    async def get_many(self, ids: Sequence[str], reading: ReadOptions) -> Mapping[str, Order]:
        """Orders by platform id."""
        found = await self._orders.get_many(ids, reading)
        await self._recorder.saw_orders(found.values())
        return found

    async def page(
        self, query: OrderQuery, after: Position | None, first: int, reading: ReadOptions
    ) -> Page[Order]:
        """At most `first` orders that follow `after`."""
        page = await self._orders.page(query, after, first, reading)
        await self._recorder.saw_orders([*page.items, *page.read_besides])
        return page


class RecordedPhoneSearch:
    """Implements FindsOrdersByPhone: what it returns is in the index, where lists find it."""

    def __init__(self, search: FindsOrdersByPhone, recorder: IndexRecorder) -> None:
        self._search = search
        self._recorder = recorder

    async def by_phone(self, phone: str, reading: ReadOptions) -> Sequence[Order]:
        """Orders whose number may be this one."""
        found = await self._search.by_phone(phone, reading)
        await self._recorder.put_orders(found)
        return found


class RecordedPartnerOrders:
    """Implements ReadsPartnerOrders."""

    def __init__(self, orders: ReadsPartnerOrders, recorder: IndexRecorder) -> None:
        self._orders = orders
        self._recorder = recorder

    async def get(self, partner_app_id: str, order_id: str, reading: ReadOptions) -> Order | None:
        """One partner order."""
        order = await self._orders.get(partner_app_id, order_id, reading)
        if order is not None:
            await self._recorder.saw_orders([order])
        return order

    async def after_sales(
        self, partner_app_id: str, order_id: str, reading: ReadOptions
    ) -> Sequence[AfterSale]:
        """The after-sales of a partner order, newest first."""
        return await self._orders.after_sales(partner_app_id, order_id, reading)


class RecordedAfterSales:
    """Implements ReadsAfterSales."""

    def __init__(self, after_sales: ReadsAfterSales, recorder: IndexRecorder) -> None:
        self._after_sales = after_sales
        self._recorder = recorder

    async def get(
        self, order_id: str, after_sale_id: str, reading: ReadOptions
    ) -> AfterSale | None:
        """One after-sale."""
        found = await self._after_sales.get(order_id, after_sale_id, reading)
        if found is not None:
            await self._recorder.saw_after_sales([found])
        return found

    async def of_orders(
        self, order_ids: Sequence[str], reading: ReadOptions
    ) -> Mapping[str, Sequence[AfterSale]]:
        """The after-sales of orders, newest first."""
        found = await self._after_sales.of_orders(order_ids, reading)
        await self._recorder.saw_after_sales(one for some in found.values() for one in some)
        return found

    async def page(
        self, query: AfterSaleQuery, after: Position | None, first: int, reading: ReadOptions
    ) -> Page[AfterSale]:
        """At most `first` after-sales that follow `after`."""
        page = await self._after_sales.page(query, after, first, reading)
        await self._recorder.saw_after_sales(page.items)
        return page


class RecordedProducts:
    """Implements ReadsProducts."""

    def __init__(self, products: ReadsProducts, recorder: IndexRecorder) -> None:
        self._products = products
        self._recorder = recorder

    async def get_many(self, ids: Sequence[str], reading: ReadOptions) -> Mapping[str, Product]:
        """Products by platform id."""
        found = await self._products.get_many(ids, reading)
        await self._recorder.saw_products(found.values())
        return found

    async def page(
        self, query: ProductQuery, after: str | None, first: int, reading: ReadOptions
    ) -> Page[Product]:
        """At most `first` products that follow the platform id `after`."""
        page = await self._products.page(query, after, first, reading)
        await self._recorder.saw_products(page.items)
        return page

    async def statuses(
        self, ids: Sequence[str], reading: ReadOptions
    ) -> Mapping[str, ProductStatus]:
        """The statuses of products, in one call."""
        return await self._products.statuses(ids, reading)


class RecordedProductWrites:
    """Implements WritesProducts."""

    def __init__(self, writes: WritesProducts, recorder: IndexRecorder, shop: str) -> None:
        self._writes = writes
        self._recorder = recorder
        self._shop = shop

    async def create(self, given: ProductCreateInput, deadline: float | None) -> Product:
        """Adds a product, unlisted."""
        product = await self._writes.create(given, deadline)
        self._recorder.listed(self._shop, product.platform_id, ProductStatus.OFF_SHELF)
        await self._recorder.saw_products([product])
        return product

    async def update(
        self, product: str, change: ProductUpdateInput, deadline: float | None
    ) -> Product:
        """Changes the given fields of a product."""
        changed = await self._writes.update(product, change, deadline)
        await self._recorder.saw_products([changed])
        return changed

    async def delete(self, product: str, deadline: float | None) -> None:
        """Removes a product."""
        await self._writes.delete(product, deadline)
        await self._recorder.products_gone(self._shop, [product])

    async def set_status(
        self, product: str, listing: ProductListing, deadline: float | None
    ) -> None:
        """Lists or unlists a product; it is read afterwards."""
        await self._writes.set_status(product, listing, deadline)
        self._recorder.listed(self._shop, product, ProductStatus[listing.name])
