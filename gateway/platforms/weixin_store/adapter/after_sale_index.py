"""Keeps after-sales in the index as the platform sent them, and maps them back."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from gateway.platform_kit.index_documents import (
    IndexDocument,
    Members,
    joined_document,
    split_document,
)
from gateway.platforms.weixin_store.adapter.after_sales import AfterSales
from gateway.platforms.weixin_store.mapping.after_sale import after_sale_from_wire
from gateway.platforms.weixin_store.wire import after_sale as wire
from gateway.ports import KeptDocument, ReadOptions, SplitDocument
from gateway.upstream.lenient_answer import LenientDecoder
from gateway.wechat.scalars import moment
from schema.after_sale import AfterSale
from schema.shop import Shop

#: The buyer, the buyer's words and pictures, and what the shop wrote are personal.
_AFTER_SALE: Final[Members] = {
    **dict.fromkeys(
        (
            "after_sale_order_id",
            "order_id",
            "status",
            "type",
            "sub_type",
            "reason",
            "deadline",
            "complaint_id",
            "create_time",
            "update_time",
            "complete_time",
        )
    ),
    "product_info": dict.fromkeys(wire.ProductInfo.__struct_fields__),
    "refund_info": dict.fromkeys(wire.RefundInfo.__struct_fields__),
    "return_info": dict.fromkeys(wire.ReturnInfo.__struct_fields__),
}
#: Any time: what a document says relative to its reading is kept beside it.
_ANY: Final = datetime.fromtimestamp(0, UTC)


class IndexedAfterSales:
    """Implements IndexesAfterSales."""

    def __init__(self, shop: Shop, after_sales: AfterSales) -> None:
        self._shop = shop
        self._after_sales = after_sales
        self._decoder = LenientDecoder(wire.AfterSale, gaps=True)

    def split(self, after_sale: AfterSale) -> SplitDocument:
        """The document as received, with the time until which the shop must answer."""
        return split_document(IndexDocument.of_after_sale(after_sale), _AFTER_SALE)

    def after_sale(self, kept: KeptDocument) -> AfterSale:
        """The after-sale as it was received."""
        document, read = joined_document(kept, self._decoder.decode)
        after_sale = after_sale_from_wire(read, self._shop, lambda: document.raw, _ANY)
        after_sale.answer_before = moment(document.answer_before)
        return after_sale

    async def changed(self, begin: int, end: int, reading: ReadOptions) -> Sequence[AfterSale]:
        """The after-sales that changed in these seconds, both included."""
        return await self._after_sales.changed(begin, end, reading)
