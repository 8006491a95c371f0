"""Shelves and their five widgets: manual chapter 5, 货架控件说明."""

import copy

from gateway.platforms.wechat_store.sandbox.images import require_uploaded
from gateway.platforms.wechat_store.sandbox.state import StoreCall
from gateway.sandbox.request import Fields, Refusal, Wire

PRODUCT_LIST, GROUP_TABS, GROUP_BANNER, GROUP_GALLERY, COVER = 1, 2, 3, 4, 5
WIDGETS = (PRODUCT_LIST, GROUP_TABS, GROUP_BANNER, GROUP_GALLERY, COVER)
MOST_TABS = 4
MOST_GALLERY_GROUPS = 3


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
        raise Refusal(call.invented.codes.shelf_not_found, "shelf not exist")
    return shelf_id


def _checked(call: StoreCall) -> Wire:
    modules = call.body.inner("shelf_data").inners("module_infos")
    widgets = _check_widgets(call, modules)
    name = call.body.text("shelf_name")
    banner = call.body.optional_text("shelf_banner")
    if banner and COVER in widgets:
        raise Refusal(call.invented.codes.banner_with_cover, "widget 5 has no banner")
    if banner:
        require_uploaded(call, banner)
    data = copy.deepcopy(call.body.inner("shelf_data").data["module_infos"])
    return {"shelf_info": {"module_infos": data}, "shelf_banner": banner, "shelf_name": name}


def _check_widgets(call: StoreCall, modules: list[Fields]) -> list[int]:
    """Refuse widgets that the manual does not allow, and return their numbers."""
    widgets = [module.one_of("eid", WIDGETS) for module in modules]
    if COVER in widgets and len(widgets) > 1:
        raise Refusal(call.invented.codes.widget_alone, "widget 5 cannot be combined")
    for widget, module in zip(widgets, modules, strict=True):
        _check_widget(call, widget, module)
    return widgets


def _check_widget(call: StoreCall, widget: int, module: Fields) -> None:
    if widget == PRODUCT_LIST:
        group = module.inner("group_info")
        _require_group(call, group)
        group.inner("filter").whole("count", at_least=1)
    elif widget == GROUP_TABS:
        _groups(call, module, MOST_TABS)
    elif widget == GROUP_BANNER:
        group = module.inner("group_info")
        _require_group(call, group)
        require_uploaded(call, group.text("img"))
    elif widget == GROUP_GALLERY:
        for group in _groups(call, module, MOST_GALLERY_GROUPS):
            require_uploaded(call, group.text("img"))
    else:
        _groups(call, module, None)
        require_uploaded(call, module.inner("group_infos").text("img_background"))


def _groups(call: StoreCall, module: Fields, most: int | None) -> list[Fields]:
    groups = module.inner("group_infos").inners("groups")
    if most is not None and len(groups) > most:
        raise Refusal(call.invented.codes.widget_limit, f"at most {most} groups")
    for group in groups:
        _require_group(call, group)
    return groups


def _require_group(call: StoreCall, group: Fields) -> None:
    if group.whole("group_id") not in call.shop.groups:
        raise Refusal(call.invented.codes.group_not_found, "group not exist")
