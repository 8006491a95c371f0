"""The shopping list's orders: import, update, delete (已购订单)."""

import copy

from gateway.platforms.mini_program.sandbox.shipping import payment_of
from gateway.platforms.mini_program.sandbox.shopping_list import BAD_PARAMETERS, check_key
from gateway.platforms.mini_program.sandbox.state import (
    MiniProgramCall,
    Payment,
    ShoppingListOrder,
)
from gateway.sandbox.request import Fields, Refusal, Wire

TOO_MANY_TO_ADD = 9009400
TOO_MANY_TO_UPDATE = 9009300
SOME_FAILED = 9009301
ORDER_PARAMETER_ERROR = -2
ORDER_NOT_FOUND = 10001
FIELD_CONFLICT = 10002
MOST_ORDERS = 10

IMPORT_STATUSES = (3, 4, 5, 100)
UPDATE_STATUSES = (4, 5, 12, 100)
SHIPPED = 4
PAYMENT_METHODS = (0, 1, 2)
WECHAT_PAY = 1
INVOICE_TYPES = (0, 1)
#: The table of 更新订单信息: 2003 is none of them; 9999 is any other carrier.
CARRIERS = (2000, 2001, 2002, *range(2004, 2007), *range(2008, 2013), 2014, 2015, 9999)


def importorder(call: MiniProgramCall) -> Wire:
    """`/mall/importorder?action=`: `add-order` or `update-order`, ten orders at most."""
    action = call.query.get("action", "")
    if action == "add-order":
        return _add(call)
    if action == "update-order":
        return _update(call)
    raise Refusal(BAD_PARAMETERS, "req required field action")


def deleteorder(call: MiniProgramCall) -> Wire:
    """`/mall/deleteorder`: the user deleted it."""
    body = Fields(call.body.data, BAD_PARAMETERS)
    open_id, order_id = body.text("user_open_id"), body.text("order_id")
    known = call.shop.orders.get(order_id)
    if known is None or known.open_id != open_id:
        return _missing(call.invented.shopping_list.order_to_delete_not_found)
    del call.shop.orders[order_id]
    call.shop.deleted_orders.append(order_id)
    return {}


def _missing(code: int) -> Wire:
    if code:
        raise Refusal(code, "order not exist")
    return {}


def _orders(call: MiniProgramCall, too_many: int) -> list[Fields]:
    orders = Fields(call.body.data, BAD_PARAMETERS).inners("order_list")
    if len(orders) > MOST_ORDERS:
        raise Refusal(too_many, "too many orders")
    return [Fields(order.data, ORDER_PARAMETER_ERROR) for order in orders]


def _add(call: MiniProgramCall) -> Wire:
    orders = _orders(call, TOO_MANY_TO_ADD)
    failed: list[Wire] = []
    good: list[Fields] = []
    for order in orders:
        try:
            _check_new(call, order, {str(known.data["order_id"]) for known in good})
            good.append(order)
        except Refusal as refusal:
            failed.append(_failure(order, refusal))
    if not failed or call.invented.shopping_list.good_orders_of_a_bad_call_are_kept:
        for order in good:
            _keep(call, order)
    if failed:
        raise Refusal(BAD_PARAMETERS, failed[0]["msg"], {"fail_order_list": failed})
    return {}


def _check_new(call: MiniProgramCall, order: Fields, in_this_call: set[str]) -> None:
    _check_import(order)
    _check_buyer(call, order)
    order_id = order.text("order_id")
    repeated = order_id in call.shop.orders or order_id in in_this_call
    if repeated and call.invented.shopping_list.repeated_import:
        raise Refusal(call.invented.shopping_list.repeated_import, "order already exist")


def _keep(call: MiniProgramCall, order: Fields) -> None:
    open_id = order.inner("ext_info").text("user_open_id")
    document = copy.deepcopy(dict(order.data))
    former = call.shop.orders.get(document["order_id"])
    call.shop.orders[document["order_id"]] = ShoppingListOrder(
        open_id,
        document,
        history=call.query.get("is_history") == "1",
        calls=[*(former.calls if former else []), f"add-order {document['status']}"],
    )
    call.shop.buyers.add(open_id)
    if payment := document.get("trans_id"):
        # Who imports a paid order was paid by WeChat Pay before.
        call.shop.payments.setdefault(payment, Payment(payment_of(document, open_id)))


def _update(call: MiniProgramCall) -> Wire:
    failed: list[Wire] = []
    for order in _orders(call, TOO_MANY_TO_UPDATE):
        try:
            _change(call, order)
        except Refusal as refusal:
            failed.append(_failure(order, refusal))
    if failed:
        raise Refusal(SOME_FAILED, "some orders failed to update", {"fail_order_list": failed})
    return {}


def _change(call: MiniProgramCall, order: Fields) -> None:
    _check_update(order)
    known = call.shop.orders.get(order.text("order_id"))
    if known is None:
        raise Refusal(ORDER_NOT_FOUND, "order not exist")
    if order.inner("ext_info").text("user_open_id") != known.open_id:
        raise Refusal(FIELD_CONFLICT, "user_open_id conflict")
    payment = known.document.get("trans_id")
    if payment and order.data.get("trans_id") not in (None, payment):
        raise Refusal(FIELD_CONFLICT, "trans_id conflict")
    given = copy.deepcopy(dict(order.data))
    known.document["ext_info"].update(given.pop("ext_info"))
    known.document.update(given)
    known.calls.append(f"update-order {given['status']}")


def _check_buyer(call: MiniProgramCall, order: Fields) -> None:
    if call.foreign(order.inner("ext_info").text("user_open_id")):
        raise order.refuse("ext_info.user_open_id", "is not of this appid")


def _failure(order: Fields, refusal: Refusal) -> Wire:
    order_id = order.data.get("order_id")
    return {
        "order_id": order_id if isinstance(order_id, str) else "",
        "error_code": refusal.code,
        "msg": refusal.message,
    }


def _check_import(order: Fields) -> None:
    """Refuse an import with a missing or invalid field."""
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


def _check_update(order: Fields) -> None:
    """Refuse an update with a missing or invalid field."""
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
        parcel.one_of("express_company_id", CARRIERS)
        parcel.text("express_company_name")
        parcel.text("express_code")
        parcel.whole("ship_time", at_least=0)
        parcel.inner("express_page").text("path")
        parcel.each("express_goods_info_list", check_key)


def _check_invoice(more: Fields) -> None:
    if more.has("invoice_info"):
        invoice = more.inner("invoice_info")
        invoice.one_of("type", INVOICE_TYPES)
        invoice.text("title")
