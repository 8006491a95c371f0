"""Loaders of one request: each gathers the keys of one level of a query and asks once."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from strawberry.dataloader import DataLoader

from gateway.ports import Reading
from gateway.services import Services
from gateway.services.viewer import Viewer
from resolvers.names import Names
from resolvers.nodes import NodeFinder, category
from schema.category import Category
from schema.key import Key
from schema.product import Product
from schema.queries import ShownProducts

K = TypeVar("K")
Batch = Callable[[list[K]], Awaitable[Sequence[Any]]]


def _each(load: Callable[[K], Awaitable[Any]]) -> Batch[K]:
    """A batch of look-ups that share what they read; one that fails spoils its own key alone."""

    async def batch(keys: list[K]) -> Sequence[Any]:
        return await asyncio.gather(*(load(key) for key in keys), return_exceptions=True)

    return batch


class Loaders:
    """What relations read, by the name that the type's field gives.

    A loader answers each key with the thing, with None, or with the failure that stands in its
    place; it asks for each key once a request.
    """

    def __init__(self, services: Services, viewer: Viewer, reading: Reading) -> None:
        self._services = services
        self._viewer = viewer
        self._reading = reading
        finder = NodeFinder(services, viewer, reading)
        self.node = DataLoader[Key, Any](finder.find)
        self.product = DataLoader[Key, Any](finder.products)
        self.sku = DataLoader[Key, Any](_each(self._sku))
        self.order = DataLoader[Key, Any](finder.orders)
        self.group = DataLoader[Key, Any](finder.groups)
        self.delivery_template = DataLoader[Key, Any](finder.templates)
        self._load_products()
        self._load_catalogue()

    def _load_products(self) -> None:
        services, viewer, reading = self._services, self._viewer, self._reading
        self.product_status = DataLoader[Key, Any](
            lambda keys: services.products.statuses(keys, viewer, reading)
        )
        self.groups_of_product = DataLoader[Key, Any](
            lambda keys: services.shelves.groups_of_products(keys, viewer, reading)
        )
        self.members = DataLoader[Key, Any](
            lambda keys: services.shelves.members(keys, viewer, reading)
        )
        self.shown_products = DataLoader[ShownProducts, Any](_each(self._shown))
        self.after_sales_of_order = DataLoader[Key, Any](
            lambda keys: services.after_sales.of_orders(keys, viewer, reading)
        )
        self.shopping_cart_path = DataLoader[str, Any](
            lambda keys: services.shops.cart_paths(keys, viewer)
        )

    def _load_catalogue(self) -> None:
        catalogue = self._services.catalogue
        self.categories = DataLoader[tuple[Key, ...], Any](_each(self._categories))
        self.category_name = DataLoader[Key, Any](_each(self._catalogue(catalogue.name)))
        self.category_children = DataLoader[Key, Any](_each(self._catalogue(catalogue.children)))
        self.category_sku_attributes = DataLoader[Key, Any](
            _each(self._catalogue(catalogue.sku_attributes))
        )
        self.category_properties = DataLoader[Key, Any](
            _each(self._catalogue(catalogue.properties))
        )
        names = Names(
            self.product.load, self.category_sku_attributes.load, self.category_properties.load
        )
        self.product_properties = DataLoader[Any, Any](_each(names.properties))
        self.sku_attributes = DataLoader[Any, Any](_each(names.attributes))
        self.sku_attribute_name = DataLoader[Any, Any](_each(names.attribute))
        self.sku_attribute_value = DataLoader[Any, Any](_each(names.value))

    def _catalogue(
        self, read: Callable[[Key, Viewer, Reading], Awaitable[Any]]
    ) -> Callable[[Key], Awaitable[Any]]:
        return lambda key: read(key, self._viewer, self._reading)

    async def _sku(self, key: Key) -> Any:
        product = await self.product.load(Key("Product", key.shop, key.platform_id))
        skus = product.skus if isinstance(product, Product) else []
        return next((sku for sku in skus if sku.platform_id == key.part), None)

    async def _shown(self, shown: ShownProducts) -> list[Any] | None:
        members = await self.members.load(shown.group)
        if members is None:
            return None
        keys = [Key("Product", shown.group.shop, member) for member in members[: shown.limit]]
        return [product for product in await self.product.load_many(keys) if product is not None]

    async def _categories(self, keys: tuple[Key, ...]) -> list[Category]:
        found = (category(self._services, self._viewer, key) for key in keys)
        return [one for one in found if one is not None]
