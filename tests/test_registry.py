"""The registry finds each platform's folder."""

from pathlib import Path

import pytest

import gateway.platforms
from gateway.registry import factory_of
from schema.platform import Platform


def test_folders_and_members_agree() -> None:
    (place,) = gateway.platforms.__path__
    folders = {path.parent.name for path in Path(place).glob("*/__init__.py")}

    assert folders == {platform.value.lower() for platform in Platform}


@pytest.mark.parametrize("platform", Platform)
def test_every_platform_builds_adapters(platform: Platform) -> None:
    assert callable(factory_of(platform))
