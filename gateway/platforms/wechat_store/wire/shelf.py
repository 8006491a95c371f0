"""Shelves and their five widgets (manual 5)."""

from gateway.wechat.wire import Id, Number, Read, Written


class ShelfRequest(Written, frozen=True, kw_only=True):
    """Requests one shelf, or its deletion (manual 5.2, 5.5)."""

    shelf_id: int


class Filter(Read, frozen=True, kw_only=True):
    """How many products of the group widget 1 shows."""

    count: Number | None = None


class Group(Read, frozen=True, kw_only=True):
    """A group on a widget; only widget 1 has a filter, widgets 3 and 4 a picture."""

    group_id: Id
    img: str | None = None
    filter: Filter | None = None


class Groups(Read, frozen=True, kw_only=True):
    """The groups of widgets 2, 4 and 5; only widget 5 has a background."""

    groups: list[Group] | None = None
    img_background: str | None = None


class Module(Read, frozen=True, kw_only=True):
    """A widget: `eid` 1 and 3 have `group_info`; 2, 4 and 5 have `group_infos`."""

    eid: Number | None = None
    group_info: Group | None = None
    group_infos: Groups | None = None


class ShelfInfo(Read, frozen=True, kw_only=True):
    """The widgets in order."""

    module_infos: list[Module] | None = None


class Shelf(Read, frozen=True, kw_only=True):
    """A shelf; the whole response of manual 5.5."""

    shelf_id: Id
    shelf_info: ShelfInfo | None = None
    shelf_banner: str | None = None
    shelf_name: str | None = None


class ShelvesResponse(Read, frozen=True, kw_only=True):
    """The response of manual 5.4."""

    shelves: list[Shelf] | None = None


class NewFilter(Written, frozen=True, kw_only=True):
    """How many products of the group widget 1 shows."""

    count: int


class NewGroup(Written, frozen=True, kw_only=True):
    """A group on a widget as sent."""

    group_id: int
    img: str | None = None


class NewShownGroup(NewGroup, frozen=True, kw_only=True):
    """The group of widgets 1 and 3 as sent; only widget 1 has a filter."""

    filter: NewFilter | None = None


class NewGroups(Written, frozen=True, kw_only=True):
    """The groups of widgets 2, 4 and 5 as sent."""

    groups: list[NewGroup]
    img_background: str | None = None


class NewModule(Written, frozen=True, kw_only=True):
    """A widget as sent."""

    group_info: NewShownGroup | None = None
    group_infos: NewGroups | None = None
    eid: int


class ShelfData(Written, frozen=True, kw_only=True):
    """The widgets in order; responses call this `shelf_info`."""

    module_infos: list[NewModule]


class AddRequest(Written, frozen=True, kw_only=True):
    """A new shelf (manual 5.1); the banner is empty if widget 5 is the only widget."""

    shelf_data: ShelfData
    shelf_banner: str
    shelf_name: str


class AddResponse(Read, frozen=True, kw_only=True):
    """The response of manual 5.1."""

    shelf_id: Id


class ModRequest(Written, frozen=True, kw_only=True):
    """A shelf's new whole document (manual 5.3)."""

    shelf_id: int
    shelf_data: ShelfData
    shelf_banner: str
    shelf_name: str
