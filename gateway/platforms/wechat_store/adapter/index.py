"""Keeps orders and products in the index as the platform sent them, and maps them back."""

from typing import Final

from gateway.platform_kit.index_documents import (
    IndexDocument,
    Members,
    joined_document,
    plain_document,
    received,
    split_document,
)
from gateway.platforms.wechat_store.mapping.order import order_from_wire
from gateway.platforms.wechat_store.mapping.product import product_from_wire
from gateway.platforms.wechat_store.wire.order import Order as WireOrder
from gateway.platforms.wechat_store.wire.order import OrderProduct
from gateway.platforms.wechat_store.wire.product import Product as WireProduct
from gateway.ports import order_position
from gateway.ports.index import KeptDocument, SplitDocument
from gateway.upstream.lenient_answer import LenientDecoder
from gateway.wechat.after_sales import after_sale_of
from schema.after_sale import AfterSale, AfterSaleStatus
from schema.order import Order
from schema.order_status import OrderStatus
from schema.product import Product
from schema.product_status import ProductStatus
from schema.shop import Shop

_LINE: Final[Members] = dict.fromkeys(OrderProduct.__struct_fields__)
#: Buyer, nickname and the receiver's name, address and numbers are personal.
_ORDER: Final[Members] = {
    **_LINE,
    **dict.fromkeys(
        (
            "order_id",
            "order_status",
            "order_total_price",
            "order_create_time",
            "order_express_price",
            "delivery_id",
            "delivery_company",
            "trans_id",
        )
    ),
    "products": _LINE,
}


class IndexedOrders:
    """Implements IndexesOrders; `since` is the unix second from which on orders are read."""

    def __init__(self, shop: Shop, since: int) -> None:
        self._shop = shop
        self.since = since
        self._decoder = LenientDecoder(WireOrder, gaps=True)

    def split(self, order: Order) -> SplitDocument:
        """The order's document as received."""
        return split_document(IndexDocument.of_order(order, order_position(order).at), _ORDER)

    def order(self, kept: KeptDocument) -> Order:
        """The order; one that was closed here is CLOSED, which the platform does not report."""
        document, wire = joined_document(kept, self._decoder.decode)
        order = order_from_wire(wire, self._shop, lambda: document.raw)
        if document.status == OrderStatus.CLOSED.name:
            order.status = OrderStatus.CLOSED
            order.after_sale_status = None
        if order.created_at is None:
            order.listed_at = document.at
        return document.times_on(order)

    def after_sale(self, order: Order) -> AfterSale | None:
        """An order in dispute is one."""
        if order.status is not OrderStatus.IN_DISPUTE:
            return None
        return after_sale_of(order, AfterSaleStatus.IN_DISPUTE)


class IndexedProducts:
    """Implements IndexesProducts."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._decoder = LenientDecoder(WireProduct, gaps=True)

    def split(self, product: Product) -> str:
        """The product's document as received."""
        status = None if product.known_status is None else product.known_status.name
        return plain_document(IndexDocument(status=status, raw=received(product.raw_source)))

    def product(self, kept: KeptDocument) -> Product:
        """The product, with the status that it was last seen with."""
        document, wire = joined_document(kept, self._decoder.decode)
        status = ProductStatus.__members__.get(document.status or "")
        return product_from_wire(wire, self._shop, lambda: document.raw, status)
