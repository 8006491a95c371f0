"""Root fields of the catalogue: products, SKUs, categories, templates, carriers, provinces."""

import strawberry

from gateway.services.indexed_products import ProductListQuery
from resolvers.arguments import key_of, page_arguments
from resolvers.guards import CATALOG, Info, context_for, root_field
from resolvers.lists import product_connection
from schema.category import Category
from schema.delivery import DeliveryTemplate, Province
from schema.key import Key
from schema.product import Product, ProductConnection, ProductFilter, ProductSortKey
from schema.shipment import Carrier
from schema.sku import Sku


@strawberry.type
class CatalogueQueryFields:
    """Queries of products and the tables that describe them."""

    @root_field("One product by its id; null if it does not exist. Needs the scope catalog:read.")
    async def product(self, info: Info, id: strawberry.ID) -> Product | None:
        """One product; None if it does not exist."""
        context, key = context_for(info, CATALOG), key_of(id, "Product")
        found: Product | None = await context.related("product", key, info.path)
        return found

    @root_field(
        "Products of all shops, ordered by shop as configured, then by platform id, unless"
        " `sortKey` or `reverse` says otherwise. If a platform fails, the products of the other"
        " shops are still returned; see `sources`. What platforms cannot answer (`skuCodes`,"
        " `stockAtMost`, `sortKey`, `reverse`, `last`, `before`) is answered from the gateway's"
        " index, as is `search` while the index is on, and `sources` says INDEXED. Needs the scope"
        " catalog:read."
    )
    async def products(  # noqa: PLR0913 - those of the field
        self,
        info: Info,
        *,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        filter: ProductFilter | None = None,
        sort_key: ProductSortKey | None = None,
        reverse: bool | None = None,
    ) -> ProductConnection | None:
        """One page of products, merged over shops."""
        context = context_for(info, CATALOG)
        listing = ProductListQuery(
            chosen=filter or ProductFilter(), sort_key=sort_key, reverse=bool(reverse)
        )
        asked = page_arguments(first, after, last, before)
        return product_connection(
            await context.services.products.page(listing, asked, context.viewer, context.reading)
        )

    @root_field(
        "One product by its shop and the platform's own id; null if it does not exist."
        " Needs the scope catalog:read."
    )
    async def product_by_platform_id(
        self, info: Info, shop: str, platform_id: str
    ) -> Product | None:
        """One product by the platform's own id; None if it does not exist."""
        context = context_for(info, CATALOG)
        context.services.directory.get(shop, context.viewer)
        key = Key("Product", shop, platform_id)
        found: Product | None = await context.related("product", key, info.path)
        return found

    @root_field("One SKU by its id; null if it does not exist. Needs the scope catalog:read.")
    async def sku(self, info: Info, id: strawberry.ID) -> Sku | None:
        """One SKU; None if it does not exist."""
        context, key = context_for(info, CATALOG), key_of(id, "Sku")
        found: Sku | None = await context.related("sku", key, info.path)
        return found

    @root_field(
        "The shop's root categories, or the children of `parent`. Needs the scope catalog:read."
    )
    async def categories(
        self, info: Info, shop: str, parent: strawberry.ID | None = None
    ) -> list[Category] | None:
        """One level of the category tree."""
        context = context_for(info, CATALOG)
        above = key_of(parent, "Category") if parent is not None else None
        catalogue = context.services.catalogue
        with context.single(info.path) as reading:
            return list(await catalogue.categories(shop, above, context.viewer, reading))

    @root_field(
        "The shop's delivery templates: shipping fees that products can share. Needs"
        " the scope catalog:read."
    )
    async def delivery_templates(self, info: Info, shop: str) -> list[DeliveryTemplate] | None:
        """All delivery templates of a shop."""
        context = context_for(info, CATALOG)
        catalogue = context.services.catalogue
        with context.single(info.path) as reading:
            return list(await catalogue.delivery_templates(shop, context.viewer, reading))

    @root_field(
        "The carriers that the shop's platform lists with a code. Needs the scope catalog:read."
    )
    async def carriers(self, info: Info, shop: str) -> list[Carrier] | None:
        """The carriers that the platform lists."""
        context = context_for(info, CATALOG)
        with context.single(info.path) as reading:
            found = await context.services.catalogue.carriers(shop, context.viewer, reading)
        return list(found)

    @root_field("Provinces and cities that delivery templates and product origins can use.")
    async def provinces(self, info: Info) -> list[Province]:
        """The platform's regions: no shop's data and never null, so no scope is needed."""
        return list(info.context.services.catalogue.provinces())
