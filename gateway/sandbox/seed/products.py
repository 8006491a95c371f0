"""Making the sample shop's products from their rows."""

import base64
import hashlib
import itertools
import random

from gateway.sandbox.seed.categories import CATEGORIES
from gateway.sandbox.seed.model import SeedAttribute, SeedCategory, SeedProduct, SeedSku
from gateway.sandbox.seed.product_rows import ROWS, ProductRow

FIRST_CODE = 1001
TEMPLATES = (103312920, 123456, 103312921)
IMAGES_EACH = 3
STEP = 500  # fen between one SKU's price and the next


def image_url(text: str) -> str:
    """Give an address on the platform's image host, the same for the same text."""
    name = base64.urlsafe_b64encode(hashlib.sha512(text.encode()).digest()).decode()
    return f"http://mmbiz.qpic.cn/mmbiz/{name[:43]}/0"


def make_products(rng: random.Random) -> tuple[SeedProduct, ...]:
    """Make every product; stock is drawn from `rng`."""
    by_id = {category.category_id: category for category in CATEGORIES}
    return tuple(
        _product(row, f"SC{FIRST_CODE + index}", by_id, rng) for index, row in enumerate(ROWS)
    )


def _product(
    row: ProductRow, code: str, by_id: dict[int, SeedCategory], rng: random.Random
) -> SeedProduct:
    category = by_id[row.category_id]
    images = tuple(image_url(f"{row.title}{number}") for number in range(IMAGES_EACH))
    return SeedProduct(
        store_id=row.store_id or _store_id(row.title),
        code=code,
        title=row.title,
        description=row.description,
        category_id=row.category_id,
        category_path=(by_id[category.parent].name, category.name),
        properties=_properties(row, category),
        skus=tuple(_skus(row, code, category, rng)),
        images=images,
        on_shelf=row.on_shelf,
        listed_before=row.on_shelf or row.store_id != "",
        buy_limit=row.buy_limit,
        template_id=None if row.post_free else TEMPLATES[len(row.title) % len(TEMPLATES)],
    )


def _store_id(title: str) -> str:
    digest = hashlib.sha256(title.encode()).digest()
    return "pDF3iY" + base64.urlsafe_b64encode(digest).decode()[:22]


def _properties(row: ProductRow, category: SeedCategory) -> tuple[SeedAttribute, ...]:
    return tuple(
        SeedAttribute(known["id"], value["id"], known["name"], value["name"])
        for known in category.properties
        for value in known["property_value"]
        if value["id"] == row.property_value
    )


def _skus(row: ProductRow, code: str, category: SeedCategory, rng: random.Random) -> list[SeedSku]:
    choices = [
        [_attribute(axis, value) for value in values]
        for axis, values in zip(category.sku_table, row.axes, strict=False)
    ]
    return [
        SeedSku(
            store_sku_id=";".join(f"{item.name_id}:{item.value_id}" for item in chosen),
            code=f"{code}-{number:02}",
            attributes=chosen,
            price=row.price + STEP * (number - 1),
            list_price=row.list_price + STEP * (number - 1),
            stock=rng.randint(0, 400) if row.stock is None else row.stock,
            image=image_url(f"{row.title}{chosen}"),
        )
        for number, chosen in enumerate(itertools.product(*choices), start=1)
    ]


def _attribute(axis: dict[str, object], value_id: str) -> SeedAttribute:
    """Give a value of an axis; one that begins with `$` is the shop's own."""
    name_id, name, values = str(axis["id"]), str(axis["name"]), axis["value_list"]
    known = values if isinstance(values, list) else []
    value = next((str(item["name"]) for item in known if item["id"] == value_id), value_id[1:])
    return SeedAttribute(name_id, value_id, name, value)
