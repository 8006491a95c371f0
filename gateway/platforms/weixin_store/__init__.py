"""The Weixin Store, today's 微信小店 (`channels/ec`, `shop/ec`)."""

from typing import Final

from gateway.china_days import midnight
from gateway.platform_kit.connection import BuildContext
from gateway.platform_kit.descriptor import PlatformDescriptor
from gateway.platform_kit.object_locks import ObjectLocks
from gateway.platforms.weixin_store.adapter.addresses import Addresses
from gateway.platforms.weixin_store.adapter.after_sale_index import IndexedAfterSales
from gateway.platforms.weixin_store.adapter.after_sale_writes import AfterSaleWrites
from gateway.platforms.weixin_store.adapter.after_sales import AfterSales
from gateway.platforms.weixin_store.adapter.carriers import Carriers
from gateway.platforms.weixin_store.adapter.catalogue import Catalogue
from gateway.platforms.weixin_store.adapter.delivery_templates import (
    DeliveryTemplates,
    TemplateWrites,
)
from gateway.platforms.weixin_store.adapter.images import Images
from gateway.platforms.weixin_store.adapter.index import IndexedOrders, IndexedProducts
from gateway.platforms.weixin_store.adapter.order_copies import OrderCopies
from gateway.platforms.weixin_store.adapter.order_ids import OrderIds
from gateway.platforms.weixin_store.adapter.order_search import OrderSearch
from gateway.platforms.weixin_store.adapter.order_writes import OrderWrites
from gateway.platforms.weixin_store.adapter.orders import Orders
from gateway.platforms.weixin_store.adapter.product_writes import ProductWrites
from gateway.platforms.weixin_store.adapter.products import Products
from gateway.platforms.weixin_store.adapter.revealed_addresses import RevealedAddresses
from gateway.platforms.weixin_store.adapter.shop import ShopCheck
from gateway.platforms.weixin_store.adapter.stock import Stock
from gateway.platforms.weixin_store.adapter.storefront import (
    Classification,
    HomePage,
    StorefrontWrites,
)
from gateway.platforms.weixin_store.errors import ERRORS
from gateway.platforms.weixin_store.settings import WeixinStoreShopSettings
from gateway.ports import Adapter
from gateway.wechat.order_messages import order_messages
from gateway.wechat.tokens import app_tokens
from schema.platform import Platform


def build(context: BuildContext[WeixinStoreShopSettings]) -> Adapter:
    """The adapter of one shop."""
    settings, shop, clients = context.settings, context.shop, context.clients
    tokens = app_tokens(settings)
    connection = clients.connect(
        settings.key,
        settings.base_url,
        ERRORS,
        tokens,
        quota=(settings.calls_per_minute, settings.calls_per_day),
    )
    since = midnight(settings.orders_since)
    client = connection.client
    lifetime = clients.lifetimes.get("orders", 0.0)
    after_sales = AfterSales(client, shop, since, lifetime)
    ids, index = OrderIds(client), IndexedOrders(shop, since)
    copies = OrderCopies(context.store, shop.key_name, index, ids, lifetime)
    locks = ObjectLocks(context.store, shop.key_name, clients.clock)
    products = Products(client, shop)
    product_writes = ProductWrites(client, shop, products, locks)
    stock = Stock(client, locks)
    orders, carriers = Orders(client, shop, ids, copies, since), Carriers(client)
    order_writes = OrderWrites(client, shop, orders, carriers)
    return Adapter(
        shop=shop,
        check=ShopCheck(connection),
        health=connection.health,
        after_sales=after_sales,
        index_after_sales=IndexedAfterSales(shop, after_sales),
        decides_after_sales=AfterSaleWrites(client, Addresses(client), carriers),
        carriers=carriers,
        orders=orders,
        changed_orders=ids,
        orders_by_phone=OrderSearch(client, orders, copies),
        index_orders=index,
        products=products,
        catalogue=Catalogue(client, shop),
        index_products=IndexedProducts(shop),
        writes_products=product_writes,
        withdraws_drafts=product_writes,
        sets_prices=product_writes,
        adjusts_stock=stock,
        sets_stock=stock,
        uploads_images=Images(client),
        ships_orders=order_writes,
        reprices_orders=order_writes,
        annotates_orders=order_writes,
        answers_address_requests=order_writes,
        reveals_addresses=RevealedAddresses(client),
        groups=Classification(client),
        shelves=HomePage(client, shop),
        delivery_templates=DeliveryTemplates(client, shop),
        places_products=StorefrontWrites(client),
        writes_delivery_templates=TemplateWrites(client, shop, locks),
    )


PLATFORM: Final = PlatformDescriptor(
    platform=Platform.WEIXIN_STORE,
    settings=WeixinStoreShopSettings,
    build=build,
    tokens=app_tokens,
    reconciled=True,
    messages=order_messages,
)
