"""Keeps partner orders in the index as the platform sent them, and maps them back."""

from datetime import UTC, datetime
from typing import Final

from gateway.platform_kit.index_documents import (
    IndexDocument,
    Members,
    joined_document,
    split_document,
)
from gateway.platforms.mini_program.mapping.partner_order import Asked, partner_order_from_wire
from gateway.platforms.mini_program.wire.partner import (
    AttrInfo,
    OrderDetail,
    ProductInfo,
)
from gateway.platforms.mini_program.wire.partner import Order as WireOrder
from gateway.ports.index import KeptDocument, SplitDocument
from gateway.upstream.lenient_answer import LenientDecoder
from gateway.wechat.after_sales import after_sale_of
from gateway.wechat.order_prices import PriceInfo
from schema.after_sale import AfterSale
from schema.order import Order
from schema.shop import Shop

_LINE: Final[Members] = {
    **dict.fromkeys(ProductInfo.__struct_encode_fields__),
    "sku_attrs": dict.fromkeys(AttrInfo.__struct_encode_fields__),
}
_DETAIL: Final[Members] = {
    **dict.fromkeys(OrderDetail.__struct_encode_fields__),
    "product_infos": _LINE,
    "price_info": dict.fromkeys(PriceInfo.__struct_encode_fields__),
}
#: The buyer's two ids are personal.
_ORDER: Final[Members] = {"status": None, "order_detail": _DETAIL}


class IndexedPartnerOrders:
    """Implements IndexesOrders for the orders of partner stores; the others are the ledger's."""

    #: The platform's events announce them from whenever the shop is configured.
    since: Final = 0

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._decoder = LenientDecoder(WireOrder, gaps=True)

    def split(self, order: Order) -> SplitDocument:
        """The order's document as received."""
        created_at = order.created_at
        at = None if created_at is None else int(created_at.timestamp())
        return split_document(IndexDocument.of_order(order, at), _ORDER)

    def order(self, kept: KeptDocument) -> Order:
        """The order; its time is that of the event that announced it."""
        document, wire = joined_document(kept, self._decoder.decode)
        at = document.at
        asked = Asked(
            shop=self._shop,
            partner_app_id=kept.part,
            order_id=kept.platform_id,
            announced_at=None if at is None else datetime.fromtimestamp(at, UTC),
            raw=lambda: document.raw,
        )
        return document.times_on(partner_order_from_wire(wire, asked))

    def after_sale(self, order: Order) -> AfterSale | None:
        """A refunded order is one."""
        if order.after_sale_status is None:
            return None
        return after_sale_of(order, order.after_sale_status)
