"""The descriptor that a platform's folder exports, with all that the gateway needs of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from gateway.platform_kit.connection import BuildContext
from gateway.ports import Adapter, MessageReader, PlatformTraits
from gateway.settings.shops import ShopSettings
from gateway.upstream.token_source import TokenSource
from schema.platform import Platform

SettingsT = TypeVar("SettingsT", bound=ShopSettings)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformDescriptor(PlatformTraits, Generic[SettingsT]):
    """One platform: its shops' settings, how their adapters are built, and its traits.

    Attributes:
        platform: the member of the public enum; the folder has its value in lower case.
        settings: the class of a shop's section in the configuration.
        build: creates the adapter of one shop.
        messages: creates the reader of a shop's webhooks; returns None if the shop's settings
        enable none.
        tokens: the source of a shop's access tokens; None: other credentials need a restart.
    """

    platform: Platform
    settings: type[SettingsT]
    build: Callable[[BuildContext[SettingsT]], Adapter]
    messages: Callable[[SettingsT], MessageReader | None] = lambda _: None
    tokens: Callable[[SettingsT], TokenSource] | None = None

    @property
    def name(self) -> str:
        """The folder's name, which is the value of `platform` in the configuration."""
        return folder_of(self.platform)


def folder_of(platform: Platform) -> str:
    """The name of a platform's folder."""
    return str(platform.value).lower()


#: Any platform's descriptor; the registry passes it only settings of its own class.
AnyPlatform = PlatformDescriptor[Any]
