"""Keeps orders and products in the index as the platform sent them, and maps them back."""

from typing import Final

import msgspec

from gateway.platform_kit.index_documents import (
    IndexDocument,
    Members,
    joined_document,
    plain_document,
    received,
    split_document,
)
from gateway.platforms.weixin_store.mapping.order import order_from_wire
from gateway.platforms.weixin_store.mapping.product import product_from_wire
from gateway.platforms.weixin_store.wire.base import Attribute
from gateway.platforms.weixin_store.wire.order import (
    AfterSaleDetail,
    AfterSaleOfOrder,
    DeliveryInfo,
    ExtInfo,
    OrderDetail,
    ParcelInfo,
    ParcelProduct,
    PayInfo,
    PriceInfo,
    ProductInfo,
)
from gateway.platforms.weixin_store.wire.order import Order as WireOrder
from gateway.platforms.weixin_store.wire.product import ProductResponse
from gateway.ports import order_position
from gateway.ports.index import KeptDocument, SplitDocument
from gateway.upstream.lenient_answer import LenientDecoder
from schema.after_sale import AfterSale
from schema.order import Order
from schema.product import Product
from schema.shop import Shop


def _members(model: type[msgspec.Struct], **inner: Members) -> Members:
    """All members of a model, with those of the objects in it."""
    return {name: inner.get(name) for name in model.__struct_encode_fields__}


def _without(members: Members, *names: str) -> Members:
    return {name: inner for name, inner in members.items() if name not in names}


#: The receiver's address, also the one that is asked for, is personal.
_DELIVERY: Final = _without(
    _members(
        DeliveryInfo,
        delivery_product_info=_members(ParcelInfo, product_infos=_members(ParcelProduct)),
    ),
    "address_info",
    "address_under_review",
)
_DETAIL: Final = _members(
    OrderDetail,
    product_infos=_members(ProductInfo, sku_attrs=_members(Attribute)),
    pay_info=_members(PayInfo),
    price_info=_members(PriceInfo),
    delivery_info=_DELIVERY,
    # Both notes may name people.
    ext_info=_without(_members(ExtInfo), "customer_notes", "merchant_notes"),
)
#: The buyer's two ids are personal.
_ORDER: Final = _without(
    _members(
        WireOrder,
        order_detail=_DETAIL,
        aftersale_detail=_members(AfterSaleDetail, aftersale_order_list=_members(AfterSaleOfOrder)),
    ),
    "openid",
    "unionid",
)


class IndexedOrders:
    """Implements IndexesOrders; `since` is the unix second from which on orders are read."""

    def __init__(self, shop: Shop, since: int) -> None:
        self._shop = shop
        self.since = since
        self._decoder = LenientDecoder(WireOrder, gaps=True)

    def split(self, order: Order) -> SplitDocument:
        """The order's document as received; the address in it is the masked one."""
        return split_document(IndexDocument.of_order(order, order_position(order).at), _ORDER)

    def order(self, kept: KeptDocument) -> Order:
        """The order as it was indexed."""
        document, wire = joined_document(kept, self._decoder.decode)
        order = order_from_wire(wire, self._shop, lambda: document.raw)
        if order.created_at is None:
            order.listed_at = document.at
        return order

    def after_sale(self, _order: Order) -> AfterSale | None:
        """None: after-sales are objects of their own on this platform."""
        return None


class IndexedProducts:
    """Implements IndexesProducts."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._decoder = LenientDecoder(ProductResponse, gaps=True)

    def split(self, product: Product) -> str:
        """Both copies as received."""
        status = None if product.known_status is None else product.known_status.name
        return plain_document(IndexDocument(status=status, raw=received(product.raw_source)))

    def product(self, kept: KeptDocument) -> Product:
        """The product as it was received."""
        document, wire = joined_document(kept, self._decoder.decode)
        product = product_from_wire(wire, self._shop, lambda: document.raw)
        if product is None:
            raise ValueError("the index has a document without a product")
        return product
