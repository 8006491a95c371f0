"""Baidu's order centre: 导入主订单信息, 更新主订单信息, 更新主订单状态."""

import copy

from gateway.sandbox.baidu_rules import check_main, check_status, check_subs, records
from gateway.sandbox.call import BaiduCall
from gateway.sandbox.fields import Fields
from gateway.sandbox.refusal import Refusal
from gateway.sandbox.state import BaiduOrder, Wire

CASH_DESK_FIELDS = ("swan_id", "scene_id", "scene_type", "pm_app_key")


def add_info(call: BaiduCall) -> list[Wire]:
    """`add/main/info`: one record; an id that exists is overwritten, after-sales and all."""
    found = records(call)
    if len(found) > 1:
        raise Refusal(call.invented.baidu.several_orders, "Data may not hold several")
    record = found[0]
    _check_new(call, record)
    document = copy.deepcopy(dict(record.data))
    subs = document["EXT"].pop("SubsOrder", None)
    former = call.shop.orders.get(document["ResourceID"])
    open_id = call.query.get("open_id", "")
    call.shop.orders[document["ResourceID"]] = BaiduOrder(
        open_id,
        document,
        subs,
        query={name: call.query[name] for name in CASH_DESK_FIELDS if name in call.query},
        calls=[*(former.calls if former else []), f"add/main/info {document['Status']}"],
    )
    call.shop.buyers.add(open_id)
    return [affected(record, 1)]


def update_info(call: BaiduCall) -> list[Wire]:
    """`update/main/info`: what is given replaces what was; after-sales stay."""
    found = records(call)
    for record in found:
        if record.has("Status"):
            check_status(record)
        if record.has("EXT") and record.inner("EXT").has("MainOrder"):
            check_main(call, record.inner("EXT").inner("MainOrder"))
    return [_update(call, record) for record in found]


def update_status(call: BaiduCall) -> list[Wire]:
    """`update/main/status`: several records at once, each with its own outcome."""
    found = records(call)
    for record in found:
        check_status(record)
    return [_set_status(call, record) for record in found]


def affected(record: Fields, rows: int) -> Wire:
    """Give one record's outcome; numbers are strings, "0" means that nothing was done."""
    return {
        "biz_app_id": record.text("BizAPPID"),
        "cate_id": str(record.whole("CateID")),
        "resource_id": record.text("ResourceID"),
        "rows_affected": str(rows),
    }


def _check_new(call: BaiduCall, record: Fields) -> None:
    record.text("Title")
    record.whole("Ctime")
    record.whole("Mtime")
    check_status(record)
    more = record.inner("EXT")
    check_main(call, more.inner("MainOrder"))
    if more.has("SubsOrder"):
        check_subs(more.inner("SubsOrder"))


def _update(call: BaiduCall, record: Fields) -> Wire:
    known = call.shop.orders.get(record.text("ResourceID"))
    if known is None:
        return affected(record, 0)
    given = copy.deepcopy(dict(record.data))
    more = given.pop("EXT", {})
    known.main.update(given)
    if "MainOrder" in more:
        known.main["EXT"]["MainOrder"] = more["MainOrder"]
    known.calls.append(f"update/main/info {known.main['Status']}")
    return affected(record, 1)


def _set_status(call: BaiduCall, record: Fields) -> Wire:
    known = call.shop.orders.get(record.text("ResourceID"))
    if known is None:
        return affected(record, 0)
    known.main["Status"] = record.whole("Status")
    if record.has("Mtime"):
        known.main["Mtime"] = record.whole("Mtime")
    known.calls.append(f"update/main/status {known.main['Status']}")
    return affected(record, 1)
