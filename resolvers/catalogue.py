"""Root fields of the catalogue: products, SKUs, categories, templates, carriers, provinces."""

import strawberry

from resolvers.arguments import key_of, page_size
from resolvers.guards import CATALOG, Info, context_for, root_field
from resolvers.lists import product_connection
from schema.category import Category
from schema.delivery import DeliveryTemplate, Province
from schema.key import Key
from schema.product import Product, ProductConnection, ProductFilter
from schema.shipment import Carrier
from schema.sku import Sku


@strawberry.type
class CatalogueQuery:
    """Products and what describes them."""

    @root_field("One product by its id. Needs the scope catalog:read.")
    async def product(self, info: Info, id: strawberry.ID) -> Product | None:
        """One product."""
        found: Product | None = await context_for(info, CATALOG).loaders.product.load(
            key_of(id, "Product")
        )
        return found

    @root_field(
        "Products of all shops: by shop, as configured, then by platform id. One platform's outage"
        " hides no other's products; see `sources`. Needs the scope catalog:read."
    )
    async def products(
        self,
        info: Info,
        first: int | None = None,
        after: str | None = None,
        filter: ProductFilter | None = None,
    ) -> ProductConnection | None:
        """The merged list of products."""
        context = context_for(info, CATALOG)
        page = await context.services.products.page(
            filter, after, page_size(first), context.viewer, context.reading
        )
        return product_connection(page)

    @root_field("One product by its shop and the platform's own id. Needs the scope catalog:read.")
    async def product_by_platform_id(
        self, info: Info, shop: str, platform_id: str
    ) -> Product | None:
        """One product by the platform's own id."""
        context = context_for(info, CATALOG)
        context.services.directory.get(shop, context.viewer)
        found: Product | None = await context.loaders.product.load(
            Key("Product", shop, platform_id)
        )
        return found

    @root_field("One SKU by its id. Needs the scope catalog:read.")
    async def sku(self, info: Info, id: strawberry.ID) -> Sku | None:
        """One SKU."""
        found: Sku | None = await context_for(info, CATALOG).loaders.sku.load(key_of(id, "Sku"))
        return found

    @root_field(
        "The shop's root categories, or the children of `parent`. Needs the scope catalog:read."
    )
    async def categories(
        self, info: Info, shop: str, parent: strawberry.ID | None = None
    ) -> list[Category] | None:
        """One level of the platform's tree of categories."""
        context = context_for(info, CATALOG)
        above = key_of(parent, "Category") if parent is not None else None
        return list(
            await context.services.catalogue.categories(
                shop, above, context.viewer, context.reading
            )
        )

    @root_field(
        "The shop's delivery templates: what sending a product costs, and where to. Needs the scope"
        " catalog:read."
    )
    async def delivery_templates(self, info: Info, shop: str) -> list[DeliveryTemplate] | None:
        """All delivery templates of a shop."""
        context = context_for(info, CATALOG)
        return list(
            await context.services.catalogue.delivery_templates(
                shop, context.viewer, context.reading
            )
        )

    @root_field(
        "The carriers that the shop's platform knows by a code of its own. Needs the scope"
        " catalog:read."
    )
    async def carriers(self, info: Info, shop: str) -> list[Carrier] | None:
        """The platform's carriers."""
        context = context_for(info, CATALOG)
        return list(context.services.catalogue.carriers(shop, context.viewer))

    @root_field("The provinces and cities that delivery templates and product origins may name.")
    async def provinces(self, info: Info) -> list[Province]:
        """The platform's list of regions: no shop's data, and never null, so it needs no scope."""
        return list(info.context.services.catalogue.provinces())
