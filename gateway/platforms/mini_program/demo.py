"""The demo's Mini Program shop: its configuration for `gateway run` and its ledger.

Converts the sandbox's shopping list to ledger documents, field by field by the pages
导入“已购订单”, 导入“想买清单” and 更新商品信息.
"""

from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter
from types import MappingProxyType
from typing import Final

from gateway.ledger.seen_products import products_seen
from gateway.platforms.mini_program.mapping.carriers import OTHER_CARRIER
from gateway.platforms.mini_program.mapping.status import ORDER_STATUS
from gateway.platforms.mini_program.sandbox.sample import (
    CART_PATH,
    SampleImport,
    SampleWantedItem,
    sample_imports,
    sample_products,
    sample_wanted_items,
)
from gateway.platforms.mini_program.sandbox.sample_partner_orders import sample_partner_orders
from gateway.platforms.mini_program.sandbox.state import MINI
from gateway.sandbox.request import Wire
from gateway.sandbox.sample_shop import SampleShop
from gateway.sandbox.wechat_events import EVENT_AES_KEY, EVENT_TOKEN
from gateway.store.documents import (
    Attribute,
    Invoice,
    OrderDocument,
    OrderItem,
    OrderPersonal,
    PageLink,
    Payment,
    PaymentLine,
    ProductDocument,
    ProductSku,
    Shipment,
    ShipmentItem,
    ShippingAddress,
    WantedItemDocument,
)
from gateway.store.engine import Transaction
from gateway.store.partner_orders import PartnerOrder
from gateway.store.products import ProductEntry
from gateway.store.store import Store

KEY: Final = "mini"
SETTINGS: Final = MappingProxyType(
    {
        "name": "小程序",
        "app_id": MINI.app_id,
        "app_secret": MINI.secret,
        "service_phone": "400-000-0000",
        "contact_page": "/pages/contact",
        "event_token": EVENT_TOKEN,
        "event_aes_key": EVENT_AES_KEY,
    }
)
EVENTS_PATH: Final = f"/webhooks/wechat/{KEY}"

_PAYMENT_METHOD: Final = {1: "WECHAT_PAY", 2: "OTHER"}
_INVOICE_TYPE: Final = {0: "COMPANY", 1: "PERSON"}
_SKU_STATUS: Final = {1: "ON_SALE", 2: "OFF_SALE", 3: "SOLD_OUT"}


async def seed(store: Store, transaction: Transaction, shop: str, sample: SampleShop) -> None:
    """Write orders, products, want-to-buy lists, the cart page and announced orders."""
    orders = [order_of(order) for order in sample_imports(sample)]
    synced = [product_of(wire, sample.now) for wire in sample_products(sample)]
    await store.orders.put_many(transaction, shop, orders)
    # Synced products come last and are current: they hold more than an order does.
    seen = products_seen(document for document, _ in orders)
    await store.products.put_many(transaction, shop, seen)
    entries = [_entry(known, sample.now) for known in synced]
    await store.products.put_many(transaction, shop, entries)
    by_buyer = attrgetter("open_id")
    items = sorted(sample_wanted_items(sample), key=by_buyer)
    for open_id, lines in groupby(items, by_buyer):
        wanted = [wanted_of(line) for line in lines]
        await store.wanted_items.put_many(transaction, shop, open_id, wanted)
    await store.shops.set_cart_path(transaction, shop, CART_PATH)
    for order in sample_partner_orders(sample):
        announced = PartnerOrder(shop, order.shop_appid, order.order_id, order.event_time)
        await store.partner_orders.announce(transaction, announced)


def order_of(order: SampleImport) -> tuple[OrderDocument, OrderPersonal]:
    """An order and, separately, its buyer."""
    wire, more = order.wire, order.wire["ext_info"]
    express, brand = more["express_info"], more["brand_info"]
    discount = more.get("promotion_info", {}).get("discount_fee")
    document = OrderDocument(
        platform_id=wire["order_id"],
        status=ORDER_STATUS[wire["status"]].name,
        platform_status=str(wire["status"]),
        created_at=wire["create_time"],
        items=tuple(map(_item, more["product_info"]["item_list"])),
        total=wire["fee"],
        shipping_fee=express["price"],
        discounts=(PaymentLine(name="优惠", amount=discount),) if discount else (),
        payment=Payment(
            method=_PAYMENT_METHOD[more["payment_method"]],
            paid=True,
            paid_at=wire["pay_finish_time"],
            reference=wire["trans_id"],
        ),
        shipments=tuple(map(_parcel, express.get("express_package_info_list", ()))),
        brand_phone=brand["phone"],
        contact_page=brand["contact_detail_page"]["path"],
        page=_page(more["order_detail_page"]),
    )
    return document, _personal(order)


