"""Shelves: manual chapter 5."""

import copy

from gateway.sandbox.call import StoreCall
from gateway.sandbox.image_rules import require_uploaded
from gateway.sandbox.refusal import Refusal
from gateway.sandbox.shelf_rules import COVER, check_widgets
from gateway.sandbox.state import Wire


def add(call: StoreCall) -> Wire:
    """`/merchant/shelf/add` (5.1)."""
    shelf = _checked(call)
    call.shop.last_id += 1
    shelf_id = call.shop.last_id
    call.shop.shelves[shelf_id] = {**shelf, "shelf_id": shelf_id}
    return {"shelf_id": shelf_id}


def delete(call: StoreCall) -> Wire:
    """`/merchant/shelf/del` (5.2)."""
    del call.shop.shelves[_find(call)]
    return {}


def mod(call: StoreCall) -> Wire:
    """`/merchant/shelf/mod` (5.3): the whole shelf."""
    shelf_id = _find(call)
    call.shop.shelves[shelf_id] = {**_checked(call), "shelf_id": shelf_id}
    return {}


def getall(call: StoreCall) -> Wire:
    """`/merchant/shelf/getall` (5.4)."""
    return {"shelves": list(call.shop.shelves.values())}


def getbyid(call: StoreCall) -> Wire:
    """`/merchant/shelf/getbyid` (5.5)."""
    return dict(call.shop.shelves[_find(call)])


def _find(call: StoreCall) -> int:
    shelf_id = call.body.whole("shelf_id")
    if shelf_id not in call.shop.shelves:
        raise Refusal(call.invented.store.shelf_not_found, "shelf not exist")
    return shelf_id


def _checked(call: StoreCall) -> Wire:
    modules = call.body.inner("shelf_data").inners("module_infos")
    widgets = check_widgets(call, modules)
    name = call.body.text("shelf_name")
    banner = call.body.optional_text("shelf_banner")
    if banner and COVER in widgets:
        raise Refusal(call.invented.store.banner_with_cover, "widget 5 has no banner")
    if banner:
        require_uploaded(call, banner)
    data = copy.deepcopy(call.body.inner("shelf_data").data["module_infos"])
    return {"shelf_info": {"module_infos": data}, "shelf_banner": banner, "shelf_name": name}
