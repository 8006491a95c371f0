"""The Mini Program (小程序): shopping list (购物单), partner stores' orders, shipping reports."""

from typing import Final

from gateway.ledger.mapping.order import OrderMapping
from gateway.ledger.mapping.product import ProductMapping
from gateway.ledger.order_times import KnownOrderTimes
from gateway.ledger.orders import LedgerOrders
from gateway.ledger.products import LedgerProducts
from gateway.ledger.wanted_items import LedgerWantedItems
from gateway.outbox.delivery import DeliveryRouter
from gateway.platform_kit.connection import BuildContext
from gateway.platform_kit.descriptor import PlatformDescriptor
from gateway.platforms.mini_program.adapter.account import OrderCenter, TradeManagement
from gateway.platforms.mini_program.adapter.after_sales import MiniProgramAfterSales
from gateway.platforms.mini_program.adapter.index import IndexedPartnerOrders
from gateway.platforms.mini_program.adapter.orders import AnnouncedOrders, MiniProgramOrders
from gateway.platforms.mini_program.adapter.partner_orders import PartnerOrders
from gateway.platforms.mini_program.adapter.payments import MiniProgramPayments
from gateway.platforms.mini_program.deliveries import ORDERS, OrderDeliveries
from gateway.platforms.mini_program.errors import ERRORS
from gateway.platforms.mini_program.mapping.carriers import CARRIERS
from gateway.platforms.mini_program.mapping.details import (
    after_sale_status,
    order_details,
    product_details,
)
from gateway.platforms.mini_program.mapping.order_to_wire import Brand
from gateway.platforms.mini_program.mapping.status import AFTER_SALE_STATUS
from gateway.platforms.mini_program.settings import MiniProgramShopSettings
from gateway.platforms.mini_program.shipping_deliveries import SHIPPING, ShippingDeliveries
from gateway.platforms.mini_program.shopping_list_deliveries import (
    SHOPPING_LIST,
    ShoppingListDeliveries,
)
from gateway.ports import Adapter
from gateway.wechat.after_sales import ExportedOrdersAsAfterSales
from gateway.wechat.order_messages import order_messages
from gateway.wechat.tokens import app_tokens
from schema.page_link import PageLinkInput
from schema.platform import Platform


def build(context: BuildContext[MiniProgramShopSettings]) -> Adapter:
    """The adapter of one Mini Program."""
    settings, shop, clients, store = context.settings, context.shop, context.clients, context.store
    tokens = app_tokens(settings)
    line = clients.connect(settings.key, settings.base_url, ERRORS, tokens)
    mapping = OrderMapping(
        shop=shop,
        details=order_details,
        carriers=CARRIERS,
        after_sale_status=after_sale_status,
    )
    ledger = LedgerOrders(store.orders, mapping, context.moment)
    times = KnownOrderTimes(store, shop.key_name)
    partner = PartnerOrders(shop, line.client, store.partner_orders, times)
    all_orders = MiniProgramOrders(
        ledger, AnnouncedOrders(shop.key_name, store.partner_orders, partner)
    )
    ((standing, status),) = AFTER_SALE_STATUS.items()
    products = LedgerProducts(
        store.products, ProductMapping(shop=shop, details=product_details), context.moment
    )
    brand = Brand(phone=settings.service_phone, contact_page=settings.contact_page)
    orders = OrderDeliveries(
        line.client,
        brand,
        test_data=settings.test_data,
        overwrite_from=store.orders if settings.on_lost_import == "overwrite" else None,
        sends_orders=settings.shopping_list,
    )
    shopping_list = ShoppingListDeliveries(
        line.client, test_data=settings.test_data, list_query=settings.list_query
    )
    return Adapter(
        shop=shop,
        check=line,
        health=line.health,
        products=products,
        orders=all_orders,
        partner_orders=partner,
        after_sales=MiniProgramAfterSales(all_orders, partner),
        wanted_items=LedgerWantedItems(store.wanted_items, shop, context.moment),
        exports_orders=ledger,
        exports_after_sales=ExportedOrdersAsAfterSales(ledger, standing=standing, status=status),
        exports_products=products,
        index_orders=IndexedPartnerOrders(shop),
        deliveries=DeliveryRouter(
            dict.fromkeys(ORDERS, orders)
            | dict.fromkeys(SHOPPING_LIST, shopping_list)
            | dict.fromkeys(SHIPPING, ShippingDeliveries(line.client, brand))
        ),
        order_center=OrderCenter(line.client),
        account=TradeManagement(line.client, settings.app_id),
        payments=MiniProgramPayments(line.client, settings.app_id),
        accepts_orders=orders,
        accepts_shopping_list=shopping_list if settings.shopping_list else None,
    )


PLATFORM: Final = PlatformDescriptor(
    platform=Platform.MINI_PROGRAM,
    settings=MiniProgramShopSettings,
    build=build,
    tokens=app_tokens,
    messages=order_messages,
    accepts_orders=True,
    implied_after_sales=AFTER_SALE_STATUS,
    page_link=lambda path: PageLinkInput(mini_program_path=path),
    carriers=CARRIERS,
)
