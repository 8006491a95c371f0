"""Inputs of product groups and shelves."""

import strawberry
from strawberry import UNSET

from schema.declare import described, public_choice, public_input


@public_input
class ProductGroupCreateInput:
    """A group of products to add."""

    shop: str = described("The shop's key.")
    name: str = described("What it is called.")
    product_ids: list[strawberry.ID] | None = described(
        "The products in it, in this order; none where left out.", default=None
    )


@public_input
class ShelfProductListInput:
    """Widget 1: the first products of a group."""

    group_id: strawberry.ID = described("The group.")
    count: int = described("How many products are shown: at least one.")


@public_input
class ShelfGroupTabsInput:
    """Widget 2: the names of groups."""

    group_ids: list[strawberry.ID] = described("One to four groups.")


@public_input
class ShelfGalleryEntryInput:
    """A group behind a picture."""

    group_id: strawberry.ID = described("The group.")
    image: str = described(
        "The address that `imageUpload` gave; best 600×208 where it stands alone, 350×350 and"
        " 244×172 in a gallery."
    )


@public_input
class ShelfGroupGalleryInput:
    """Widget 4: groups behind their pictures."""

    entries: list[ShelfGalleryEntryInput] = described("One to three groups.")


@public_input
class ShelfCoverInput:
    """Widget 5: the names of groups over a background; it fills its shelf alone."""

    group_ids: list[strawberry.ID] = described("The groups: at least one.")
    background: str = described("The address that `imageUpload` gave; best 640×1008.")


@public_choice
class ShelfModuleInput:
    """One widget of a shelf; each kind but the cover can stand beside others."""

    product_list: ShelfProductListInput | None = described(
        "Widget 1: the first products of a group.", default=UNSET
    )
    group_tabs: ShelfGroupTabsInput | None = described(
        "Widget 2: the names of up to four groups.", default=UNSET
    )
    group_banner: ShelfGalleryEntryInput | None = described(
        "Widget 3: a group behind its picture.", default=UNSET
    )
    group_gallery: ShelfGroupGalleryInput | None = described(
        "Widget 4: up to three groups behind their pictures.", default=UNSET
    )
    cover: ShelfCoverInput | None = described(
        "Widget 5: groups over a background, alone.", default=UNSET
    )


@public_input
class ShelfCreateInput:
    """A shelf to add."""

    shop: str = described("The shop's key.")
    name: str = described("What it is called.")
    banner: str | None = described(
        "The address that `imageUpload` gave; best 640×120. A cover has none.", default=None
    )
    modules: list[ShelfModuleInput] = described("Its widgets, from the top: at least one.")


@public_input
class ShelfUpdateInput:
    """Only what is given changes; what is left out stays as it is."""

    id: strawberry.ID = described("The shelf.")
    name: str | None = described("What it is called.", default=UNSET)
    banner: str | None = described(
        "The address that `imageUpload` gave; null takes the banner away.", default=UNSET
    )
    modules: list[ShelfModuleInput] | None = described(
        "All of its widgets, from the top; they stand in place of those that it has.", default=UNSET
    )
