"""Products and their drafts (reference, section 5)."""

import copy
from typing import Final

from gateway.platforms.weixin_store.sandbox import events
from gateway.platforms.weixin_store.sandbox import product_audit as audit
from gateway.platforms.weixin_store.sandbox.product_rules import (
    BAD_ARGUMENT,
    NEVER_LISTED,
    NO_SUCH_PRODUCT,
    NO_SUCH_SKU,
    check_document,
    check_price,
)
from gateway.platforms.weixin_store.sandbox.state import StoreProduct, WeixinCall
from gateway.sandbox.request import Fields, Refusal, Wire
from gateway.sandbox.wechat import Route

#: `data_type`.
LINE, DRAFT, BOTH = 1, 2, 3
#: `status` that a list may be asked for; 1, drafts that were never listed, is from the platform's
#: support alone.
LISTABLE = (0, 1, 5, 6, 9, 11, 13, 14, 15, 20)
BIN, DELISTED, LISTED = 6, 11, 5
MOST_IDS = 30
#: Ids of what is added follow these; those of the sample shop come before them.
NEW_PRODUCTS = 10_000_910_000_000
NEW_SKUS = 4_410_000_000
#: From so many SKUs on the platform takes a draft in afterwards.
SYNCHRONOUS_SKUS = 25

#: Members of a draft; what is not sent is removed from it.
MEMBERS: Final = (
    "out_product_id",
    "title",
    "short_title",
    "head_imgs",
    "desc_info",
    "deliver_method",
    "deliver_acct_type",
    "express_info",
    "aftersale_desc",
    "limited_info",
    "extra_service",
    "cats",
    "cats_v2",
    "attrs",
    "spu_code",
    "brand_id",
    "product_qua_infos",
    "after_sale_info",
    "size_chart",
    "timing_onsale_info",
    "release_mode",
    "spu_deliver_info",
)


def add(call: WeixinCall) -> Wire:
    """`product/add`: a draft; `listing` 1 sends it to its audit."""
    audit.count(call)
    check_document(call)
    product_id = str(NEW_PRODUCTS + call.shop.next_id())
    product = StoreProduct(product_id=product_id, draft={}, status=0)
    call.shop.products[product_id] = product
    _write(call, product)
    created = {"product_id": product_id, "create_time": "2026-11-20 20:26:40"}
    return {"data": created}


def update(call: WeixinCall) -> Wire:
    """`product/update`: the whole draft; the line copy stays as it is."""
    product = found(call)
    audit.require_editable(product)
    audit.count(call)
    check_document(call)
    known = {sku["sku_id"] for sku in product.draft["skus"]}
    for sku in call.body.inners("skus"):
        if sku.has("sku_id") and str(sku.data["sku_id"]) not in known:
            raise Refusal(NO_SUCH_SKU, "sku_id not belong to this product")
    _write(call, product)
    changed = {"product_id": product.product_id, "update_time": "2026-11-20 20:26:40"}
    return {"data": changed}


def get(call: WeixinCall) -> Wire:
    """`product/get`: the line copy, the draft, or both."""
    product = found(call)
    kind = call.body.optional_whole("data_type", LINE)
    if kind not in (LINE, DRAFT, BOTH):
        raise Refusal(BAD_ARGUMENT, "data_type invalid")
    if kind == LINE and product.line is None:
        raise Refusal(NEVER_LISTED, "product not on sale")
    answer: Wire = {}
    if kind != DRAFT and product.line is not None:
        answer["product"] = _copy(product, product.line)
    if kind != LINE:
        own = {"edit_status": product.edit_status, "edit_time": product.edit_time}
        answer["edit_product"] = {**_copy(product, product.draft), **own}
    return answer


def list_ids(call: WeixinCall) -> Wire:
    """`product/list/get`: ids, newest first, `page_size` at a time."""
    audit.settle(call)
    size = call.body.whole("page_size", at_least=1)
    wanted = call.body.whole("status") if call.body.has("status") else None
    if size > MOST_IDS or (wanted is not None and wanted not in LISTABLE):
        raise Refusal(BAD_ARGUMENT, "invalid argument")
    ids = [
        product.product_id
        for product in reversed(call.shop.products.values())
        if _is_listed_by(product, wanted)
    ]
    start = int(call.body.optional_text("next_key") or 0)
    more = start + size < len(ids)
    return {
        "product_ids": ids[start : start + size],
        # The last page has one, too: what follows it is empty.
        "next_key": str(min(start + size, len(ids))) if more or ids else "",
        "total_num": len(ids),
    }


def listing(call: WeixinCall) -> Wire:
    """`product/listing`: sends the draft to its audit."""
    product = found(call)
    audit.require_listable(call, product)
    audit.submit(call, product)
    return {}


