import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr
from pydantic_core import PydanticUndefined

from gateway.registry import PLATFORMS
from gateway.settings import MirrorSettings, Settings

PAGE = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `([^`]+)` \| (?:[^|]+) \| ([^|]+) \|", re.MULTILINE)


def keys_of(prefix: str, model: type[BaseModel]) -> Iterator[tuple[str, Any]]:
    """Each key with its default; PydanticUndefined where it has none of its own."""
    for name, field in model.model_fields.items():
        yield f"{prefix}.{field.alias or name}", field.default


def keys() -> Iterator[tuple[str, Any]]:
    for name, field in Settings.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from keys_of(name, field.annotation)
    for platform in PLATFORMS:
        yield from keys_of("shops[]", platform.settings)
    yield from keys_of("mirrors[]", MirrorSettings)


def test_every_key_has_its_row_and_every_row_its_key() -> None:
    assert {key for key, _ in ROW.findall(PAGE)} == {key for key, _ in keys()}


@pytest.mark.parametrize(
    ("key", "default"),
    [
        (key, default)
        for key, default in keys()
        # An address that depends on the platform, and those that other keys decide.
        if default is not PydanticUndefined and key != "shops[].base_url"
    ],
)
def test_the_page_tells_the_default(key: str, default: Any) -> None:
    told = dict(ROW.findall(PAGE))[key]

    if default is None:
        assert told == "none"
    else:
        assert tomllib.loads(f"value = {told.strip('`')}")["value"] == plain(default)


def plain(default: Any) -> Any:
    """A default as the file would hold it."""
    if isinstance(default, SecretStr):
        return default.get_secret_value()
    if isinstance(default, Path):
        return str(default)
    return list(default) if isinstance(default, tuple) else default
