"""The demo's Baidu shop: its configuration for `gateway run` and its ledger.

Converts the sandbox's orders to ledger documents, with the fields of Baidu's manual.
"""

from types import MappingProxyType
from typing import Final

from gateway.ledger.seen_products import products_seen
from gateway.platforms.baidu.mapping.status import (
    AFTER_SALE_KIND,
    AFTER_SALE_STATUS,
    KIND,
    ORDER_STATUS,
)
from gateway.platforms.baidu.sandbox.sample import SampleRecord, sample_records
from gateway.platforms.baidu.sandbox.state import SWAN
from gateway.sandbox.request import Wire
from gateway.sandbox.sample_shop import SampleShop
from gateway.store.documents import (
    AfterSaleDocument,
    AfterSaleItem,
    Attribute,
    OrderDocument,
    OrderItem,
    OrderPersonal,
    PageLink,
    Payment,
    PaymentLine,
)
from gateway.store.engine import Transaction
from gateway.store.store import Store
from schema.after_sale import AfterSaleKind

KEY: Final = "swan"
SETTINGS: Final = MappingProxyType(
    {
        "name": "百度智能小程序",
        "app_key": SWAN.app_id,
        "app_secret": SWAN.secret,
    }
)
EVENTS_PATH: Final = None

#: Data.Ext.MainOrder.Payment.Method.
_PAYMENT_METHOD: Final = {1: "ONLINE", 2: "CASH_ON_DELIVERY"}
_PAGE_STATE: Final = {0: "HIDDEN", 1: "SHOWN", 2: "SHOWN_AND_OPENS"}
#: Name of the shipping charge in the sample orders.
_SHIPPING: Final = "运费"


async def seed(store: Store, transaction: Transaction, shop: str, sample: SampleShop) -> None:
    """Write the orders, their after-sales and their products."""
    records = sample_records(sample)
    orders = [order_of(record) for record in records]
    after_sales = [known for record in records for known in after_sales_of(record)]
    await store.orders.put_many(transaction, shop, orders)
    await store.after_sales.put_many(transaction, shop, after_sales)
    seen = products_seen(document for document, _ in orders)
    await store.products.put_many(transaction, shop, seen)


def order_of(order: SampleRecord) -> tuple[OrderDocument, OrderPersonal]:
    """An order and, separately, its buyer."""
    wire, main = order.wire, order.wire["EXT"]["MainOrder"]
    payment, subs = main["Payment"], order.wire["EXT"].get("SubsOrder")
    kind = KIND[wire["CateID"]]
    charges = {known["Name"]: known for known in payment["PaymentInfo"]}
    shipping = charges.pop(_SHIPPING, None)
    document = OrderDocument(
        platform_id=wire["ResourceID"],
        status=ORDER_STATUS[kind][wire["Status"]].name,
        platform_status=str(wire["Status"]),
        title=wire["Title"],
        kind=kind.name,
        created_at=wire["Ctime"],
        updated_at=wire["Mtime"],
        items=tuple(map(_item, main["Products"])),
        total=payment["Amount"],
        shipping_fee=shipping and shipping["Value"],
        discounts=tuple(map(_line, payment["PreferentialInfo"])),
        charges=tuple(map(_line, charges.values())),
        payment=Payment(
            method=_PAYMENT_METHOD[payment["Method"]],
            paid=payment["IsPayment"],
            paid_at=payment["Time"] or None,
        ),
        page=_page(main["OrderDetail"]),
        review_page=_page(main["Appraise"]),
        after_sale_status=subs and AFTER_SALE_STATUS[subs["Status"]].name,
    )
    return document, OrderPersonal(open_id=order.open_id)


def after_sales_of(order: SampleRecord) -> list[AfterSaleDocument]:
    """The order's after-sales."""
    subs = order.wire["EXT"].get("SubsOrder", {"Items": []})
    return [_after_sale(order.wire["ResourceID"], known) for known in subs["Items"]]


def _after_sale(order_id: str, wire: Wire) -> AfterSaleDocument:
    refund, kind = wire["Refund"], AFTER_SALE_KIND[wire["OrderType"]]
    return AfterSaleDocument(
        platform_id=wire["SubOrderID"],
        order_platform_id=order_id,
        status=AFTER_SALE_STATUS[wire["SubStatus"]].name,
        platform_status=str(wire["SubStatus"]),
        kind=kind.name,
        refund=None if kind is AfterSaleKind.EXCHANGE else refund["Amount"],
        items=tuple(
            AfterSaleItem(
                platform_product_id=known["ID"], quantity=known["Quantity"], refund=known["Amount"]
            )
            for known in refund["Product"]
        ),
        created_at=wire["CTime"],
        updated_at=wire["MTime"],
        page=_page(wire["OrderDetail"]),
    )


def _item(wire: Wire) -> OrderItem:
    return OrderItem(
        platform_product_id=wire["ID"],
        title=wire["Name"],
        description=wire["Desc"],
        quantity=wire["Quantity"],
        unit_price=wire["PayPrice"],
        list_price=wire["Price"],
        images=tuple(wire["ImgList"]),
        attributes=tuple(
            Attribute(name=pair["Name"], value=pair["Value"]) for pair in wire["SkuAttr"]
        ),
        page=_page(wire["DetailPage"]),
    )


def _line(wire: Wire) -> PaymentLine:
    return PaymentLine(name=wire["Name"], amount=wire["Value"], quantity=wire["Quantity"])


def _page(wire: Wire) -> PageLink:
    return PageLink(state=_PAGE_STATE[wire["Status"]], swan=wire.get("SwanSchema"))
