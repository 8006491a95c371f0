"""Categories with their tables, delivery templates and carriers."""

from collections.abc import Mapping, Sequence

from gateway.ports import Adapter, ReadOptions, ReadsCatalogue
from gateway.services.batch_by_shop import Found, batch_by_shop
from gateway.services.directory import Directory
from gateway.services.viewer import Viewer
from schema.category import Category, PropertyDefinition, SkuAttributeDefinition
from schema.delivery import DeliveryTemplate, Province
from schema.key import Key
from schema.shipment import Carrier


class CatalogueService:
    """Routes queries of a platform's catalogue to the shops' ports."""

    def __init__(self, directory: Directory, provinces: Sequence[Province]) -> None:
        self._directory = directory
        self._provinces = provinces

    def provinces(self) -> Sequence[Province]:
        """The regions that delivery templates and product origins may name."""
        return self._provinces

    async def categories(
        self, shop: str, parent: Key | None, viewer: Viewer, reading: ReadOptions
    ) -> Sequence[Category]:
        """A shop's root categories, or the children of one.

        Raises:
            BadUserInput: no such shop, or one whose platform has no categories.
            PlatformFailure: the platform failed.
        """
        port = self._directory.need(shop, viewer, lambda a: a.catalogue, "categories")
        return await port.children(parent.platform_id if parent else None, reading)

    async def children(
        self, key: Key, viewer: Viewer, reading: ReadOptions
    ) -> Sequence[Category] | None:
        """The children of a category; None if its shop has no catalogue."""
        port = self._port(key, viewer)
        return None if port is None else await port.children(key.platform_id, reading)

    async def name(self, key: Key, viewer: Viewer, reading: ReadOptions) -> str | None:
        """A category's name, None if its platform does not have it."""
        port = self._port(key, viewer)
        return None if port is None else await port.name(key.platform_id, reading)

    async def sku_attributes(
        self, key: Key, viewer: Viewer, reading: ReadOptions
    ) -> Sequence[SkuAttributeDefinition] | None:
        """The SKU attributes of a category."""
        port = self._port(key, viewer)
        return None if port is None else await port.sku_attributes(key.platform_id, reading)

    async def properties(
        self, key: Key, viewer: Viewer, reading: ReadOptions
    ) -> Sequence[PropertyDefinition] | None:
        """The product properties of a category."""
        port = self._port(key, viewer)
        return None if port is None else await port.properties(key.platform_id, reading)

    async def delivery_templates(
        self, shop: str, viewer: Viewer, reading: ReadOptions
    ) -> Sequence[DeliveryTemplate]:
        """All delivery templates of a shop.

        Raises:
            BadUserInput: no such shop, or one whose platform has none.
            PlatformFailure: the platform failed.
        """
        port = self._directory.need(
            shop, viewer, lambda a: a.delivery_templates, "delivery templates"
        )
        return await port.all(reading)

    async def templates_by_key(
        self, keys: Sequence[Key], viewer: Viewer, reading: ReadOptions
    ) -> Sequence[Found[DeliveryTemplate]]:
        """Delivery templates in the order of their keys."""

        async def load(adapter: Adapter, mine: Sequence[Key]) -> Mapping[Key, DeliveryTemplate]:
            if adapter.delivery_templates is None:
                return {}
            ids = [key.platform_id for key in mine]
            found = await adapter.delivery_templates.get_many(ids, reading)
            return {key: found[key.platform_id] for key in mine if key.platform_id in found}

        return await batch_by_shop(self._directory, viewer, keys, load)

    async def carriers(self, shop: str, viewer: Viewer, reading: ReadOptions) -> Sequence[Carrier]:
        """The carriers that the shop's platform lists.

        Raises:
            BadUserInput: no such shop, or one whose platform lists none.
            PlatformFailure: the platform was asked, and failed.
        """
        port = self._directory.get(shop, viewer).carriers
        if port is not None:
            return await port.all(reading)
        return self._directory.need(shop, viewer, lambda a: a.traits.carriers, "carriers")

    def _port(self, key: Key, viewer: Viewer) -> ReadsCatalogue | None:
        adapter = self._directory.find(key.shop, viewer)
        return adapter.catalogue if adapter is not None else None
