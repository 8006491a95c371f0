"""What the five widgets of a shelf may hold: manual 5.1, 货架控件说明."""

from gateway.sandbox.call import StoreCall
from gateway.sandbox.fields import Fields
from gateway.sandbox.image_rules import require_uploaded
from gateway.sandbox.refusal import Refusal

PRODUCT_LIST, GROUP_TABS, GROUP_BANNER, GROUP_GALLERY, COVER = 1, 2, 3, 4, 5
WIDGETS = (PRODUCT_LIST, GROUP_TABS, GROUP_BANNER, GROUP_GALLERY, COVER)
MOST_TABS = 4
MOST_GALLERY_GROUPS = 3


def check_widgets(call: StoreCall, modules: list[Fields]) -> list[int]:
    """Refuse widgets that the manual does not allow, and give their numbers."""
    widgets = [module.one_of("eid", WIDGETS) for module in modules]
    if COVER in widgets and len(widgets) > 1:
        raise Refusal(call.invented.store.widget_alone, "widget 5 cannot be combined")
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
        raise Refusal(call.invented.store.widget_limit, f"at most {most} groups")
    for group in groups:
        _require_group(call, group)
    return groups


def _require_group(call: StoreCall, group: Fields) -> None:
    if group.whole("group_id") not in call.shop.groups:
        raise Refusal(call.invented.store.group_not_found, "group not exist")
