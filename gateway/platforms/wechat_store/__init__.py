"""The WeChat Store (微信小店), per its manual V1.17: products, stock, shelves, orders."""

from datetime import timedelta
from typing import Final

from gateway.china_days import midnight
from gateway.ledger.order_times import KnownOrderTimes
from gateway.platform_kit.connection import BuildContext
from gateway.platform_kit.descriptor import PlatformDescriptor
from gateway.platform_kit.object_locks import ObjectLocks
from gateway.platforms.wechat_store.adapter.catalogue import Catalogue
from gateway.platforms.wechat_store.adapter.closed_orders import ClosedOrders
from gateway.platforms.wechat_store.adapter.delivery_templates import (
    DeliveryTemplates,
    TemplateWrites,
)
from gateway.platforms.wechat_store.adapter.groups import Groups, GroupWrites
from gateway.platforms.wechat_store.adapter.images import Images
from gateway.platforms.wechat_store.adapter.index import IndexedOrders, IndexedProducts
from gateway.platforms.wechat_store.adapter.order_windows import OrderWindows
from gateway.platforms.wechat_store.adapter.order_writes import OrderWrites
from gateway.platforms.wechat_store.adapter.orders import Orders
from gateway.platforms.wechat_store.adapter.originals import KeptDetails, Originals
from gateway.platforms.wechat_store.adapter.product_writes import ProductWrites
from gateway.platforms.wechat_store.adapter.products import Products
from gateway.platforms.wechat_store.adapter.shelves import ShelfWrites, Shelves
from gateway.platforms.wechat_store.adapter.stock import Stock
from gateway.platforms.wechat_store.errors import ERRORS
from gateway.platforms.wechat_store.mapping.carriers import CARRIERS
from gateway.platforms.wechat_store.mapping.regions import PROVINCES
from gateway.platforms.wechat_store.settings import WechatStoreShopSettings
from gateway.ports import Adapter
from gateway.wechat.after_sales import OrdersAsAfterSales
from gateway.wechat.order_messages import order_messages
from gateway.wechat.tokens import app_tokens
from schema.after_sale import AfterSaleStatus
from schema.order_status import OrderStatus
from schema.platform import Platform


def build(context: BuildContext[WechatStoreShopSettings]) -> Adapter:
    """The adapter of one shop; the ledger keeps what the platform does not return."""
    settings, shop, clients = context.settings, context.shop, context.clients
    tokens = app_tokens(settings)
    line = clients.connect(settings.key, settings.base_url, ERRORS, tokens)
    client = line.client
    since = midnight(settings.orders_since)
    windows = OrderWindows(client, shop, days=settings.orders_window_days, since=since)
    lifetime = clients.lifetimes.get("orders", 0)
    closed = ClosedOrders(context.store, shop.key_name, client, cached=lifetime > 0)
    times = KnownOrderTimes(context.store, shop.key_name)
    orders = Orders(client, shop, windows, closed, times, lifetime)
    order_writes = OrderWrites(client, orders, closed, times)
    products = Products(client, shop, timedelta(seconds=clients.lifetimes.get("products", 0)))
    originals = Originals(context.store, shop.key_name)
    locks = ObjectLocks(context.store, shop.key_name, clients.clock)
    return Adapter(
        shop=shop,
        check=line,
        health=line.health,
        products=products,
        kept_details=KeptDetails(originals),
        catalogue=Catalogue(client, shop),
        groups=Groups(client),
        shelves=Shelves(client, shop),
        delivery_templates=DeliveryTemplates(client, shop),
        orders=orders,
        after_sales=OrdersAsAfterSales(
            orders, standing=OrderStatus.IN_DISPUTE, status=AfterSaleStatus.IN_DISPUTE
        ),
        index_orders=IndexedOrders(shop, since),
        index_products=IndexedProducts(shop),
        writes_groups=GroupWrites(client),
        writes_shelves=ShelfWrites(client, shop, locks),
        writes_delivery_templates=TemplateWrites(client, shop),
        ships_orders=order_writes,
        closes_orders=order_writes,
        writes_products=ProductWrites(client, shop, products, originals, locks),
        adjusts_stock=Stock(client),
        uploads_images=Images(client),
    )


PLATFORM: Final = PlatformDescriptor(
    platform=Platform.WECHAT_STORE,
    settings=WechatStoreShopSettings,
    build=build,
    tokens=app_tokens,
    messages=order_messages,
    reconciled=True,
    mirrors_from=True,
    implied_after_sales={OrderStatus.IN_DISPUTE: AfterSaleStatus.IN_DISPUTE},
    regions=PROVINCES,
    carriers=CARRIERS,
)
