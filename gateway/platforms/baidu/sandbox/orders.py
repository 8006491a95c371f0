"""Baidu's order centre: imports and updates of orders and after-sales.

导入主订单信息, 更新主订单信息, 更新主订单状态, and 导入售后订单信息, 更新售后订单信息,
更新售后订单状态.
"""

import copy

from gateway.platforms.baidu.sandbox.order_rules import (
    NO_STATUS,
    check_main,
    check_parcel,
    check_status,
    check_sub_statuses,
    check_subs,
    records,
)
from gateway.platforms.baidu.sandbox.state import BaiduCall, BaiduOrder
from gateway.sandbox.request import Fields, Refusal, Wire

CASHIER_FIELDS = ("swan_id", "scene_id", "scene_type", "pm_app_key")


def add_info(call: BaiduCall) -> list[Wire]:
    """`add/main/info`: one record; an existing order is overwritten, after-sales included."""
    found = records(call)
    if len(found) > 1:
        raise Refusal(call.invented.several_orders, "Data may not hold several")
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
        query={name: call.query[name] for name in CASHIER_FIELDS if name in call.query},
        calls=[*(former.calls if former else []), f"add/main/info {document['Status']}"],
    )
    if open_id:
        call.shop.buyers.add(open_id)
    return [_affected(record, 1)]


def add_logistics(call: BaiduCall) -> list[Wire]:
    """`add/main/logistics`: adds a parcel, or replaces the one of its number."""
    found = records(call)
    for record in found:
        check_parcel(_parcel(record))
    return [_add_parcel(call, record) for record in found]


def update_info(call: BaiduCall) -> list[Wire]:
    """`update/main/info`: replaces the given fields; after-sales are unchanged."""
    found = records(call)
    for record in found:
        if record.has("Status"):
            check_status(record)
        if record.has("EXT") and record.inner("EXT").has("MainOrder"):
            check_main(call, record.inner("EXT").inner("MainOrder"))
    return [_update(call, record) for record in found]


def update_status(call: BaiduCall) -> list[Wire]:
    """`update/main/status`: several records, each with its own outcome."""
    found = records(call)
    for record in found:
        check_status(record)
    return [_set_status(call, record) for record in found]


def append_subs(call: BaiduCall) -> list[Wire]:
    """`append/sub/info`: adds after-sales; the order must exist."""
    found = records(call)
    for record in found:
        check_subs(_subs(record))
    return [_append_subs(call, record) for record in found]


def update_subs(call: BaiduCall) -> list[Wire]:
    """`update/sub/info`: replaces all after-sales with the given ones; each id must exist."""
    found = records(call)
    for record in found:
        check_subs(_subs(record))
    return [_replace_subs(call, record) for record in found]


def update_sub_statuses(call: BaiduCall) -> list[Wire]:
    """`update/sub/status`: sets the status of each given after-sale; each id must exist."""
    found = records(call)
    for record in found:
        check_sub_statuses(_subs(record))
    return [_set_sub_statuses(call, record) for record in found]


def _affected(record: Fields, rows: int) -> Wire:
    """Return one record's outcome; numbers are strings, and "0" means not applied."""
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
        return _affected(record, 0)
    given = copy.deepcopy(dict(record.data))
    more = given.pop("EXT", {})
    known.main.update(given)
    if "MainOrder" in more:
        known.main["EXT"]["MainOrder"] = more["MainOrder"]
    known.calls.append(f"update/main/info {known.main['Status']}")
    return _affected(record, 1)


def _parcel(record: Fields) -> Fields:
    return record.inner("EXT").inner("MainOrder").inner("Express")


def _add_parcel(call: BaiduCall, record: Fields) -> Wire:
    known = call.shop.orders.get(record.text("ResourceID"))
    if known is None:
        return _affected(record, 0)
    parcel = copy.deepcopy(dict(_parcel(record).data))
    main = known.main["EXT"]["MainOrder"]
    others = [one for one in main.get("Express", ()) if one["ID"] != parcel["ID"]]
    main["Express"] = [*others, parcel]
    known.calls.append("add/main/logistics")
    return _affected(record, 1)


def _set_status(call: BaiduCall, record: Fields) -> Wire:
    known = call.shop.orders.get(record.text("ResourceID"))
    if known is None:
        return _affected(record, 0)
    known.main["Status"] = record.whole("Status")
    if record.has("Mtime"):
        known.main["Mtime"] = record.whole("Mtime")
    known.calls.append(f"update/main/status {known.main['Status']}")
    return _affected(record, 1)


def _subs(record: Fields) -> Fields:
    return record.inner("EXT").inner("SubsOrder")


def _append_subs(call: BaiduCall, record: Fields) -> Wire:
    known = call.shop.orders.get(record.text("ResourceID"))
    if known is None:
        return _affected(record, 0)
    given = copy.deepcopy(dict(_subs(record).data))
    items = known.subs["Items"] if known.subs else []
    if not call.invented.repeated_append_doubles:
        new = {item["SubOrderID"] for item in given["Items"]}
        items = [item for item in items if item["SubOrderID"] not in new]
    given["Items"] = [*items, *given["Items"]]
    known.subs = {**(known.subs or {}), **given}
    known.calls.append("append/sub/info")
    return _affected(record, 1)


def _replace_subs(call: BaiduCall, record: Fields) -> Wire:
    known = _with_all_subs(call, record)
    if known is None:
        return _affected(record, 0)
    known.subs = copy.deepcopy(dict(_subs(record).data))
    known.calls.append("update/sub/info")
    return _affected(record, 1)


def _set_sub_statuses(call: BaiduCall, record: Fields) -> Wire:
    known = _with_all_subs(call, record)
    if known is None or known.subs is None:
        return _affected(record, 0)
    subs = _subs(record)
    given = {
        item.text("SubOrderID"): item.whole("SubStatus")
        for item in subs.inners("Items")
        if item.data["SubStatus"] != NO_STATUS
    }
    for item in known.subs["Items"]:
        item["SubStatus"] = given.get(item["SubOrderID"], item["SubStatus"])
    if subs.has("Status"):
        known.subs["Status"] = subs.whole("Status")
    known.calls.append("update/sub/status")
    return _affected(record, 1)


def _with_all_subs(call: BaiduCall, record: Fields) -> BaiduOrder | None:
    """Return the order if it exists with every after-sale that the record names."""
    known = call.shop.orders.get(record.text("ResourceID"))
    if known is None or known.subs is None:
        return None
    there = {item["SubOrderID"] for item in known.subs["Items"]}
    named = {item.text("SubOrderID") for item in _subs(record).inners("Items")}
    return known if named <= there else None
