"""The stock of SKUs, and its flow (reference, section 5)."""

from gateway.platforms.weixin_store.sandbox.product_audit import IN_AUDIT
from gateway.platforms.weixin_store.sandbox.product_rules import BAD_ARGUMENT
from gateway.platforms.weixin_store.sandbox.products import found, line_sku
from gateway.platforms.weixin_store.sandbox.state import StockChange, WeixinCall
from gateway.sandbox.request import Refusal, Wire
from gateway.sandbox.wechat import Route

#: `diff_type`.
ADD, TAKE, SET = 1, 2, 3
#: `op_type` of the flow.
FLOW_OF = {ADD: 2, TAKE: 3, SET: 0}
#: `upload_source`: a call of the store's own app.
OWN_CALL = 2
#: `stock_type` and `stock_sub_type`: what every buyer may buy.
COMMON, COMMON_SUB_TYPE = 0, 1

DRAFT_IN_AUDIT = 10020217
CHANGES_NOTHING = 10020218
NOT_ENOUGH = 10020219
NEVER_LISTED = 10020289


def update(call: WeixinCall) -> Wire:
    """`product/stock/update`: of products once listed, whose draft is not in audit."""
    product = found(call)
    if product.line is None:
        raise Refusal(NEVER_LISTED, "product was never on sale")
    if product.edit_status == IN_AUDIT:
        raise Refusal(DRAFT_IN_AUDIT, "product is in audit")
    kind = call.body.one_of("diff_type", (ADD, TAKE, SET))
    number = call.body.whole("num", at_least=0)
    if kind != SET and number == 0:
        raise Refusal(CHANGES_NOTHING, "num is 0")
    sku = line_sku(product, call.body.text("sku_id"))
    before = sku["stock_num"]
    after = {ADD: before + number, TAKE: before - number, SET: number}[kind]
    if after < 0:
        raise Refusal(NOT_ENOUGH, "stock not enough")
    sku["stock_num"] = after
    entry = {
        "amount": number,
        "beginning_amount": before,
        "ending_amount": after,
        "stock_sub_type": COMMON_SUB_TYPE,
        "op_type": FLOW_OF[kind],
        "update_time": call.now,
        "ext_info": {"upload_source": 0 if kind == SET else OWN_CALL, "order_id": "0"},
    }
    change = StockChange(product.product_id, sku["sku_id"], entry)
    call.shop.stock_flow.append(change)
    return {}


def flow(call: WeixinCall) -> Wire:
    """`product/stock/getflow`: the newest first."""
    product = found(call)
    body = call.body
    if body.whole("stock_type") != COMMON:
        raise Refusal(BAD_ARGUMENT, "stock_type invalid")
    begin, end = body.whole("begin_time"), body.whole("end_time")
    size = body.whole("page_size", at_least=1)
    kinds = body.data.get("op_type_list") or list(range(10))
    entries = [
        change.entry
        for change in reversed(call.shop.stock_flow)
        if change.product_id == product.product_id
        and change.sku_id == str(body.data.get("sku_id"))
        and begin <= change.entry["update_time"] <= end
        and change.entry["op_type"] in kinds
    ]
    start = int(body.optional_text("next_key") or 0)
    following = start + size
    return {
        "data": {
            "stock_flow_info_list": entries[start:following],
            "next_key": str(following) if following < len(entries) else "",
        }
    }


ROUTES: dict[str, Route[WeixinCall]] = {
    "/channels/ec/product/stock/update": Route(update),
    "/channels/ec/product/stock/getflow": Route(flow),
}
