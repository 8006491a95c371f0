"""Loaders of one request: each gathers the keys of one level of a query and asks once."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from gateway.ports import Reading
from gateway.services import Services
from gateway.services.viewer import Viewer
from resolvers.loader import Batch, Loader
from resolvers.names import Names
from resolvers.nodes import NodeFinder, category
from schema.category import Category
from schema.key import Key
from schema.product import Product
from schema.queries import DetailQuery, ShownProducts

K = TypeVar("K")


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
        self.node = Loader[Key](finder.find)
        self.product = Loader[Key](finder.products)
        self.sku = Loader[Key](_each(self._sku))
        self.order = Loader[Key](finder.orders)
        self.group = Loader[Key](finder.groups)
        self.delivery_template = Loader[Key](finder.templates)
        self._load_products()
        self._load_catalogue()

    def _load_products(self) -> None:
        services, viewer, reading = self._services, self._viewer, self._reading
        self.product_status = Loader[Key](
            lambda keys: services.products.statuses(keys, viewer, reading)
        )
        self.detail_blocks = Loader[DetailQuery](
            lambda queries: services.products.blocks(queries, viewer)
        )
        self.groups_of_product = Loader[Key](
            lambda keys: services.shelves.groups_of_products(keys, viewer, reading)
        )
        self.members = Loader[Key](lambda keys: services.shelves.members(keys, viewer, reading))
        self.shown_products = Loader[ShownProducts](_each(self._shown))
        self.after_sales_of_order = Loader[Key](
            lambda keys: services.after_sales.of_orders(keys, viewer, reading)
        )
        self.shopping_cart_path = Loader[str](lambda keys: services.shops.cart_paths(keys, viewer))

    def _load_catalogue(self) -> None:
        catalogue = self._services.catalogue
        self.categories = Loader[tuple[Key, ...]](_each(self._categories))
        self.category_name = Loader[Key](_each(self._catalogue(catalogue.name)))
        self.category_children = Loader[Key](_each(self._catalogue(catalogue.children)))
        self.category_sku_attributes = Loader[Key](_each(self._catalogue(catalogue.sku_attributes)))
        self.category_properties = Loader[Key](_each(self._catalogue(catalogue.properties)))
        names = Names(
            self.product.load, self.category_sku_attributes.load, self.category_properties.load
        )
        self.product_properties = Loader[Any](_each(names.properties))
        self.sku_attributes = Loader[Any](_each(names.attributes))
        self.sku_attribute_name = Loader[Any](_each(names.attribute))
        self.sku_attribute_value = Loader[Any](_each(names.value))

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