def delisting(call: WeixinCall) -> Wire:
    """`product/delisting`: takes the line copy off the shelf."""
    product = found(call)
    if product.line is None:
        raise Refusal(NEVER_LISTED, "product not on sale")
    product.status = DELISTED
    events.product_event(call.shop, "listing", product.product_id, call.now, status=DELISTED)
    return {}


def cancel_audit(call: WeixinCall) -> Wire:
    """`product/audit/cancel`: takes the draft out of its audit."""
    product = found(call)
    audit.withdraw(call, product)
    return {}


def delete(call: WeixinCall) -> Wire:
    """`product/delete`."""
    product = found(call)
    audit.require_not_in_audit(product)
    del call.shop.products[product.product_id]
    return {}


def auditfree(call: WeixinCall) -> Wire:
    """`product/auditfree`: changes the line copy alone, at once; what is not given stays."""
    product = found(call)
    if product.line is None:
        raise Refusal(NEVER_LISTED, "product not on sale")
    audit.require_not_in_audit(product)
    changes = call.body.inners("skus")
    for change in changes:
        sku = line_sku(product, _id(change, "sku_id"))
        if change.has("sale_price"):
            check_price(change)
            sku["sale_price"] = change.whole("sale_price")
        if change.has("sku_code"):
            sku["sku_code"] = change.text("sku_code")
        if change.has("status"):
            sku["status"] = change.one_of("status", (0, LISTED, DELISTED))
    return {}


def found(call: WeixinCall) -> StoreProduct:
    """Return the product that the request names, its audit settled, or refuse."""
    audit.settle(call)
    product = call.shop.products.get(_id(call.body, "product_id"))
    if product is None:
        raise Refusal(NO_SUCH_PRODUCT, "product not exist")
    return product


def line_sku(product: StoreProduct, sku_id: str) -> Wire:
    """Return a SKU of the line copy, or refuse."""
    for sku in (product.line or {}).get("skus", ()):
        if sku["sku_id"] == sku_id:
            known: Wire = sku
            return known
    raise Refusal(NO_SUCH_SKU, "sku_id not belong to this product")


def _id(fields: Fields, name: str) -> str:
    """Read an id, which the platform takes as a number, too."""
    value = fields.data.get(name)
    if isinstance(value, bool) or not isinstance(value, int | str) or not value:
        raise Refusal(BAD_ARGUMENT, f"{name} invalid")
    return str(value)


def _write(call: WeixinCall, product: StoreProduct) -> None:
    """Put the request's draft in place of the one that there is."""
    given = call.body.data
    draft = {name: copy.deepcopy(given[name]) for name in MEMBERS if given.get(name) is not None}
    draft["skus"] = [_new_sku(call, sku) for sku in given["skus"]]
    product.draft = draft
    product.edit_time = call.now
    if len(draft["skus"]) > SYNCHRONOUS_SKUS:
        audit.take_in(call, product)
    else:
        product.edit_status = audit.EDITING
    if call.body.optional_whole("listing", 0) == 1:
        audit.submit(call, product)


def _new_sku(call: WeixinCall, given: Wire) -> Wire:
    known = given.get("sku_id")
    sku_id = str(known) if known else str(NEW_SKUS + call.shop.next_id())
    return {**copy.deepcopy(given), "sku_id": sku_id}


def _copy(product: StoreProduct, document: Wire) -> Wire:
    """Return one copy as the platform answers it: numbers where it prints numbers."""
    prices = [sku["sale_price"] for sku in document["skus"]]
    brand = document.get("brand_id")
    return {
        "product_id": product.product_id,
        **document,
        **({"brand_id": int(brand)} if brand else {}),
        "status": product.status if product.line is not None else product.edit_status,
        "min_price": min(prices),
        "product_type": 1,
        "total_sold_num": product.sold,
    }


def _is_listed_by(product: StoreProduct, wanted: int | None) -> bool:
    never_listed = product.line is None
    if wanted is None:
        return not never_listed and product.status != BIN
    if wanted == 1:
        return never_listed
    return not never_listed and product.status == wanted


ROUTES: dict[str, Route[WeixinCall]] = {
    "/channels/ec/product/add": Route(add),
    "/channels/ec/product/update": Route(update),
    "/channels/ec/product/get": Route(get),
    "/channels/ec/product/list/get": Route(list_ids),
    "/channels/ec/product/listing": Route(listing),
    "/channels/ec/product/delisting": Route(delisting),
    "/channels/ec/product/audit/cancel": Route(cancel_audit),
    "/channels/ec/product/delete": Route(delete),
    "/channels/ec/product/auditfree": Route(auditfree),
}
