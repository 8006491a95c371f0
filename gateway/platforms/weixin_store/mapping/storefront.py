"""Maps the home page to its one Shelf, and its classification to groups of products (section 7)."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from gateway.platforms.weixin_store.wire.storefront import (
    Banner,
    BannerEntry,
    BannerPicture,
    Level1,
    TreeResponse,
    WindowProduct,
)
from gateway.ports import Group
from gateway.wechat.scalars import number, shown, text, yes
from schema.key import Key
from schema.loader_keys import ShownProducts
from schema.platform import Platform
from schema.shelf import (
    Shelf,
    ShelfBanner,
    ShelfGroup,
    ShelfGroupTabs,
    ShelfModule,
    ShelfProductList,
)
from schema.shop import Shop

#: The store has one home page, without an id of its own.
HOME_PAGE: Final = "1"
#: The group of the products of the home page; those of the classification are numbers.
HOME_PRODUCTS: Final = "home"
#: Between a class's id and that of the one above it: an id of the second level may be unique within
#: its first level only.
_LEVELS: Final = "-"


class ClassId(NamedTuple):
    """A class by its two levels; 0 is the first level itself."""

    level_1: int
    level_2: int


def home_page(
    tree: TreeResponse,
    window: Sequence[WindowProduct],
    banner: Banner | None,
    shop: Shop,
    source: Callable[[], Any] | None = None,
) -> Shelf:
    """The home page: its banners, the tabs of its classification, its products."""
    return Shelf(
        key=Key("Shelf", shop.key_name, HOME_PAGE),
        shop=shop,
        platform=Platform.WEIXIN_STORE,
        platform_id=HOME_PAGE,
        name=shop.name,
        banner=None,
        modules=list(_modules(tree, window, banner, shop.key_name)),
        raw_source=source,
    )


def _modules(
    tree: TreeResponse, window: Sequence[WindowProduct], banner: Banner | None, shop: str
) -> Iterator[ShelfModule]:
    for raw in (banner.banner if banner else None) or ():
        yield _banner(raw, shop)
    tabs = [_entry(str(level.id), shop) for level in _first_level(tree) if _is_displayed(level)]
    if tabs:
        yield ShelfGroupTabs(entries=tabs)
    visible = visible_products(window)
    entry = _entry(HOME_PRODUCTS, shop)
    yield ShelfProductList(
        entry=entry, count=len(visible), shown=ShownProducts(entry.group_key, len(visible))
    )


def _banner(raw: BannerEntry, shop: str) -> ShelfBanner:
    product = text(raw.product.product_id) if raw.product is not None else None
    picture = raw.banner or BannerPicture()
    article = raw.official_account
    return ShelfBanner(
        product_key=None if product is None else Key("Product", shop, product),
        image=text(picture.img_url),
        title=shown(picture.title),
        url=None if article is None else text(article.url),
    )


def _entry(group: str, shop: str) -> ShelfGroup:
    return ShelfGroup(group_key=Key("ProductGroup", shop, group), platform_id=group)


def visible_products(window: Sequence[WindowProduct]) -> tuple[str, ...]:
    """The ids of the products that the home page shows: those pinned first, else in its order."""
    visible = [one for one in window if not yes(one.is_set_hide)]
    return tuple(
        str(one.product_id)
        for one in sorted(visible, key=lambda product: not yes(product.is_set_top))
    )


def groups_from_wire(tree: TreeResponse) -> Sequence[Group]:
    """All classes, each first level followed by those below it."""
    groups = []
    for first in _first_level(tree):
        groups.append(Group(str(first.id), shown(first.name) or "", None))
        groups += (
            Group(f"{first.id}{_LEVELS}{second.id}", shown(second.name) or "", None)
            for second in first.level_2 or ()
        )
    return tuple(groups)


def _first_level(tree: TreeResponse) -> Sequence[Level1]:
    root = tree.resp.tree if tree.resp else None
    return (root.level_1 if root else None) or ()


def _is_displayed(level: Level1) -> bool:
    # One that does not say so is shown: the platform's own page lists no such member.
    return level.is_displayed is None or yes(level.is_displayed)


def class_id(group: str) -> ClassId | None:
    """The class of a group's id; None if it cannot be one."""
    first, separator, second = group.partition(_LEVELS)
    parts = (first, second) if separator else (first, "0")
    numbers = [number(part) for part in parts]
    if numbers[0] is None or numbers[1] is None:
        return None
    return ClassId(numbers[0], numbers[1])
