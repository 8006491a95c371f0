"""The order centre's samples."""

import json
from pathlib import Path
from typing import Any

FIXTURES = Path(__file__).parents[2] / "fixtures" / "baidu"


def body(name: str) -> bytes:
    """Answer a sample as it travels."""
    return (FIXTURES / f"{name}.json").read_bytes()


def sample(name: str) -> Any:
    """Answer a sample as a tree."""
    return json.loads(body(name))
