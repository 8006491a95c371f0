"""Maps shelves and their widgets to Shelf, and back (manual 5)."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from gateway.platforms.wechat_store.wire.shelf import (
    Group,
    Module,
    NewFilter,
    NewGroup,
    NewGroups,
    NewModule,
    NewShownGroup,
    ShelfData,
)
from gateway.platforms.wechat_store.wire.shelf import Shelf as WireShelf
from gateway.wechat.scalars import shown, text, whole
from schema.key import Key
from schema.loader_keys import ShownProducts
from schema.platform import Platform
from schema.shelf import (
    Shelf,
    ShelfCover,
    ShelfGroup,
    ShelfGroupBanner,
    ShelfGroupGallery,
    ShelfGroupTabs,
    ShelfModule,
    ShelfProductList,
    ShelfUnknown,
)
from schema.shop import Shop

#: The manual's numbers of the widgets (5.1, eid).
PRODUCT_LIST: Final = 1
TABS: Final = 2
BANNER: Final = 3
GALLERY: Final = 4
COVER: Final = 5


def shelf_from_wire(raw: WireShelf, shop: Shop, source: Callable[[], Any] | None = None) -> Shelf:
    """A shelf; `source` returns its document as received."""
    platform_id = str(raw.shelf_id)
    modules = (raw.shelf_info.module_infos if raw.shelf_info else None) or ()
    return Shelf(
        key=Key("Shelf", shop.key_name, platform_id),
        shop=shop,
        platform=Platform.WECHAT_STORE,
        platform_id=platform_id,
        name=shown(raw.shelf_name) or "",
        banner=text(raw.shelf_banner),
        modules=[
            _module(module, shop.key_name, source and partial(_module_source, source, place))
            for place, module in enumerate(modules)
        ],
        raw_source=source,
    )


def _module_source(shelf: Callable[[], Any], place: int) -> Any:
    return shelf()["shelf_info"]["module_infos"][place]


def _module(raw: Module, shop: str, source: Callable[[], Any] | None) -> ShelfModule:
    widget = whole(raw.eid) or 0
    if raw.group_info is not None:
        entry = _group(raw.group_info, shop)
        if widget == PRODUCT_LIST:
            count = (whole(raw.group_info.filter.count) if raw.group_info.filter else None) or 0
            shown_products = ShownProducts(entry.group_key, count)
            return ShelfProductList(entry=entry, count=count, shown=shown_products)
        if widget == BANNER:
            return ShelfGroupBanner(entry=entry)
    if raw.group_infos is not None:
        entries = [_group(group, shop) for group in raw.group_infos.groups or ()]
        if widget == TABS:
            return ShelfGroupTabs(entries=entries)
        if widget == GALLERY:
            return ShelfGroupGallery(entries=entries)
        if widget == COVER:
            return ShelfCover(entries=entries, background=text(raw.group_infos.img_background))
    return ShelfUnknown(widget=widget, raw_source=source)


def _group(raw: Group, shop: str) -> ShelfGroup:
    platform_id = str(raw.group_id)
    return ShelfGroup(
        group_key=Key("ProductGroup", shop, platform_id),
        platform_id=platform_id,
        image=text(raw.img),
    )


def shelf_data_to_wire(modules: Sequence[ShelfModule]) -> ShelfData:
    """The widgets in order; the ids of their groups are numbers, and no widget is unknown."""
    return ShelfData(module_infos=[_module_to_wire(module) for module in modules])


def _module_to_wire(module: ShelfModule) -> NewModule:
    match module:
        case ShelfProductList():
            group = _shown_to_wire(module.entry, NewFilter(count=module.count))
            return NewModule(eid=PRODUCT_LIST, group_info=group)
        case ShelfGroupTabs():
            return NewModule(eid=TABS, group_infos=_groups_to_wire(module.entries))
        case ShelfGroupBanner():
            return NewModule(eid=BANNER, group_info=_shown_to_wire(module.entry))
        case ShelfGroupGallery():
            return NewModule(eid=GALLERY, group_infos=_groups_to_wire(module.entries))
        case ShelfCover():
            return NewModule(
                eid=COVER, group_infos=_groups_to_wire(module.entries, module.background)
            )
        case _:
            raise ValueError(f"{type(module).__name__} cannot be sent")


def _groups_to_wire(entries: Sequence[ShelfGroup], background: str | None = None) -> NewGroups:
    groups = [NewGroup(group_id=int(entry.platform_id), img=entry.image) for entry in entries]
    return NewGroups(groups=groups, img_background=background)


def _shown_to_wire(entry: ShelfGroup, shown: NewFilter | None = None) -> NewShownGroup:
    return NewShownGroup(group_id=int(entry.platform_id), img=entry.image, filter=shown)
