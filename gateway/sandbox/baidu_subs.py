"""Baidu's after-sales: 导入售后订单信息, 更新售后订单信息, 更新售后订单状态."""

import copy

from gateway.sandbox.baidu_orders import affected
from gateway.sandbox.baidu_rules import SUB_STATUSES, check_subs, records
from gateway.sandbox.call import BaiduCall
from gateway.sandbox.fields import Fields
from gateway.sandbox.state import BaiduOrder, Wire


def append_info(call: BaiduCall) -> list[Wire]:
    """`append/sub/info`: more after-sales; the order must be there."""
    found = records(call)
    for record in found:
        check_subs(_subs(record))
    return [_append(call, record) for record in found]


def update_info(call: BaiduCall) -> list[Wire]:
    """`update/sub/info`: the after-sales given replace all that were; each id must be there."""
    found = records(call)
    for record in found:
        check_subs(_subs(record))
    return [_replace(call, record) for record in found]


def update_status(call: BaiduCall) -> list[Wire]:
    """`update/sub/status`: the status of each after-sale given; each id must be there."""
    found = records(call)
    for record in found:
        _check_statuses(_subs(record))
    return [_set_statuses(call, record) for record in found]


def _subs(record: Fields) -> Fields:
    return record.inner("EXT").inner("SubsOrder")


def _check_statuses(subs: Fields) -> None:
    if subs.has("Status"):
        subs.one_of("Status", SUB_STATUSES)
    for item in subs.inners("Items"):
        item.text("SubOrderID")
        item.one_of("SubStatus", SUB_STATUSES)


def _append(call: BaiduCall, record: Fields) -> Wire:
    known = call.shop.orders.get(record.text("ResourceID"))
    if known is None:
        return affected(record, 0)
    given = copy.deepcopy(dict(_subs(record).data))
    items = known.subs["Items"] if known.subs else []
    if not call.invented.baidu.repeated_append_doubles:
        new = {item["SubOrderID"] for item in given["Items"]}
        items = [item for item in items if item["SubOrderID"] not in new]
    given["Items"] = [*items, *given["Items"]]
    known.subs = {**(known.subs or {}), **given}
    known.calls.append("append/sub/info")
    return affected(record, 1)


def _replace(call: BaiduCall, record: Fields) -> Wire:
    known = _with_all(call, record)
    if known is None:
        return affected(record, 0)
    known.subs = copy.deepcopy(dict(_subs(record).data))
    known.calls.append("update/sub/info")
    return affected(record, 1)


def _set_statuses(call: BaiduCall, record: Fields) -> Wire:
    known = _with_all(call, record)
    if known is None or known.subs is None:
        return affected(record, 0)
    subs = _subs(record)
    given = {item.text("SubOrderID"): item.whole("SubStatus") for item in subs.inners("Items")}
    for item in known.subs["Items"]:
        item["SubStatus"] = given.get(item["SubOrderID"], item["SubStatus"])
    if subs.has("Status"):
        known.subs["Status"] = subs.whole("Status")
    known.calls.append("update/sub/status")
    return affected(record, 1)


def _with_all(call: BaiduCall, record: Fields) -> BaiduOrder | None:
    """Give the order if it is there with every after-sale that the record names."""
    known = call.shop.orders.get(record.text("ResourceID"))
    if known is None or known.subs is None:
        return None
    there = {item["SubOrderID"] for item in known.subs["Items"]}
    named = {item.text("SubOrderID") for item in _subs(record).inners("Items")}
    return known if named <= there else None
