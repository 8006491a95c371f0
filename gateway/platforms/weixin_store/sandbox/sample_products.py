"""The sample shop's products in a Weixin Store, and drafts in each state."""

import copy
import hashlib
from collections.abc import Sequence

from gateway.platforms.weixin_store.sandbox.categories import leaf_of
from gateway.platforms.weixin_store.sandbox.product_audit import (
    EDITING,
    IN_AUDIT,
    LISTED,
    PASSED,
    REFUSED,
)
from gateway.platforms.weixin_store.sandbox.state import WEIXIN, Category, StoreProduct
from gateway.sandbox.request import Wire
from gateway.sandbox.sample_shop import SampleProduct, SampleSku

FIRST_PRODUCT, FIRST_SKU = 10_000_900_000_000, 4_400_000_000
SKUS_EACH = 100
#: `status` of what the shop took off the shelf.
DELISTED = 11
#: The platform's shortest title.
SHORTEST_TITLE = 5
NO_BRAND = "2100000000"
TEMPLATE = "38000000001"

#: The drafts of the first products: how the audit stands, and what the draft's title adds.
DRAFTS = ((EDITING, " 新款"), (IN_AUDIT, " 秋冬新款"), (REFUSED, " 全网最低价"))


def product_id(product: SampleProduct) -> str:
    """Return a product's id."""
    return str(FIRST_PRODUCT + _number(product))


def sku_id(product: SampleProduct, sku: SampleSku) -> str:
    """Return a SKU's id."""
    place = product.skus.index(sku) + 1
    return str(FIRST_SKU + _number(product) * SKUS_EACH + place)


def title_of(product: SampleProduct) -> str:
    """Return a product's title, long enough for the platform."""
    short = len(product.title) < SHORTEST_TITLE
    return f"{product.title} 正品" if short else product.title


def image_url(url: str) -> str:
    """Return the address that an image of the sample shop has on the platform."""
    return f"https://mmecimage.cn/p/{WEIXIN.app_id}/{hashlib.sha256(url.encode()).hexdigest()[:40]}"


def sample_products(
    products: Sequence[SampleProduct], categories: dict[str, Category], now: int
) -> dict[str, StoreProduct]:
    """Return the products: listed with the same draft; the first three with drafts of their own."""
    made = {}
    for number, product in enumerate(products):
        document = _document(product, categories)
        store_product = StoreProduct(
            product_id=product_id(product),
            draft=document,
            line=copy.deepcopy(document),
            status=LISTED if product.on_shelf else DELISTED,
            edit_status=PASSED,
            edit_time=now - 86_400,
            sold=number * 7,
        )
        if number < len(DRAFTS):
            status, addition = DRAFTS[number]
            store_product.draft = {**document, "title": document["title"] + addition}
            store_product.edit_status = status
            store_product.edit_time = now - 600
            # The sample's audit ends long after the tests, and the demo's first hour.
            store_product.due_at = now + 3_600
        made[store_product.product_id] = store_product
    return made


def _document(product: SampleProduct, categories: dict[str, Category]) -> Wire:
    leaf = leaf_of(categories, product.category_path[1])
    assert leaf is not None  # noqa: S101 - the categories are those of the products
    images = [image_url(url) for url in product.images]
    return {
        "title": title_of(product),
        "short_title": product.title[:20],
        "head_imgs": images,
        "desc_info": {"imgs": images[1:], "desc": product.description},
        "deliver_method": 0,
        "express_info": {"template_id": TEMPLATE, "weight": 500},
        "extra_service": {"seven_day_return": 1, "freight_insurance": 0},
        "cats": [],
        "cats_v2": [{"cat_id": leaf.parent}, {"cat_id": leaf.category_id}],
        "attrs": [{"attr_key": one.name, "attr_value": one.value} for one in product.properties],
        "brand_id": NO_BRAND,
        "spu_code": product.code,
        "skus": [_sku(product, sku) for sku in product.skus],
    }


def _sku(product: SampleProduct, sku: SampleSku) -> Wire:
    return {
        "sku_id": sku_id(product, sku),
        "thumb_img": image_url(sku.image),
        "sale_price": sku.price,
        "market_price": sku.list_price,
        "stock_num": sku.stock,
        "sku_code": sku.code,
        "sku_attrs": [{"attr_key": one.name, "attr_value": one.value} for one in sku.attributes],
        "status": LISTED,
        "sku_deliver_info": {"stock_type": 0},
    }


def _number(product: SampleProduct) -> int:
    """Return the number in the merchant's code, from 1."""
    return int(product.code.removeprefix("SC")) - 1_000
