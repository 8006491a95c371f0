"""Changes between two configurations, by the names of their keys."""

from collections.abc import Iterator
from typing import Final

from pydantic import SecretStr

from gateway.settings.section import Section
from gateway.settings.settings import Settings
from gateway.settings.shops import ShopSettings

#: What can change while the gateway runs, besides the secrets of shops.
RELOADABLE: Final = frozenset({"log.level", "server.cors_origins"})


def values_by_key(settings: Settings) -> dict[str, object]:
    """Each value by its key, such as `server.port` and `shops[flagship].app_secret`."""
    return dict(_values(settings))


def changed_keys(before: dict[str, object], after: dict[str, object]) -> list[str]:
    """The keys whose values differ, or that only one of the two has, in their order."""
    keys = dict.fromkeys([*before, *after])
    return [key for key in keys if before.get(key) != after.get(key)]


def shop_place(key: str) -> str:
    """How the keys of a shop's section begin."""
    return f"shops[{key}]."


def reloadable_secrets(shop: ShopSettings) -> frozenset[str]:
    """The keys of a shop's secrets that can change while the gateway runs.

    A proxy is part of the connections, though it may hold a password.
    """
    return frozenset(
        f"{shop_place(shop.key)}{name}"
        for name in type(shop).model_fields
        if isinstance(getattr(shop, name), SecretStr) and name != "proxy"
    )


def _values(settings: Settings) -> Iterator[tuple[str, object]]:
    for name in Settings.model_fields:
        value = getattr(settings, name)
        if isinstance(value, Section):
            yield from _of_section(f"{name}.", value)
    for shop in settings.shops:
        yield from _of_section(shop_place(shop.key), shop)
    yield "shops", tuple(shop.key for shop in settings.shops)
    yield "mirrors", settings.mirrors


def _of_section(prefix: str, section: Section) -> Iterator[tuple[str, object]]:
    for name in type(section).model_fields:
        yield f"{prefix}{name}", getattr(section, name)
