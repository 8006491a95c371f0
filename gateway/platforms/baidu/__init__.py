"""Baidu's smart programs (百度智能小程序): the order centre (订单中心)."""

from typing import Final

from gateway.ledger.after_sales import LedgerAfterSales
from gateway.ledger.mapping.order import OrderMapping
from gateway.ledger.mapping.product import ProductMapping
from gateway.ledger.orders import LedgerOrders
from gateway.ledger.products import LedgerProducts
from gateway.platform_kit.connection import BuildContext
from gateway.platform_kit.descriptor import PlatformDescriptor
from gateway.platforms.baidu.deliveries import BaiduDeliveries, SmartProgram
from gateway.platforms.baidu.endpoints import after_sale_status_at
from gateway.platforms.baidu.errors import ERRORS
from gateway.platforms.baidu.mapping.carriers import CARRIERS
from gateway.platforms.baidu.mapping.details import order_details, product_details
from gateway.platforms.baidu.settings import BaiduShopSettings
from gateway.platforms.baidu.tokens import app_tokens
from gateway.ports import Adapter
from schema.page_link import PageLinkInput, PageLinkState
from schema.platform import Platform


def build(context: BuildContext[BaiduShopSettings]) -> Adapter:
    """The adapter of one smart program; all its reads are the ledger's."""
    settings, shop, clients, store = context.settings, context.shop, context.clients, context.store
    tokens = app_tokens(settings)
    line = clients.connect(settings.key, settings.base_url, ERRORS, tokens)
    orders = LedgerOrders(
        store.orders,
        OrderMapping(shop=shop, details=order_details, carriers=CARRIERS),
        context.moment,
    )
    after_sales = LedgerAfterSales(store.after_sales, shop, context.moment)
    products = LedgerProducts(
        store.products, ProductMapping(shop=shop, details=product_details), context.moment
    )
    program = SmartProgram(
        app_key=settings.app_key,
        scene_type=settings.scene_type,
        pm_app_key=settings.pm_app_key,
        after_sale_status=after_sale_status_at(settings.after_sale_status_path),
        after_sales_as_object=settings.data_form == "object",
        parcels=settings.parcels,
    )
    deliveries = BaiduDeliveries(line.client, program)
    return Adapter(
        shop=shop,
        check=line,
        health=line.health,
        products=products,
        orders=orders,
        after_sales=after_sales,
        exports_orders=orders,
        exports_after_sales=after_sales,
        exports_products=products,
        deliveries=deliveries,
        accepts_orders=deliveries,
    )


PLATFORM: Final = PlatformDescriptor(
    platform=Platform.BAIDU,
    settings=BaiduShopSettings,
    build=build,
    tokens=app_tokens,
    accepts_orders=True,
    carriers=CARRIERS,
    page_link=lambda path: PageLinkInput(state=PageLinkState.SHOWN_AND_OPENS, swan=path),
)
