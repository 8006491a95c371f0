"""The Mini Program's samples, and a shop to read them into."""

import json
from pathlib import Path
from typing import Any

from schema.key import Key
from schema.platform import Platform
from schema.shop import Shop

FIXTURES = Path(__file__).parents[2] / "fixtures" / "mini_program"

SHOP = Shop(
    key=Key("Shop", "mini"),
    key_name="mini",
    platform=Platform.MINI_PROGRAM,
    name="小程序",
    capabilities=[],
)


def body(name: str) -> bytes:
    """Answer a sample as it travels."""
    return (FIXTURES / f"{name}.json").read_bytes()


def sample(name: str) -> Any:
    """Answer a sample as a tree."""
    return json.loads(body(name))
