"""The sample shop's home page in a Weixin Store."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from gateway.platforms.weixin_store.sandbox.product_audit import LISTED
from gateway.platforms.weixin_store.sandbox.sample_products import (
    image_url,
    product_id,
    title_of,
)
from gateway.platforms.weixin_store.sandbox.state import HomePage, StoreProduct
from gateway.sandbox.request import Wire
from gateway.sandbox.sample_shop import SampleProduct


def sample_home_page(
    products: Sequence[SampleProduct], known: Mapping[str, StoreProduct]
) -> HomePage:
    """Return the home page: two classes for each root category, a pinned and a hidden product."""
    page = HomePage(order=list(known))
    listed = [product for product in products if known[product_id(product)].status == LISTED]
    by_root = sorted(listed, key=lambda product: product.category_path)
    number = 0
    for root, mine in groupby(by_root, key=lambda product: product.category_path[0]):
        number += 1
        first = {"id": number, "name": root, "is_displayed": 1, "level_2": []}
        page.classes.append(first)
        page.class_products[f"{first['id']}-0"] = []
        for leaf, those in groupby(mine, key=lambda product: product.category_path[1]):
            number += 1
            first["level_2"].append({"id": number, "name": leaf, "is_displayed": 1})
            ids = [product_id(product) for product in those]
            page.class_products[f"{first['id']}-{number}"] = ids
            page.class_products[f"{first['id']}-0"] += ids
    first_product = listed[0]
    page.pinned.add(product_id(listed[1]))
    page.hidden.add(product_id(listed[2]))
    page.banner = {"scale": 2, "banner": _banners(first_product)}
    return page


def _banners(product: SampleProduct) -> list[Wire]:
    picture = {"img_url": image_url(product.images[0]), "description": product.description[:20]}
    return [
        {
            "type": 1,
            "product": {"product_id": product_id(product)},
            "banner": {**picture, "title": title_of(product)},
        },
        {
            "type": 4,
            "official_account": {"url": "https://mp.weixin.qq.com/s/sandbox"},
            "banner": {**picture, "title": "店主手记"},
        },
    ]