def wanted_of(item: SampleWantedItem) -> WantedItemDocument:
    """One line of a buyer's want-to-buy list."""
    wire, sku = item.wire, item.wire["sku_info"]
    return WantedItemDocument(
        platform_product_id=wire["item_code"],
        platform_sku_id=sku["sku_id"],
        title=wire["title"],
        description=wire["desc"],
        images=tuple(wire["image_list"]),
        price=sku["price"],
        list_price=sku["original_price"],
        status=_SKU_STATUS[sku["status"]],
        attributes=_attributes(sku["sku_attr_list"]),
        product_attributes=_attributes(wire["attr_list"]),
        category_path=tuple(wire["category_list"]),
        quantity=item.quantity,
        page_path=wire["src_wxapp_path"],
        added_at=item.added_at,
    )


def product_of(wire: Wire, synced_at: int) -> ProductDocument:
    """A product as synced to the shopping list."""
    return ProductDocument(
        platform_product_id=wire["item_code"],
        title=wire["title"],
        description=wire["desc"],
        images=tuple(wire["image_list"]),
        category_path=tuple(wire["category_list"]),
        page_path=wire["src_wxapp_path"],
        product_attributes=_attributes(wire["attr_list"]),
        skus=tuple(map(_sku, wire["sku_list"])),
        synced_at=synced_at,
    )


def _sku(wire: Wire) -> ProductSku:
    return ProductSku(
        platform_id=wire["sku_id"],
        # The sandbox's shops call a SKU by the merchant's own code.
        code=wire["sku_id"],
        price=wire["price"],
        list_price=wire["original_price"],
        status=_SKU_STATUS[wire["status"]],
        attributes=_attributes(wire["sku_attr_list"]),
    )


def _item(wire: Wire) -> OrderItem:
    return OrderItem(
        platform_product_id=wire["item_code"],
        platform_sku_id=wire["sku_id"],
        code=wire["sku_id"],
        title=wire["title"],
        description=wire["desc"],
        quantity=wire["amount"],
        unit_price=wire["unit_price"],
        list_price=wire["original_price"],
        total=wire["total_fee"],
        images=(wire["thumb_url"],),
        attributes=tuple(
            Attribute(name=pair["attr_name"]["name"], value=pair["attr_value"]["name"])
            for pair in wire["stock_attr_info"]
        ),
        category_path=tuple(wire["category_list"]),
        page=_page(wire["item_detail_page"]),
    )


def _parcel(wire: Wire) -> Shipment:
    number = wire["express_company_id"]
    return Shipment(
        carrier_code=None if number == OTHER_CARRIER else str(number),
        carrier_name=wire["express_company_name"],
        tracking_number=wire["express_code"],
        shipped_at=wire["ship_time"],
        page=_page(wire["express_page"]),
        items=tuple(
            ShipmentItem(platform_product_id=known["item_code"], platform_sku_id=known["sku_id"])
            for known in wire["express_goods_info_list"]
        ),
    )


def _personal(order: SampleImport) -> OrderPersonal:
    more = order.wire["ext_info"]
    express, invoice = more["express_info"], more.get("invoice_info")
    return OrderPersonal(
        open_id=order.open_id,
        shipping_address=ShippingAddress(
            name=express["name"],
            country=express["country"],
            province=express["province"],
            city=express["city"],
            district=express["district"],
            street=express["address"],
            mobile=express["phone"],
        ),
        invoice=invoice
        and Invoice(
            type=_INVOICE_TYPE[invoice["type"]],
            title=invoice["title"],
            page=_page(invoice["invoice_detail_page"]),
        ),
        remark=order.wire["desc"] or None,
    )


def _page(wire: Wire) -> PageLink:
    return PageLink(mini_program_path=wire["path"])


def _attributes(pairs: Iterable[Wire]) -> tuple[Attribute, ...]:
    return tuple(Attribute(name=pair["name"], value=pair["value"]) for pair in pairs)


def _entry(document: ProductDocument, now: int) -> ProductEntry:
    on_sale = any(sku.status == "ON_SALE" for sku in document.skus)
    return ProductEntry(document, "ON_SHELF" if on_sale else "OFF_SHELF", now)
