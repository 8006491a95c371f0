"""The stock of SKUs, and its flow (reference, section 5)."""

from gateway.platforms.weixin_store.sandbox import events
from gateway.platforms.weixin_store.sandbox.product_audit import IN_AUDIT
from gateway.platforms.weixin_store.sandbox.product_rules import BAD_ARGUMENT
from gateway.platforms.weixin_store.sandbox.products import found, line_sku
from gateway.platforms.weixin_store.sandbox.state import (
    StockChange,
    StoreProduct,
    WeixinCall,
    WeixinStoreShop,
)
from gateway.sandbox.request import Refusal, Wire
from gateway.sandbox.wechat import Route

#: `diff_type`.
ADD, TAKE, SET = 1, 2, 3
#: `op_type` of the flow.
FLOW_OF = {ADD: 2, TAKE: 3, SET: 0}
#: `op_type` of what buyers do.
ORDERED, CANCELLED = 4, 5
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
    source = {"upload_source": 0 if kind == SET else OWN_CALL, "order_id": "0"}
    _set(call.shop, product, sku, after, FLOW_OF[kind], call.now, amount=number, source=source)
    return {}


def has(shop: WeixinStoreShop, line: Wire, count: int) -> bool:
    """Whether so many units of an order's line can be bought; so it is if its product is gone."""
    found = _of_line(shop, line)
    return found is None or found[1]["stock_num"] >= count


def sell(shop: WeixinStoreShop, order: Wire, little: int, now: int) -> None:
    """Take what a buyer ordered out of stock; tell of each SKU of which little is left."""
    for line in order["order_detail"]["product_infos"]:
        if (found := _of_line(shop, line)) is None:
            continue
        product, sku = found
        left = max(0, sku["stock_num"] - line["sku_cnt"])
        _set(shop, product, sku, left, ORDERED, now, amount=line["sku_cnt"], source=_by(order))
        if left < little:
            events.stock_event(shop, product.product_id, sku["sku_id"], left, now)


def give_back(shop: WeixinStoreShop, order: Wire, now: int) -> None:
    """Put what an order had back into stock: only before it was paid, and never by a refund."""
    for line in order["order_detail"]["product_infos"]:
        if (found := _of_line(shop, line)) is not None:
            product, sku = found
            units = line["sku_cnt"]
            total = sku["stock_num"] + units
            _set(shop, product, sku, total, CANCELLED, now, amount=units, source=_by(order))


def _by(order: Wire) -> Wire:
    return {"upload_source": 0, "order_id": order["order_id"]}


def _of_line(shop: WeixinStoreShop, line: Wire) -> tuple[StoreProduct, Wire] | None:
    """The product and the SKU of the listed copy that an order's line is of."""
    product = shop.products.get(line["product_id"])
    if product is None or product.line is None:
        return None
    skus = [sku for sku in product.line["skus"] if sku["sku_id"] == line["sku_id"]]
    return (product, skus[0]) if skus else None


def _set(  # noqa: PLR0913 - what an entry of the flow tells
    shop: WeixinStoreShop,
    product: StoreProduct,
    sku: Wire,
    after: int,
    kind: int,
    now: int,
    *,
    amount: int,
    source: Wire,
) -> None:
    entry = {
        "amount": amount,
        "beginning_amount": sku["stock_num"],
        "ending_amount": after,
        "stock_sub_type": COMMON_SUB_TYPE,
        "op_type": kind,
        "update_time": now,
        "ext_info": source,
    }
    sku["stock_num"] = after
    shop.stock_flow.append(StockChange(product.product_id, sku["sku_id"], entry))


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
