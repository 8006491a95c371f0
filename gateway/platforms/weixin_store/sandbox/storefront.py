"""The home page: classification, order of products, banner (reference, section 7)."""

from gateway.platforms.weixin_store.sandbox.product_audit import LISTED
from gateway.platforms.weixin_store.sandbox.state import WeixinCall
from gateway.sandbox.request import Fields, Refusal, Wire
from gateway.sandbox.wechat import Route

BAD_ARGUMENT = 10020051
NO_BANNER = 268549675
MOST_PRODUCTS = 30
#: A product moves by fewer places than this at once, as the platform's page says.
FARTHEST = 500


def classes(call: WeixinCall) -> Wire:
    """`store/classification/tree/get`."""
    return {"resp": {"version": 1, "tree": {"level_1": call.shop.home_page.classes}}}


def class_products(call: WeixinCall) -> Wire:
    """`store/classification/tree/product/get`; the context is where the next page begins."""
    given = call.body.inner("req")
    first, second = given.whole("level_1_id"), given.whole("level_2_id")
    size = given.whole("page_size", at_least=1)
    begin = int(given.optional_text("page_context") or 0)
    ids = call.shop.home_page.class_products.get(f"{first}-{second}", [])
    more = begin + size < len(ids)
    return {
        "resp": {
            "product_ids": ids[begin : begin + size],
            "page_context": str(begin + size) if more else "",
        }
    }


def window(call: WeixinCall) -> Wire:
    """`store/window/product/list/get`: listed products only, those pinned first."""
    size = call.body.whole("page_size", at_least=1)
    if size > MOST_PRODUCTS:
        raise Refusal(BAD_ARGUMENT, f"page_size must be at most {MOST_PRODUCTS}")
    begin = int(call.body.optional_text("next_key") or 0)
    ids = ordered(call)
    page = call.shop.home_page
    return {
        "products": [
            {
                "product_id": id_,
                "is_set_hide": int(id_ in page.hidden),
                "is_set_top": int(id_ in page.pinned),
            }
            for id_ in ids[begin : begin + size]
        ],
        "next_key": str(begin + size),
        "total_num": len(ids),
    }


def reorder(call: WeixinCall) -> Wire:
    """`store/window/product/reorder`."""
    product, place = _find(call), call.body.whole("index_num", at_least=1)
    ids = ordered(call)
    if abs(ids.index(product) + 1 - place) >= FARTHEST or place > len(ids):
        raise Refusal(BAD_ARGUMENT, "index_num out of range")
    ids.remove(product)
    ids.insert(place - 1, product)
    call.shop.home_page.order = ids
    return {}


def hide(call: WeixinCall) -> Wire:
    """`store/window/product/hide`."""
    _set(call.shop.home_page.hidden, _find(call), call.body, "is_set_hide")
    return {}


def settop(call: WeixinCall) -> Wire:
    """`store/window/product/settop`."""
    _set(call.shop.home_page.pinned, _find(call), call.body, "is_set_top")
    return {}


def banner(call: WeixinCall) -> Wire:
    """`basics/homepage/banner/get`."""
    if call.shop.home_page.banner is None:
        raise Refusal(NO_BANNER, "neither a banner nor an application")
    return {"banner": call.shop.home_page.banner}


ROUTES = {
    "/channels/ec/store/classification/tree/get": Route(classes),
    "/channels/ec/store/classification/tree/product/get": Route(class_products),
    "/channels/ec/store/window/product/list/get": Route(window),
    "/channels/ec/store/window/product/reorder": Route(reorder),
    "/channels/ec/store/window/product/hide": Route(hide),
    "/channels/ec/store/window/product/settop": Route(settop),
    "/channels/ec/basics/homepage/banner/get": Route(banner),
}


def ordered(call: WeixinCall) -> list[str]:
    """Return the ids of the listed products in the home page's order, those pinned first."""
    page = call.shop.home_page
    ranks = {id_: rank for rank, id_ in enumerate(page.order)}
    listed = sorted(listed_ids(call), key=lambda id_: (ranks.get(id_, len(ranks)), id_))
    return sorted(listed, key=lambda id_: id_ not in page.pinned)


def listed_ids(call: WeixinCall) -> list[str]:
    """Return the ids of the products that are listed."""
    return [id_ for id_, product in call.shop.products.items() if product.status == LISTED]


def _find(call: WeixinCall) -> str:
    product = call.body.text("product_id")
    if product not in listed_ids(call):
        raise Refusal(BAD_ARGUMENT, "product is not listed")
    return product


def _set(those: set[str], product: str, body: Fields, member: str) -> None:
    if body.one_of(member, (0, 1)):
        those.add(product)
    else:
        those.discard(product)
