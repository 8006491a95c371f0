"""Inputs of product groups and shelves."""

import strawberry
from strawberry import UNSET

from schema.declare import described, public_choice, public_input


@public_input
class ProductGroupCreateInput:
    """A product group to create."""

    shop: str = described("The shop's key.")
    name: str = described("The name.")
    product_ids: list[strawberry.ID] | None = described(
        "The products of the group, in this order; none if omitted.", default=None
    )


@public_input
class ShelfProductListInput:
    """Widget 1: the first products of a group."""

    group_id: strawberry.ID = described("The group's id.")
    count: int = described("The number of products shown; at least 1.")


@public_input
class ShelfGroupTabsInput:
    """Widget 2: the names of groups."""

    group_ids: list[strawberry.ID] = described("The ids of one to four groups.")


@public_input
class ShelfGalleryEntryInput:
    """A group shown as an image."""

    group_id: strawberry.ID = described("The group's id.")
    image: str = described(
        "A URL returned by `imageUpload`. Recommended: 600×208 pixels in a banner,"
        " 350×350 and 244×172 in a gallery."
    )


@public_input
class ShelfGroupGalleryInput:
    """Widget 4: groups shown as images."""

    entries: list[ShelfGalleryEntryInput] = described("One to three groups.")


@public_input
class ShelfCoverInput:
    """Widget 5: the names of groups over a background image; it must be the shelf's only widget."""

    group_ids: list[strawberry.ID] = described("The ids of the groups; at least one.")
    background: str = described("A URL returned by `imageUpload`; 640×1008 pixels recommended.")


@public_choice
class ShelfModuleInput:
    """One widget of a shelf. All but `cover` can be combined with others."""

    product_list: ShelfProductListInput | None = described(
        "Widget 1: the first products of a group.", default=UNSET
    )
    group_tabs: ShelfGroupTabsInput | None = described(
        "Widget 2: the names of up to four groups.", default=UNSET
    )
    group_banner: ShelfGalleryEntryInput | None = described(
        "Widget 3: a group shown as an image.", default=UNSET
    )
    group_gallery: ShelfGroupGalleryInput | None = described(
        "Widget 4: up to three groups shown as images.", default=UNSET
    )
    cover: ShelfCoverInput | None = described(
        "Widget 5: groups over a background image; the shelf's only widget.", default=UNSET
    )


@public_input
class ShelfCreateInput:
    """A shelf to create."""

    shop: str = described("The shop's key.")
    name: str = described("The name.")
    banner: str | None = described(
        "The URL of the banner, returned by `imageUpload`; 640×120 pixels recommended."
        " A shelf with a cover has none.",
        default=None,
    )
    modules: list[ShelfModuleInput] = described("The widgets, from top to bottom; at least one.")


@public_input
class ShelfUpdateInput:
    """Changes to a shelf; omitted fields stay unchanged."""

    id: strawberry.ID = described("The shelf's id.")
    name: str | None = described("The name.", default=UNSET)
    banner: str | None = described(
        "The URL of the banner, returned by `imageUpload`; null removes the banner.", default=UNSET
    )
    modules: list[ShelfModuleInput] | None = described(
        "All widgets, from top to bottom; replaces the existing ones.", default=UNSET
    )
