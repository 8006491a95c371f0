"""Platform registry: finds each platform's folder by its enum member; builds all adapters."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from gateway.platform_kit.connection import BuildContext, PlatformClients
from gateway.platform_kit.descriptor import AnyPlatform, PlatformDescriptor, folder_of
from gateway.ports import Adapter
from gateway.settings.shops import ShopSettings
from gateway.store.store import Store
from schema.delivery import Province
from schema.key import Key
from schema.platform import Capability, Platform
from schema.shop import Shop

if TYPE_CHECKING:
    # `gateway serve` must not load the sandbox.
    from gateway.sandbox.part import SandboxPart


_FOLDERS: Final = "gateway.platforms"


def _descriptor_of(platform: Platform) -> AnyPlatform:
    descriptor = import_module(f"{_FOLDERS}.{folder_of(platform)}").PLATFORM
    if not isinstance(descriptor, PlatformDescriptor) or descriptor.platform is not platform:
        raise TypeError(f"gateway/platforms/{folder_of(platform)} does not describe {platform}")
    return descriptor


#: The descriptors of all platforms, in the order of the enum.
PLATFORMS: Final[Sequence[AnyPlatform]] = tuple(map(_descriptor_of, Platform))
_BY_NAME: Final[Mapping[str, AnyPlatform]] = {platform.name: platform for platform in PLATFORMS}


def _deleting(adapter: Adapter) -> object | None:
    writes = adapter.accepts_orders
    return writes if writes is not None and writes.deletes else None


def _after_sales(adapter: Adapter) -> object | None:
    writes = adapter.accepts_orders
    return writes if writes is not None and writes.takes_after_sales else None


#: Capabilities by the port that provides them.
_CAPABILITIES: Final[Sequence[tuple[Capability, Callable[[Adapter], object | None]]]] = (
    (Capability.READ_PRODUCTS, lambda adapter: adapter.products),
    (Capability.READ_SHELVES, lambda adapter: adapter.shelves),
    (Capability.READ_GROUPS, lambda adapter: adapter.groups),
    (Capability.READ_DELIVERY_TEMPLATES, lambda adapter: adapter.delivery_templates),
    (Capability.READ_ORDERS, lambda adapter: adapter.orders),
    (Capability.READ_AFTER_SALES, lambda adapter: adapter.after_sales),
    (Capability.READ_PARTNER_ORDERS, lambda adapter: adapter.partner_orders),
    (Capability.WRITE_PRODUCTS, lambda adapter: adapter.writes_products),
    (Capability.ADJUST_STOCK, lambda adapter: adapter.adjusts_stock),
    (Capability.UPLOAD_IMAGES, lambda adapter: adapter.uploads_images),
    (Capability.WRITE_GROUPS, lambda adapter: adapter.writes_groups),
    (Capability.WRITE_SHELVES, lambda adapter: adapter.writes_shelves),
    (Capability.WRITE_DELIVERY_TEMPLATES, lambda adapter: adapter.writes_delivery_templates),
    (Capability.SHIP_ORDERS, lambda adapter: adapter.ships_orders or adapter.accepts_orders),
    (Capability.CLOSE_ORDERS, lambda adapter: adapter.closes_orders or adapter.accepts_orders),
    (Capability.DECIDE_AFTER_SALES, lambda adapter: adapter.decides_after_sales),
    (Capability.REPRICE_ORDERS, lambda adapter: adapter.reprices_orders),
    (Capability.ANNOTATE_ORDERS, lambda adapter: adapter.annotates_orders),
    (Capability.REVEAL_ADDRESSES, lambda adapter: adapter.reveals_addresses),
    (Capability.ANSWER_ADDRESS_REQUESTS, lambda adapter: adapter.answers_address_requests),
    (Capability.IMPORT_ORDERS, lambda adapter: adapter.accepts_orders),
    (Capability.DELETE_ORDERS, _deleting),
    (Capability.IMPORT_AFTER_SALES, _after_sales),
    (Capability.WRITE_SHOPPING_LIST, lambda adapter: adapter.accepts_shopping_list),
    (Capability.SYNC_PRODUCTS, lambda adapter: adapter.accepts_shopping_list),
    (Capability.RECEIVE_ORDER_EVENTS, lambda adapter: adapter.messages),
    (Capability.AUDIT_PRODUCTS, lambda adapter: adapter.withdraws_drafts),
    (Capability.SET_PRICES, lambda adapter: adapter.sets_prices),
)


def platform_of(shop: ShopSettings) -> AnyPlatform:
    """The descriptor of a configured shop's platform."""
    return _BY_NAME[shop.platform]


def sandbox_parts() -> "list[SandboxPart[Any, Any]]":
    """Each platform's part of the sandbox: `SANDBOX` of the package `sandbox` in its folder.

    Only this call imports them, so that `gateway serve` does not load them.
    """
    return [module.SANDBOX for module in modules_named("sandbox").values()]


def modules_named(name: str) -> dict[str, ModuleType]:
    """The module `name` of each platform's folder, by the platform's name.

    A folder without one is left out.
    """
    paths = {platform.name: f"{_FOLDERS}.{platform.name}.{name}" for platform in PLATFORMS}
    return {platform: import_module(path) for platform, path in paths.items() if find_spec(path)}


def regions() -> Sequence[Province]:
    """The regions of all platforms, without duplicates."""
    named = ((region.country, region.name, region) for one in PLATFORMS for region in one.regions)
    return list({(country, name): region for country, name, region in named}.values())


def build_adapters(
    shops: Sequence[ShopSettings], clients: PlatformClients, store: Store, now: Callable[[], float]
) -> dict[str, Adapter]:
    """The adapters of all shops by their keys, in the order of the configuration.

    Args:
        shops: the shops' sections of the configuration.
        clients: the platform clients that all shops share.
        store: the ledger.
        now: seconds since the epoch.
    """
    return {settings.key: _build(settings, clients, store, now) for settings in shops}


def capabilities_of(adapter: Adapter) -> list[Capability]:
    """The capabilities that the adapter's ports provide."""
    return [capability for capability, port in _CAPABILITIES if port(adapter) is not None]


def _build(
    settings: ShopSettings, clients: PlatformClients, store: Store, now: Callable[[], float]
) -> Adapter:
    descriptor = platform_of(settings)
    shop = Shop(
        key=Key("Shop", settings.key),
        key_name=settings.key,
        platform=descriptor.platform,
        name=settings.name,
        capabilities=[],
    )
    context = BuildContext(settings=settings, shop=shop, clients=clients, store=store, now=now)
    adapter = replace(
        descriptor.build(context),
        traits=descriptor,
        messages=descriptor.messages(settings),
        calls=partial(clients.calls_of, settings.key),
    )
    # The capabilities follow from the adapter, which already holds this object.
    shop.capabilities.extend(capabilities_of(adapter))
    return adapter
