"""What the shopping list requires of an order: the field tables of its import and update pages."""

from gateway.sandbox.fields import Fields

IMPORT_STATUSES = (3, 4, 5, 100)
UPDATE_STATUSES = (4, 5, 12, 100)
SHIPPED = 4
PAYMENT_METHODS = (0, 1, 2)
WECHAT_PAY = 1
INVOICE_TYPES = (0, 1)


def check_import(order: Fields) -> None:
    """Refuse an order to import that lacks a required field or holds a wrong one."""
    order.text("order_id")
    for name in ("create_time", "pay_finish_time", "fee"):
        order.whole(name, at_least=0)
    order.optional_text("desc")
    order.one_of("status", IMPORT_STATUSES)
    more = order.inner("ext_info")
    more.inner("product_info").each("item_list", _check_item)
    _check_express(more.inner("express_info"))
    if more.has("promotion_info"):
        more.inner("promotion_info").whole("discount_fee", at_least=0)
    brand = more.inner("brand_info")
    brand.text("phone")
    brand.inner("contact_detail_page").text("path")
    _check_invoice(more)
    if more.one_of("payment_method", PAYMENT_METHODS) == WECHAT_PAY:
        order.text("trans_id")
    more.text("user_open_id")
    more.inner("order_detail_page").text("path")


def check_update(order: Fields) -> None:
    """Refuse an update that lacks a required field or holds a wrong one."""
    order.text("order_id")
    order.optional_text("trans_id")
    more = order.inner("ext_info")
    more.text("user_open_id")
    if order.one_of("status", UPDATE_STATUSES) == SHIPPED or more.has("express_info"):
        express = more.inner("express_info")
        _check_express(express)
        express.inners("express_package_info_list")
    _check_invoice(more)
    if more.has("order_detail_page"):
        more.inner("order_detail_page").text("path")


def _check_item(item: Fields) -> None:
    for name in ("item_code", "sku_id", "title"):
        item.text(name)
    item.whole("amount", at_least=1)
    for name in ("total_fee", "unit_price", "original_price"):
        item.whole(name, at_least=0)
    for attribute in item.inners("stock_attr_info", empty=True):
        attribute.inner("attr_name").text("name")
        attribute.inner("attr_value").text("name")
    item.texts("category_list")
    item.inner("item_detail_page").text("path")


def _check_express(express: Fields) -> None:
    express.whole("price", at_least=0)
    for name in ("name", "phone", "address", "country", "province", "city", "district"):
        express.optional_text(name)
    for parcel in express.inners("express_package_info_list", empty=True):
        parcel.whole("express_company_id")
        parcel.text("express_company_name")
        parcel.text("express_code")
        parcel.whole("ship_time", at_least=0)
        parcel.inner("express_page").text("path")
        parcel.each("express_goods_info_list", check_key)


def check_key(item: Fields) -> None:
    """Refuse a pair of ids with one missing."""
    item.text("item_code")
    item.text("sku_id")


def _check_invoice(more: Fields) -> None:
    if more.has("invoice_info"):
        invoice = more.inner("invoice_info")
        invoice.one_of("type", INVOICE_TYPES)
        invoice.text("title")
