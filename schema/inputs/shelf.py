"""Shelves to create or to change."""

import strawberry
from strawberry import UNSET

from schema.declare import described, public_choice, public_input


@public_input
class ShelfProductListInput:
    """ShelfProductListInput."""

    group_id: strawberry.ID = described("")
    count: int = described("")


@public_input
class ShelfGroupTabsInput:
    """ShelfGroupTabsInput."""

    group_ids: list[strawberry.ID] = described("")


@public_input
class ShelfGalleryEntryInput:
    """ShelfGalleryEntryInput."""

    group_id: strawberry.ID = described("")
    image: str = described("")


@public_input
class ShelfGroupGalleryInput:
    """ShelfGroupGalleryInput."""

    entries: list[ShelfGalleryEntryInput] = described("")


@public_input
class ShelfCoverInput:
    """ShelfCoverInput."""

    group_ids: list[strawberry.ID] = described("")
    background: str = described("")


@public_choice
class ShelfModuleInput:
    """ShelfModuleInput."""

    product_list: ShelfProductListInput | None = described("", default=UNSET)
    group_tabs: ShelfGroupTabsInput | None = described("", default=UNSET)
    group_banner: ShelfGalleryEntryInput | None = described("", default=UNSET)
    group_gallery: ShelfGroupGalleryInput | None = described("", default=UNSET)
    cover: ShelfCoverInput | None = described("", default=UNSET)


@public_input
class ShelfCreateInput:
    """ShelfCreateInput."""

    shop: str = described("")
    name: str = described("")
    banner: str | None = described("", default=None)
    modules: list[ShelfModuleInput] = described("")


@public_input
class ShelfUpdateInput:
    """ShelfUpdateInput."""

    id: strawberry.ID = described("")
    name: str | None = described("", default=UNSET)
    banner: str | None = described("", default=UNSET)
    modules: list[ShelfModuleInput] | None = described("", default=UNSET)
