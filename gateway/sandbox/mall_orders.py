"""The shopping list's orders: import, update, delete (已购订单)."""

import copy

from gateway.sandbox.call import MiniCall
from gateway.sandbox.fields import Fields
from gateway.sandbox.mall_rules import check_import, check_update
from gateway.sandbox.refusal import Refusal
from gateway.sandbox.state import MallOrder, Wire

BAD_PARAMETERS = 9009098
TOO_MANY_TO_ADD = 9009400
TOO_MANY_TO_UPDATE = 9009300
SOME_FAILED = 9009301
ORDER_PARAMETER_ERROR = -2
ORDER_NOT_FOUND = 10001
FIELD_CONFLICT = 10002
MOST_ORDERS = 10


def importorder(call: MiniCall) -> Wire:
    """`/mall/importorder?action=`: `add-order` or `update-order`, ten orders at most."""
    action = call.query.get("action", "")
    if action == "add-order":
        return _add(call)
    if action == "update-order":
        return _update(call)
    raise Refusal(BAD_PARAMETERS, "req required field action")


def deleteorder(call: MiniCall) -> Wire:
    """`/mall/deleteorder`: the user deleted it."""
    body = Fields(call.body.data, BAD_PARAMETERS)
    open_id, order_id = body.text("user_open_id"), body.text("order_id")
    known = call.shop.orders.get(order_id)
    if known is None or known.open_id != open_id:
        return _missing(call.invented.mall.order_to_delete_not_found)
    del call.shop.orders[order_id]
    call.shop.deleted_orders.append(order_id)
    return {}


def _missing(code: int) -> Wire:
    if code:
        raise Refusal(code, "order not exist")
    return {}


def _orders(call: MiniCall, too_many: int) -> list[Fields]:
    orders = Fields(call.body.data, BAD_PARAMETERS).inners("order_list")
    if len(orders) > MOST_ORDERS:
        raise Refusal(too_many, "too many orders")
    return [Fields(order.data, ORDER_PARAMETER_ERROR) for order in orders]


def _add(call: MiniCall) -> Wire:
    orders = _orders(call, TOO_MANY_TO_ADD)
    failed: list[Wire] = []
    good: list[Fields] = []
    for order in orders:
        try:
            _check_new(call, order, {str(known.data["order_id"]) for known in good})
            good.append(order)
        except Refusal as refusal:
            failed.append(_failure(order, refusal))
    if not failed or call.invented.mall.good_orders_of_a_bad_call_are_kept:
        for order in good:
            _keep(call, order)
    if failed:
        raise Refusal(BAD_PARAMETERS, failed[0]["msg"], {"fail_order_list": failed})
    return {}


def _check_new(call: MiniCall, order: Fields, in_this_call: set[str]) -> None:
    check_import(order)
    _check_buyer(call, order)
    order_id = order.text("order_id")
    repeated = order_id in call.shop.orders or order_id in in_this_call
    if repeated and call.invented.mall.repeated_import:
        raise Refusal(call.invented.mall.repeated_import, "order already exist")


def _keep(call: MiniCall, order: Fields) -> None:
    open_id = order.inner("ext_info").text("user_open_id")
    document = copy.deepcopy(dict(order.data))
    former = call.shop.orders.get(document["order_id"])
    call.shop.orders[document["order_id"]] = MallOrder(
        open_id,
        document,
        history=call.query.get("is_history") == "1",
        calls=[*(former.calls if former else []), f"add-order {document['status']}"],
    )
    call.shop.buyers.add(open_id)


def _update(call: MiniCall) -> Wire:
    failed: list[Wire] = []
    for order in _orders(call, TOO_MANY_TO_UPDATE):
        try:
            _change(call, order)
        except Refusal as refusal:
            failed.append(_failure(order, refusal))
    if failed:
        raise Refusal(SOME_FAILED, "some orders failed to update", {"fail_order_list": failed})
    return {}


def _change(call: MiniCall, order: Fields) -> None:
    check_update(order)
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


def _check_buyer(call: MiniCall, order: Fields) -> None:
    if call.foreign(order.inner("ext_info").text("user_open_id")):
        raise order.refuse("ext_info.user_open_id", "is not of this appid")


def _failure(order: Fields, refusal: Refusal) -> Wire:
    order_id = order.data.get("order_id")
    return {
        "order_id": order_id if isinstance(order_id, str) else "",
        "error_code": refusal.code,
        "msg": refusal.message,
    }
