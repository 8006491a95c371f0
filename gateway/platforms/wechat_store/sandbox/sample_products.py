"""The sample shop's products in the store's form, with the ids of the manual's samples."""

import base64
import hashlib

from gateway.platforms.wechat_store.sandbox.sample_categories import CATEGORIES, CategoryRow
from gateway.platforms.wechat_store.sandbox.state import StoreProduct
from gateway.sandbox.request import Wire
from gateway.sandbox.sample_shop import Attribute, SampleProduct, SampleSku

#: By title; products that are not in the manual have an id derived from their title.
PRODUCT_IDS = {
    "纯棉圆领短袖T恤": "pDF3iY5EYkMxs4-tF8xedyES5GQI",
    "亚麻宽松短袖衬衫": "pDF3iY9cEWyMimNlKbik_NYJTzYU",
    "条纹长袖打底衫": "pDF3iY4kpZagQfwJ_LVQBaOC-LsM",
    "加绒连帽卫衣": "pDF3iY-CgqlAL3k8Ilz-6sj0UYpk",
    "圆领套头卫衣": "pDF3iY-RewlAL3k8Ilz-6sjsepp9",
    "法式碎花连衣裙": "pDF3iYzZoY-Budrzt8O6IxrwIJAA",
    "针织半身长裙": "pDF3iY3pnWSGJcO2MpS2Nxy3HWx8",
    "直筒牛仔长裤": "pDF3iY33jNt0Dj3M3UqiGlUxGrio",
    "运动速干短裤": "p0FfkjnSNm4NQj0_4a9l9MtRRxzA",
    "轻便缓震跑步鞋": "pDF3iYwktviE3BzU3BKiSWWi9Nkw",
    "户外防滑徒步鞋": "pDF3iY-mql6CncpbVajaB_obC3Bk",
    "低帮经典帆布鞋": "pDF3iY-mql6CncpbVajaB_obC321",
}
TEMPLATES = (103312920, 123456, 103312921)
EXPRESS_FEES = ((10_000_027, 500), (10_000_028, 1000), (10_000_029, 1800))


def product_id(product: SampleProduct) -> str:
    """Return a product's id."""
    if product.title in PRODUCT_IDS:
        return PRODUCT_IDS[product.title]
    digest = hashlib.sha256(product.title.encode()).digest()
    return "pDF3iY" + base64.urlsafe_b64encode(digest).decode()[:22]


def category_of(product: SampleProduct) -> CategoryRow:
    """Return a product's category."""
    return next(row for row in CATEGORIES if row.name == product.category_path[1])


def sku_id(product: SampleProduct, sku: SampleSku) -> str:
    """Return a SKU's id `id1:vid1;id2:vid2`; "" if it has no attributes."""
    pairs = [_axis_value(category_of(product), item) for item in sku.attributes]
    return ";".join(f"{name_id}:{value_id}" for name_id, value_id in pairs)


def store_product(product: SampleProduct) -> StoreProduct:
    """Return a product in the form of its creation (1.1)."""
    template_id = None if product.post_free else TEMPLATES[len(product.title) % len(TEMPLATES)]
    document: Wire = {
        "product_base": _base(product),
        "sku_list": [
            {
                "sku_id": sku_id(product, sku),
                "price": sku.price,
                "icon_url": sku.image,
                "quantity": sku.stock,
                "product_code": sku.code,
                "ori_price": sku.list_price,
            }
            for sku in product.skus
        ],
        "attrext": {
            "isPostFree": 1 if product.post_free else 0,
            "isHasReceipt": 1,
            "isUnderGuaranty": 0,
            "isSupportReplace": 1,
            "location": {
                "country": "中国",
                "province": "浙江省",
                "city": "杭州市",
                "address": "示例路1号",
            },
        },
    }
    if template_id is not None:
        document["delivery_info"] = _delivery(template_id)
    listed_before = product.on_shelf or product.title in PRODUCT_IDS
    return StoreProduct(product_id(product), document, product.on_shelf, listed_before)


def _base(product: SampleProduct) -> Wire:
    category = category_of(product)
    axes: dict[str, list[str]] = {}
    for sku in product.skus:
        for item in sku.attributes:
            name_id, value_id = _axis_value(category, item)
            known = axes.setdefault(name_id, [])
            if value_id not in known:
                known.append(value_id)
    return {
        "category_id": [str(category.category_id)],
        "property": [_property(category, item) for item in product.properties],
        "name": product.title,
        "sku_info": [{"id": name_id, "vid": values} for name_id, values in axes.items()],
        "main_img": product.images[0],
        "img": list(product.images),
        "detail": [{"text": product.description}, *({"img": url} for url in product.images[1:])],
        "buy_limit": product.buy_limit,
    }


def _axis_value(category: CategoryRow, item: Attribute) -> tuple[str, str]:
    """Return both ids of an attribute; the shop's own values are prefixed with `$`."""
    axis = next(known for known in category.sku_table if known["name"] == item.name)
    ids = (str(value["id"]) for value in axis["value_list"] if value["name"] == item.value)
    return str(axis["id"]), next(ids, f"${item.value}")


def _property(category: CategoryRow, item: Attribute) -> Wire:
    return next(
        {"id": known["id"], "vid": value["id"]}
        for known in category.properties
        if known["name"] == item.name
        for value in known["property_value"]
        if value["name"] == item.value
    )


def _delivery(template_id: int) -> Wire:
    """Return flat rates for odd template ids, the template itself for even ones."""
    if template_id % 2:
        express = [{"id": number, "price": price} for number, price in EXPRESS_FEES]
        return {"delivery_type": 0, "template_id": 0, "express": express}
    return {"delivery_type": 1, "template_id": template_id}
