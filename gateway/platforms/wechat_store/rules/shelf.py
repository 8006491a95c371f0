"""Rules for shelves and their five widgets (manual 5.1, 货架控件说明)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from strawberry import UNSET

from gateway.platforms.wechat_store.mapping.images import check_uploaded
from gateway.platforms.wechat_store.rules.names import check_name
from gateway.ports.writing.inputs import read_id
from gateway.ports.writing.problems import Problems
from gateway.wechat.scalars import number
from schema.errors import ErrorCode
from schema.inputs.shelf import (
    ShelfCoverInput,
    ShelfCreateInput,
    ShelfGalleryEntryInput,
    ShelfGroupGalleryInput,
    ShelfGroupTabsInput,
    ShelfModuleInput,
    ShelfProductListInput,
    ShelfUpdateInput,
)
from schema.loader_keys import ShownProducts
from schema.shelf import (
    Shelf,
    ShelfBanner,
    ShelfCover,
    ShelfGroup,
    ShelfGroupBanner,
    ShelfGroupGallery,
    ShelfGroupTabs,
    ShelfModule,
    ShelfProductList,
    ShelfUnknown,
)

_MOST_TABS: Final = 4
_MOST_PICTURES: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfDraft:
    """The desired shelf; everything in it can be sent."""

    name: str
    banner: str | None
    modules: Sequence[ShelfModule]


def new_shelf(given: ShelfCreateInput) -> ShelfDraft:
    """The shelf described by the input.

    Raises:
        InputRefused: a rule is broken.
    """
    problems = Problems()
    check_name(given.name, problems, "name")
    modules = _Modules(given.shop, problems).read(given.modules)
    banner = _banner(given.banner, modules, problems)
    problems.stop()
    return ShelfDraft(name=given.name, banner=banner, modules=modules)


def check_change(change: ShelfUpdateInput, shop: str) -> None:
    """Refuses changes that no shelf could accept, before the shelf is read.

    Raises:
        InputRefused: a rule is broken.
    """
    problems = Problems()
    _given_modules(change, shop, problems)
    _check_given_name(change, problems)
    if change.banner:
        check_uploaded(change.banner, problems, "banner")
    problems.stop()


def changed_shelf(shelf: Shelf, change: ShelfUpdateInput) -> ShelfDraft:
    """The shelf with the change; the rest is kept.

    Raises:
        InputRefused: a rule is broken, or the shelf holds a widget that cannot be sent back.
    """
    problems = Problems()
    _check_given_name(change, problems)
    modules = _given_modules(change, shelf.shop.key_name, problems)
    if modules is None:
        modules = shelf.modules
        if not all(map(_can_be_sent, modules)):
            problems.add(
                "This shelf holds a widget that cannot be sent back to the platform: give all of"
                " its modules.",
                "modules",
            )
    if change.banner is UNSET:
        # A cover hides the banner, and the platform refuses a hidden one.
        banner = None if _has_cover(modules) else shelf.banner
    else:
        banner = _banner(change.banner, modules, problems)
    problems.stop()
    return ShelfDraft(name=change.name or shelf.name, banner=banner, modules=modules)


def _check_given_name(change: ShelfUpdateInput, problems: Problems) -> None:
    if change.name is None:
        problems.add("A shelf has a name: leave it out to keep the one that it has.", "name")
    elif change.name is not UNSET:
        check_name(change.name, problems, "name")


def _given_modules(
    change: ShelfUpdateInput, shop: str, problems: Problems
) -> Sequence[ShelfModule] | None:
    if change.modules is UNSET:
        return None
    return _Modules(shop, problems).read(change.modules or [])


def _banner(given: str | None, modules: Sequence[ShelfModule], problems: Problems) -> str | None:
    if not given:
        return None
    if _has_cover(modules):
        problems.add("A shelf with a cover (widget 5) has no banner.", "banner")
    check_uploaded(given, problems, "banner")
    return given


def _has_cover(modules: Sequence[ShelfModule]) -> bool:
    return any(isinstance(module, ShelfCover) for module in modules)


def _can_be_sent(module: ShelfModule) -> bool:
    if isinstance(module, ShelfUnknown | ShelfBanner):
        return False
    entries = (
        [module.entry]
        if isinstance(module, ShelfProductList | ShelfGroupBanner)
        else module.entries
    )
    return all(number(entry.platform_id) is not None for entry in entries)


class _Modules:
    """Reads the widgets of one input; invalid ones are noted and left out."""

    def __init__(self, shop: str, problems: Problems) -> None:
        self._shop = shop
        self._problems = problems

    def read(self, given: Sequence[ShelfModuleInput]) -> Sequence[ShelfModule]:
        if not given:
            self._problems.add("A shelf has at least one widget.", "modules")
        read = [
            module
            for place, one in enumerate(given)
            if (module := self._module(one, self._problems.below("modules", place))) is not None
        ]
        for place, one in enumerate(given):
            if one.cover and len(given) > 1:
                message = "A cover (widget 5) fills its shelf alone."
                self._problems.add(message, "modules", place, "cover")
        return read

    def _module(self, given: ShelfModuleInput, problems: Problems) -> ShelfModule | None:
        if given.product_list:
            return self._product_list(given.product_list, problems.below("productList"))
        if given.group_tabs:
            return self._tabs(given.group_tabs, problems.below("groupTabs"))
        if given.group_banner:
            entry = self._pictured(given.group_banner, problems.below("groupBanner"))
            return None if entry is None else ShelfGroupBanner(entry=entry)
        if given.group_gallery:
            return self._gallery(given.group_gallery, problems.below("groupGallery"))
        assert given.cover  # noqa: S101 - @oneOf: one of the five
        return self._cover(given.cover, problems.below("cover"))

    def _product_list(
        self, given: ShelfProductListInput, problems: Problems
    ) -> ShelfProductList | None:
        if given.count < 1:
            problems.add("At least one product is shown.", "count")
        entry = self._entry(given.group_id, problems, "groupId")
        if entry is None:
            return None
        shown = ShownProducts(entry.group_key, given.count)
        return ShelfProductList(entry=entry, count=given.count, shown=shown)

    def _tabs(self, given: ShelfGroupTabsInput, problems: Problems) -> ShelfGroupTabs:
        _check_count(given.group_ids, _MOST_TABS, problems, "groupIds")
        return ShelfGroupTabs(entries=self._entries(given.group_ids, problems))

    def _gallery(self, given: ShelfGroupGalleryInput, problems: Problems) -> ShelfGroupGallery:
        _check_count(given.entries, _MOST_PICTURES, problems, "entries")
        entries = [
            self._pictured(entry, problems.below("entries", place))
            for place, entry in enumerate(given.entries)
        ]
        return ShelfGroupGallery(entries=[entry for entry in entries if entry is not None])

    def _cover(self, given: ShelfCoverInput, problems: Problems) -> ShelfCover:
        _check_count(given.group_ids, None, problems, "groupIds")
        check_uploaded(given.background, problems, "background")
        entries = self._entries(given.group_ids, problems)
        return ShelfCover(entries=entries, background=given.background)

    def _entries(self, given: Sequence[str], problems: Problems) -> list[ShelfGroup]:
        entries = [
            self._entry(group, problems, "groupIds", place) for place, group in enumerate(given)
        ]
        return [entry for entry in entries if entry is not None]

    def _pictured(self, given: ShelfGalleryEntryInput, problems: Problems) -> ShelfGroup | None:
        check_uploaded(given.image, problems, "image")
        entry = self._entry(given.group_id, problems, "groupId")
        if entry is not None:
            entry.image = given.image
        return entry

    def _entry(self, group: str, problems: Problems, *path: str | int) -> ShelfGroup | None:
        key = read_id(group, "ProductGroup", self._shop, problems, *path)
        if key is None:
            return None
        if number(key.platform_id) is None:
            problems.add("There is no such ProductGroup.", *path, code=ErrorCode.NOT_FOUND)
            return None
        return ShelfGroup(group_key=key, platform_id=key.platform_id)


def _check_count(given: Sequence[object], most: int | None, problems: Problems, name: str) -> None:
    if not given:
        problems.add("At least one group is needed.", name)
    elif most is not None and len(given) > most:
        problems.add(f"This widget shows at most {most} groups.", name)
