"""Looks up objects of any type by their ids."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from gateway.errors import GatewayError
from gateway.ports import ReadOptions
from gateway.services import Services
from gateway.services.viewer import Viewer
from gateway.stale_reads import StaleReads, named
from schema.category import Category
from schema.key import Key
from schema.product import Product

Batch = Callable[[Sequence[Key]], Awaitable[Sequence[Any]]]


class NodeFinder:
    """Looks up objects by key, in one batch for each type."""

    def __init__(self, services: Services, viewer: Viewer, reading: ReadOptions) -> None:
        self._services = services
        self._viewer = viewer
        self._reading = reading

    async def find(self, keys: Sequence[Key]) -> list[Any]:
        """The object of each key; None if it does not exist or its type is unknown.

        A failure takes the place of the objects that it affects.
        """
        groups: defaultdict[str, list[Key]] = defaultdict(list)
        for key in keys:
            groups[key.kind].append(key)
        found: dict[Key, Any] = {}
        for kind, mine in groups.items():
            batch = self._batches().get(kind)
            if batch is not None:
                found.update(zip(mine, await _outcomes(batch, mine), strict=True))
        return [found.get(key) for key in keys]

    def _batches(self) -> Mapping[str, Batch]:
        services = self._services
        return {
            "Shop": self._shops,
            "Product": self.products,
            "Sku": self.skus,
            "Category": self._categories,
            "ProductGroup": self.groups,
            "DeliveryTemplate": self.templates,
            "Shelf": self._each(lambda key: services.shelves.get(key, self._viewer, self._reading)),
            "Order": self.orders,
            "AfterSale": self._each(
                lambda key: services.after_sales.get(key, self._viewer, self._reading)
            ),
            "WantedItem": self._each(
                lambda key: services.wanted_items.get(key, self._viewer, self._reading)
            ),
            "Push": lambda keys: services.pushes.get_many(keys, self._viewer),
            "BulkOperation": lambda keys: services.bulk_operations.get_many(keys, self._viewer),
            "WebhookEndpoint": lambda keys: services.webhooks.endpoints(keys, self._viewer),
            "WebhookDelivery": lambda keys: services.webhooks.deliveries(keys, self._viewer),
            "AuditEvent": lambda keys: services.audit.get_many(keys, self._viewer),
        }

    async def products(self, keys: Sequence[Key]) -> Sequence[Any]:
        """Products by key."""
        return await self._services.products.get_many(keys, self._viewer, self._reading)

    async def skus(self, keys: Sequence[Key]) -> Sequence[Any]:
        """SKUs by key, loaded with their products."""
        products = [Key("Product", key.shop, key.platform_id) for key in keys]
        with StaleReads() as stale:
            owners = await self.products(products)
        stale.note_as(zip(products, keys, strict=True))
        return [_sku(owner, key) for owner, key in zip(owners, keys, strict=True)]

    async def orders(self, keys: Sequence[Key]) -> Sequence[Any]:
        """Orders by key."""
        return await self._services.orders.get_many(keys, self._viewer, self._reading)

    async def groups(self, keys: Sequence[Key]) -> Sequence[Any]:
        """Product groups by key."""
        return await self._services.shelves.groups_by_key(keys, self._viewer, self._reading)

    async def templates(self, keys: Sequence[Key]) -> Sequence[Any]:
        """Delivery templates by key."""
        return await self._services.catalogue.templates_by_key(keys, self._viewer, self._reading)

    async def _shops(self, keys: Sequence[Key]) -> Sequence[Any]:
        found = (self._services.directory.find(key.shop, self._viewer) for key in keys)
        return [adapter.shop if adapter is not None else None for adapter in found]

    async def _categories(self, keys: Sequence[Key]) -> Sequence[Any]:
        return [category(self._services, self._viewer, key) for key in keys]

    def _each(self, load: Callable[[Key], Awaitable[Any]]) -> Batch:
        async def batch(keys: Sequence[Key]) -> Sequence[Any]:
            return await asyncio.gather(
                *(named(key, load(key)) for key in keys), return_exceptions=True
            )

        return batch


async def _outcomes(batch: Batch, keys: Sequence[Key]) -> Sequence[Any]:
    """The result of a batch; its failure in each place, so that other types are not affected."""
    try:
        return await batch(keys)
    except GatewayError as failure:
        return [failure] * len(keys)


def category(services: Services, viewer: Viewer, key: Key) -> Category | None:
    """A category by its id alone; its name and contents are loaded only if they are selected."""
    adapter = services.directory.find(key.shop, viewer)
    if adapter is None or adapter.catalogue is None:
        return None
    return Category(key=key, shop=adapter.shop, platform_id=key.platform_id)


def _sku(owner: Any, key: Key) -> Any:
    if not isinstance(owner, Product):
        return owner
    return next((sku for sku in owner.skus if sku.platform_id == key.part), None)
