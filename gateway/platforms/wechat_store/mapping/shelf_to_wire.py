"""From shelves and their widgets to what the platform takes (manual 5.1, 5.3)."""

from collections.abc import Sequence

from gateway.platforms.wechat_store.mapping.shelf import BANNER, COVER, GALLERY, PRODUCT_LIST, TABS
from gateway.platforms.wechat_store.wire.shelf import (
    NewFilter,
    NewGroup,
    NewGroups,
    NewModule,
    ShelfData,
)
from schema.shelf import (
    ShelfCover,
    ShelfGroup,
    ShelfGroupBanner,
    ShelfGroupGallery,
    ShelfGroupTabs,
    ShelfModule,
    ShelfProductList,
)


def shelf_data_to_wire(modules: Sequence[ShelfModule]) -> ShelfData:
    """The widgets in their order; their groups' ids are numbers, and none is unknown."""
    return ShelfData(module_infos=[_module(module) for module in modules])


def _module(module: ShelfModule) -> NewModule:
    match module:
        case ShelfProductList():
            group = _group(module.entry, NewFilter(count=module.count))
            return NewModule(eid=PRODUCT_LIST, group_info=group)
        case ShelfGroupTabs():
            return NewModule(eid=TABS, group_infos=_groups(module.entries))
        case ShelfGroupBanner():
            return NewModule(eid=BANNER, group_info=_group(module.entry))
        case ShelfGroupGallery():
            return NewModule(eid=GALLERY, group_infos=_groups(module.entries))
        case ShelfCover():
            return NewModule(eid=COVER, group_infos=_groups(module.entries, module.background))
        case _:
            raise ValueError(f"widget {module.widget} cannot be sent")


def _groups(entries: Sequence[ShelfGroup], background: str | None = None) -> NewGroups:
    return NewGroups(groups=[_group(entry) for entry in entries], img_background=background)


def _group(entry: ShelfGroup, shown: NewFilter | None = None) -> NewGroup:
    return NewGroup(group_id=int(entry.platform_id), img=entry.image, filter=shown)
