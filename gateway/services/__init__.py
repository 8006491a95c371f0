"""Use cases across platforms: route, fan out, merge, page."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from gateway.feed.order_feed import OrderFeed
from gateway.outbox.courier import Courier
from gateway.outbox.desk import OrderDesk
from gateway.outbox.goods_desk import GoodsDesk
from gateway.ports import Adapter
from gateway.services.after_sales import AfterSaleService
from gateway.services.catalogue import CatalogueService
from gateway.services.directory import Directory
from gateway.services.following import FollowingService
from gateway.services.mirroring.keeper import MirrorKeeper
from gateway.services.orders import OrderService
from gateway.services.products import ProductService
from gateway.services.pushes import PushService
from gateway.services.shelves import ShelfService
from gateway.services.shops import ShopService
from gateway.services.wanted_items import WantedItemService
from gateway.services.writing.after_sales import AfterSaleWriting
from gateway.services.writing.delivery_templates import TemplateWriting
from gateway.services.writing.fulfilment import Fulfilment
from gateway.services.writing.groups import GroupWriting
from gateway.services.writing.images import ImageWriting
from gateway.services.writing.mirrors import MirrorWriting
from gateway.services.writing.noting import OrderNotes
from gateway.services.writing.orders import OrderWriting
from gateway.services.writing.products import ProductWriting
from gateway.services.writing.pushes import PushWriting
from gateway.services.writing.shelves import ShelfWriting
from gateway.services.writing.shopping_list.cart_path import CartPathWriting
from gateway.services.writing.shopping_list.product_sync import ProductSync
from gateway.services.writing.shopping_list.wanted_items import WantedItemWriting
from gateway.services.writing.stock import StockWriting
from gateway.settings.shops import MirrorSettings
from gateway.store.store import Store
from schema.carrier import Province


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """What all use cases stand on."""

    #: In the order of the configuration.
    adapters: Mapping[str, Adapter]
    store: Store
    #: The platform's list of regions.
    provinces: Sequence[Province]
    courier: Courier
    #: The mirrors of the configuration.
    mirrors: Sequence[MirrorSettings]
    feed: OrderFeed
    #: Wakes those who follow changes of orders.
    ring: Callable[[], Awaitable[None]]
    #: Seconds since the epoch.
    now: Callable[[], float]


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
    following: FollowingService
    product_writing: ProductWriting
    stock_writing: StockWriting
    image_writing: ImageWriting
    group_writing: GroupWriting
    shelf_writing: ShelfWriting
    template_writing: TemplateWriting
    fulfilment: Fulfilment
    order_writing: OrderWriting
    push_writing: PushWriting
    wanted_item_writing: WantedItemWriting
    product_sync: ProductSync
    cart_path_writing: CartPathWriting
    mirror_writing: MirrorWriting
    mirror_keeper: MirrorKeeper
    after_sale_writing: AfterSaleWriting

    @classmethod
    def over(cls, given: Resources) -> Self:
        """The use cases over these shops."""
        store, directory = given.store, Directory(given.adapters)
        orders, pushes = OrderService(directory), PushService(directory, store)
        after_sales = AfterSaleService(directory)
        desk, goods = OrderDesk(store, given.courier, given.ring), GoodsDesk(store, given.courier)
        products, shelves = ProductService(directory), ShelfService(directory)
        keeper = MirrorKeeper(
            given.adapters, store, given.courier, given.ring, given.mirrors, given.now
        )
        return cls(
            directory=directory,
            products=products,
            catalogue=CatalogueService(directory, given.provinces),
            shelves=shelves,
            orders=orders,
            after_sales=after_sales,
            wanted_items=WantedItemService(directory),
            shops=ShopService(directory, store),
            pushes=pushes,
            following=FollowingService(
                directory, orders, store.order_changes, given.feed, given.now
            ),
            product_writing=ProductWriting(directory, products),
            stock_writing=StockWriting(directory, products),
            image_writing=ImageWriting(directory),
            group_writing=GroupWriting(directory, shelves),
            shelf_writing=ShelfWriting(directory),
            template_writing=TemplateWriting(directory),
            fulfilment=Fulfilment(directory, orders, OrderNotes(store, given.ring), given.now),
            order_writing=OrderWriting(directory, store, desk, orders, pushes, given.now),
            push_writing=PushWriting(directory, store, given.courier, pushes),
            after_sale_writing=AfterSaleWriting(directory, desk, after_sales, pushes, given.now),
            mirror_writing=MirrorWriting(directory, keeper, orders, pushes, given.now),
            mirror_keeper=keeper,
            wanted_item_writing=WantedItemWriting(directory, store, goods, pushes, given.now),
            product_sync=ProductSync(directory, store, goods, products, pushes, given.now),
            cart_path_writing=CartPathWriting(directory, store, goods, pushes),
        )
