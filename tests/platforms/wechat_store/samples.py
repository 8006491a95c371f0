"""The manual's samples, as the tests of the WeChat Store read them."""

import json
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from schema.key import Key
from schema.platform import Platform
from schema.product_status import ProductStatus
from schema.shop import Shop

FOLDER: Final = Path(__file__).parents[2] / "fixtures" / "wechat_store"

T = TypeVar("T")


def body(name: str) -> bytes:
    """A sample as it travels."""
    return (FOLDER / f"{name}.json").read_bytes()


def tree(name: str) -> Any:
    """A sample as decoded JSON."""
    return json.loads(body(name))


def answer(name: str, model: type[T]) -> T:
    """The sample answer of an endpoint, in its wire model."""
    return msgspec.json.decode(body(f"{name}.response"), type=model)


def make_shop() -> Shop:
    """A shop that has the key "flagship"."""
    return Shop(
        key=Key("Shop", "flagship"),
        key_name="flagship",
        platform=Platform.WECHAT_STORE,
        name="旗舰店",
        capabilities=[],
    )


def status_of(product: dict[str, Any]) -> ProductStatus:
    """The status of a product as the sandbox's state has it."""
    if not product["on_shelf"]:
        return ProductStatus.OFF_SHELF
    left = sum(sku["quantity"] for sku in product["document"]["sku_list"])
    return ProductStatus.ON_SHELF if left else ProductStatus.SOLD_OUT
