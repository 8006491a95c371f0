"""Use cases across platforms: route, fan out, merge, page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from gateway.ports import Adapter
from gateway.services.after_sales import AfterSaleService
from gateway.services.catalogue import CatalogueService
from gateway.services.directory import Directory
from gateway.services.orders import OrderService
from gateway.services.products import ProductService
from gateway.services.pushes import PushService
from gateway.services.shelves import ShelfService
from gateway.services.shops import ShopService
from gateway.services.wanted_items import WantedItemService
from gateway.services.writing.products import ProductWriting
from gateway.store.store import Store
from schema.carrier import Province


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """All use cases, shared by every request."""

    directory: Directory
    products: ProductService
    catalogue: CatalogueService
    shelves: ShelfService
    orders: OrderService
    after_sales: AfterSaleService
    wanted_items: WantedItemService
    shops: ShopService
    pushes: PushService
    product_writing: ProductWriting

    @classmethod
    def over(
        cls, adapters: Mapping[str, Adapter], store: Store, provinces: Sequence[Province]
    ) -> Self:
        """The use cases over these shops, in their order, and the platform's list of regions."""
        directory = Directory(adapters)
        products = ProductService(directory)
        return cls(
            directory=directory,
            products=products,
            catalogue=CatalogueService(directory, provinces),
            shelves=ShelfService(directory),
            orders=OrderService(directory),
            after_sales=AfterSaleService(directory),
            wanted_items=WantedItemService(directory),
            shops=ShopService(directory, store),
            pushes=PushService(directory, store),
            product_writing=ProductWriting(directory, products),
        )
