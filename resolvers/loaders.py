"""The data loaders of one request."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar

from gateway.ports import ReadOptions
from gateway.services import Services
from gateway.services.viewer import Viewer
from gateway.stale_reads import named
from resolvers.attribute_names import AttributeNames
from resolvers.dataloader import BatchLoad, DataLoader
from resolvers.nodes import NodeFinder, category
from schema.category import Category
from schema.key import Key
from schema.loader_keys import (
    DetailQuery,
    DraftRefusalQuery,
    LineGoods,
    SameGoods,
    ShownProducts,
    SkuStatusQuery,
)
from schema.product import Product
from schema.product_details import text_of_blocks
from schema.product_status import ProductStatus, status_of_sku
from schema.sku import Sku

K = TypeVar("K")


def _each(load: Callable[[K], Awaitable[Any]]) -> BatchLoad[K]:
    """A batch of independent look-ups; a failure affects only its own key."""

    async def batch(keys: list[K]) -> Sequence[Any]:
        return await asyncio.gather(
            *(named(key, load(key)) for key in keys), return_exceptions=True
        )

    return batch


class Loaders:
    """The data loaders of one request, by the name that `schema.declare.loads` gives.

    A loader returns the object, None, or the failure in the key's place; it loads each key
    once. `reading` is how single things are read.
    """

    def __init__(self, services: Services, viewer: Viewer, reading: ReadOptions) -> None:
        self._services = services
        self._viewer = viewer
        self._reading = reading
        self._finder = NodeFinder(services, viewer, reading)

    # Lazy: a request needs two or three of them.

    @cached_property
    def node(self) -> DataLoader[Key]:
        """Objects of any type."""
        return DataLoader(self._finder.find)

    @cached_property
    def product(self) -> DataLoader[Key]:
        """Products."""
        return DataLoader(self._finder.products)

    @cached_property
    def sku(self) -> DataLoader[Key]:
        """SKUs, loaded with their product."""
        return DataLoader(_each(self._sku))

    @cached_property
    def sku_code(self) -> DataLoader[Key]:
        """The merchant's codes of SKUs, loaded with their product."""
        return DataLoader(_each(self._sku_code))

    @cached_property
    def sku_of_line(self) -> DataLoader[LineGoods]:
        """SKUs of the lines of orders."""
        return DataLoader(self._skus_of_lines)

    @cached_property
    def product_counterparts(self) -> DataLoader[SameGoods]:
        """Products of the same goods in other shops."""
        counterparts = self._services.counterparts
        return DataLoader(lambda goods: counterparts.products(goods, self._viewer, self._reading))

    @cached_property
    def sku_counterparts(self) -> DataLoader[SameGoods]:
        """SKUs of the same goods in other shops."""
        counterparts = self._services.counterparts
        return DataLoader(lambda goods: counterparts.skus(goods, self._viewer, self._reading))

    @cached_property
    def order(self) -> DataLoader[Key]:
        """Orders."""
        return DataLoader(self._finder.orders)

    @cached_property
    def original_of_order(self) -> DataLoader[Key]:
        """The orders that orders are copies of."""
        return DataLoader(self._originals)

    @cached_property
    def copies_of_order(self) -> DataLoader[Key]:
        """The copies of orders in other shops."""
        return DataLoader(self._copies)

    @cached_property
    def group(self) -> DataLoader[Key]:
        """Product groups."""
        return DataLoader(self._finder.groups)

    @cached_property
    def delivery_template(self) -> DataLoader[Key]:
        """Delivery templates."""
        return DataLoader(self._finder.templates)

    @cached_property
    def product_status(self) -> DataLoader[Key]:
        """Product statuses."""
        products = self._services.products
        return DataLoader(lambda keys: products.statuses(keys, self._viewer, self._reading))

    @cached_property
    def draft_refusal(self) -> DataLoader[DraftRefusalQuery]:
        """Why drafts of products were refused."""
        products = self._services.products
        return DataLoader(lambda queries: products.draft_refusals(queries, self._viewer))

    @cached_property
    def detail_blocks(self) -> DataLoader[DetailQuery]:
        """Product descriptions as they were written through the gateway."""
        products = self._services.products
        return DataLoader(lambda queries: products.blocks(queries, self._viewer))

    @cached_property
    def product_description(self) -> DataLoader[DetailQuery]:
        """The paragraphs of product descriptions."""
        return DataLoader(_each(self._description))

    @cached_property
    def sku_status(self) -> DataLoader[SkuStatusQuery]:
        """Statuses of SKUs, loaded with those of their products."""
        return DataLoader(_each(self._sku_status))

    @cached_property
    def groups_of_product(self) -> DataLoader[Key]:
        """The groups that contain a product."""
        shelves = self._services.shelves
        return DataLoader(
            lambda keys: shelves.groups_of_products(keys, self._viewer, self._reading)
        )

    @cached_property
    def members(self) -> DataLoader[Key]:
        """The ids of a group's products."""
        shelves = self._services.shelves
        return DataLoader(lambda keys: shelves.members(keys, self._viewer, self._reading))

    @cached_property
    def shown_products(self) -> DataLoader[ShownProducts]:
        """The first products of a group."""
        return DataLoader(_each(self._shown))

    @cached_property
    def after_sales_of_order(self) -> DataLoader[Key]:
        """The after-sales of an order."""
        after_sales = self._services.after_sales
        return DataLoader(lambda keys: after_sales.of_orders(keys, self._viewer, self._reading))

    @cached_property
    def metadata(self) -> DataLoader[Key]:
        """Metadata of orders and products."""
        return DataLoader(self._services.metadata.of_objects)

    @cached_property
    def push_call(self) -> DataLoader[Key]:
        """The last calls of pushes."""
        pushes = self._services.pushes
        return DataLoader(pushes.calls)

    @cached_property
    def shopping_cart_path(self) -> DataLoader[str]:
        """The cart pages of shops."""
        shops = self._services.shops
        return DataLoader(lambda keys: shops.cart_paths(keys, self._viewer))

    @cached_property
    def order_center_path(self) -> DataLoader[str]:
        """The pages that order centres open, by shops."""
        shops = self._services.shops
        return DataLoader(
            _each(lambda key: shops.order_center_path(key, self._viewer, self._reading))
        )

    @cached_property
    def shop_index(self) -> DataLoader[str]:
        """How far the indexes of shops reach."""
        shops = self._services.shops
        return DataLoader(lambda keys: shops.indexes(keys, self._viewer))

    @cached_property
    def categories(self) -> DataLoader[tuple[Key, ...]]:
        """Categories, several per key."""
        return DataLoader(_each(self._categories))

    @cached_property
    def category_name(self) -> DataLoader[Key]:
        """Names of categories."""
        return DataLoader(_each(self._catalogue(self._services.catalogue.name)))

    @cached_property
    def category_children(self) -> DataLoader[Key]:
        """Child categories."""
        return DataLoader(_each(self._catalogue(self._services.catalogue.children)))

    @cached_property
    def category_sku_attributes(self) -> DataLoader[Key]:
        """SKU attributes of a category."""
        return DataLoader(_each(self._catalogue(self._services.catalogue.sku_attributes)))

    @cached_property
    def category_properties(self) -> DataLoader[Key]:
        """Product properties of a category."""
        return DataLoader(_each(self._catalogue(self._services.catalogue.properties)))

    @cached_property
    def product_properties(self) -> DataLoader[Any]:
        """Properties of a product, with names."""
        return DataLoader(_each(self._names.properties))

    @cached_property
    def sku_attributes(self) -> DataLoader[Any]:
        """SKU attributes of a product, with names."""
        return DataLoader(_each(self._names.attributes))

    @cached_property
    def sku_attribute_name(self) -> DataLoader[Any]:
        """Names of SKU attributes."""
        return DataLoader(_each(self._names.attribute))

    @cached_property
    def sku_attribute_value(self) -> DataLoader[Any]:
        """Names of SKU attribute values."""
        return DataLoader(_each(self._names.value))

    @cached_property
    def _names(self) -> AttributeNames:
        return AttributeNames(
            self.product.load, self.category_sku_attributes.load, self.category_properties.load
        )

    def _catalogue(
        self, read: Callable[[Key, Viewer, ReadOptions], Awaitable[Any]]
    ) -> Callable[[Key], Awaitable[Any]]:
        return lambda key: read(key, self._viewer, self._reading)

    async def _originals(self, keys: list[Key]) -> Sequence[Any]:
        named = await self._services.copies.originals(keys, self._viewer)
        wanted = {key for key in named if isinstance(key, Key)}
        found = await self._found(wanted)
        return [found[one] if isinstance(one, Key) else one for one in named]

    async def _copies(self, keys: list[Key]) -> Sequence[Any]:
        named = await self._services.copies.copies(keys, self._viewer)
        wanted = {key for one in named if not isinstance(one, Exception) for key in one or ()}
        found = await self._found(wanted)
        return [one if isinstance(one, Exception) else _there(found, one or ()) for one in named]

    async def _found(self, keys: set[Key]) -> dict[Key, Any]:
        """The orders by their keys; a failure takes the place of an order."""
        ordered = sorted(keys)
        return dict(zip(ordered, await self.order.fetch(ordered), strict=True))

    async def _sku(self, key: Key) -> Any:
        product = await self.product.load(Key("Product", key.shop, key.platform_id))
        skus = product.skus if isinstance(product, Product) else []
        return next((sku for sku in skus if sku.platform_id == key.part), None)

    async def _skus_of_lines(self, lines: list[LineGoods]) -> Sequence[Any]:
        """By their ids, loaded with their products; those that are gone, by their codes."""
        keys = [line.sku for line in lines if line.sku is not None]
        by_key = dict(zip(keys, await self.sku.fetch(keys), strict=True))
        found = [None if line.sku is None else by_key[line.sku] for line in lines]
        gone = [
            (place, line.shop, line.code)
            for place, line in enumerate(lines)
            if found[place] is None and line.code is not None
        ]
        if gone:
            known = await self._services.counterparts.in_shop(
                [(shop, code) for _, shop, code in gone], self._viewer, self._reading
            )
            for (place, _, _), sku in zip(gone, known, strict=True):
                found[place] = sku
        return found

    async def _sku_code(self, key: Key) -> str | None:
        sku = await self.sku.load(key)
        return sku.code if isinstance(sku, Sku) else None

    async def _description(self, query: DetailQuery) -> str | None:
        return text_of_blocks(await self.detail_blocks.load(query) or ())

    async def _sku_status(self, query: SkuStatusQuery) -> ProductStatus | None:
        status = await self.product_status.load(query.product)
        return None if status is None else status_of_sku(status, sold_out=query.sold_out)

    async def _shown(self, shown: ShownProducts) -> list[Any] | None:
        members = await self.members.load(shown.group)
        if members is None:
            return None
        keys = [Key("Product", shown.group.shop, member) for member in members[: shown.limit]]
        return [product for product in await self.product.load_many(keys) if product is not None]

    async def _categories(self, keys: tuple[Key, ...]) -> list[Category]:
        found = (category(self._services, self._viewer, key) for key in keys)
        return [one for one in found if one is not None]


def _there(found: Mapping[Key, Any], keys: Sequence[Key]) -> Any:
    """Those of the orders that exist; the failure to read one of them."""
    orders = [found[key] for key in keys if found[key] is not None]
    return next((one for one in orders if isinstance(one, Exception)), orders)
