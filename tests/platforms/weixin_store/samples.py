"""The reference's samples, as the tests of the Weixin Store read them."""

import json
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from schema.key import Key
from schema.platform import Platform
from schema.shop import Shop

FOLDER: Final = Path(__file__).parents[2] / "fixtures" / "weixin_store"

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
    """A shop that has the key "weixin"."""
    return Shop(
        key=Key("Shop", "weixin"),
        key_name="weixin",
        platform=Platform.WEIXIN_STORE,
        name="微信小店",
        capabilities=[],
    )
