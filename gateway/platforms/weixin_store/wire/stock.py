"""The stock of a SKU, and its flow (reference, 5)."""

from typing import Final

from gateway.platforms.weixin_store.wire.base import Number, Read, Written

#: `diff_type`.
ADD: Final = 1
TAKE: Final = 2
SET: Final = 3

#: `op_type` of the flow, by the `diff_type` of the change.
FLOW_OF: Final = {ADD: 2, TAKE: 3, SET: 0}
#: `stock_type`: what every buyer may buy.
COMMON: Final = 0
#: `upload_source`: a call of the store's own app.
OWN_CALL: Final = 2


class StockRequest(Written, frozen=True, kw_only=True):
    """Adds or takes `num` units, or sets the stock to it."""

    product_id: str
    sku_id: str
    diff_type: int
    num: int


class FlowRequest(Written, frozen=True, kw_only=True):
    """The changes of a SKU's stock in a time span, in unix seconds."""

    product_id: str
    sku_id: str
    stock_type: int
    begin_time: int
    end_time: int
    op_type_list: list[int]
    page_size: int
    next_key: str | None = None


class FlowOrigin(Read, frozen=True, kw_only=True):
    """`ext_info` of a change."""

    upload_source: Number | None = None


class FlowEntry(Read, frozen=True, kw_only=True):
    """One change; `update_time` in unix seconds."""

    amount: Number | None = None
    beginning_amount: Number | None = None
    ending_amount: Number | None = None
    op_type: Number | None = None
    update_time: Number | None = None
    ext_info: FlowOrigin | None = None


class FlowPage(Read, frozen=True, kw_only=True):
    """A page of changes; an empty `next_key` ends the list."""

    stock_flow_info_list: list[FlowEntry]
    next_key: str | None = None


class FlowResponse(Read, frozen=True, kw_only=True):
    """The answer to `product/stock/getflow`."""

    data: FlowPage
