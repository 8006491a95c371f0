"""Rules of a draft, with the codes that the platform refuses it by (reference, section 5)."""

from gateway.platforms.weixin_store.sandbox.state import WeixinCall
from gateway.sandbox.request import Fields, Refusal

BAD_ARGUMENT = 10020051
NO_SUCH_PRODUCT = 10020052
NEVER_LISTED = 10020065
NO_SUCH_SKU = 10020209
BAD_CATEGORY = 10020017
NO_TITLE = 10020020
LONG_TITLE = 10020021
MANY_IMAGES = 10020023
MANY_DETAIL_IMAGES = 10020025
SKU_COUNT = 10020013
HIGH_PRICE = 10020028
BAD_IMAGE = 10020035
NO_PRICE = 10020039
ABOVE_MARKET_PRICE = 10020040
SHORT_TITLE = 10020042
PLAIN_TITLE = 10020045
FEW_IMAGES = 10020106
FEW_DETAIL_IMAGES = 10020107

IMAGES = "https://mmecimage.cn/p/"
SHORTEST_TITLE, LONGEST_TITLE = 5, 60
MOST_SKUS = 500
HIGHEST_PRICE = 1_000_000_000


def check_document(call: WeixinCall) -> None:
    """Check a whole draft, as the request has it."""
    body = call.body
    _check_title(body.optional_text("title"))
    heads = body.texts("head_imgs", empty=True)
    if len(heads) < 3:  # noqa: PLR2004 - the page's number
        raise Refusal(FEW_IMAGES, "at least 3 head imgs")
    if len(heads) > 9 or len(set(heads)) < len(heads):  # noqa: PLR2004
        raise Refusal(MANY_IMAGES, "too many head imgs, or the same one twice")
    details = body.inner("desc_info").texts("imgs", empty=True)
    if not details:
        raise Refusal(FEW_DETAIL_IMAGES, "at least 1 detail img")
    if len(details) > 20:  # noqa: PLR2004
        raise Refusal(MANY_DETAIL_IMAGES, "too many detail imgs")
    if not all(url.startswith(IMAGES) for url in (*heads, *details)):
        raise Refusal(BAD_IMAGE, "img url must begin with mmecimage.cn/p/")
    paths = body.inners("cats_v2", empty=True) or body.inners("cats", empty=True)
    known = {category.category_id for category in call.shop.categories.values()}
    if not paths or not all(str(one.data.get("cat_id")) in known for one in paths):
        raise Refusal(BAD_CATEGORY, "invalid category")
    services = body.inner("extra_service")
    services.one_of("seven_day_return", (0, 1, 2, 3))
    services.one_of("freight_insurance", (0, 1))
    skus = body.inners("skus", empty=True)
    if not 1 <= len(skus) <= MOST_SKUS:
        raise Refusal(SKU_COUNT, "1 to 500 skus")
    for sku in skus:
        check_price(sku)
        sku.whole("stock_num", at_least=0)


def check_price(sku: Fields) -> None:
    """Check a SKU's price, and against its market price."""
    price = sku.whole("sale_price")
    if price <= 0:
        raise Refusal(NO_PRICE, "sku price is 0")
    if price > HIGHEST_PRICE:
        raise Refusal(HIGH_PRICE, "sku price too high")
    if sku.has("market_price") and price > sku.whole("market_price"):
        raise Refusal(ABOVE_MARKET_PRICE, "sale price above market price")


def _check_title(title: str) -> None:
    meaningful = [character for character in title if character.isalnum()]
    if not title:
        raise Refusal(NO_TITLE, "title empty")
    if len(title) > LONGEST_TITLE:
        raise Refusal(LONG_TITLE, "title too long")
    if len(meaningful) < SHORTEST_TITLE:
        raise Refusal(SHORT_TITLE, "title too short")
    if all(character.isascii() for character in meaningful):
        raise Refusal(PLAIN_TITLE, "title must not be of digits or letters only")
