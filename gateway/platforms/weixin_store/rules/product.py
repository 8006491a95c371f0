"""Rules of products, as the reference has them (section 5); others are left to the platform."""

import re
from collections.abc import Sequence
from typing import Final

from gateway.platforms.weixin_store.wire.product_write import Sku
from gateway.ports.writing.problems import Problems

#: A title's meaningful characters are letters of any script, and digits.
SHORTEST_TITLE: Final = 5
LONGEST_TITLE: Final = 60
LONGEST_SHORT_TITLE: Final = 20
#: Four of food: only the platform knows which categories are.
FEWEST_IMAGES: Final = 3
MOST_IMAGES: Final = 9
MOST_DETAIL_IMAGES: Final = 20
MOST_SKUS: Final = 500
#: In fen.
HIGHEST_PRICE: Final = 1_000_000_000

_IMAGES: Final = "https://mmecimage.cn/p/"
_ADDRESS: Final = re.compile(re.escape(_IMAGES) + r"[!-~]+")


def check_title(title: str, problems: Problems) -> None:
    """Notes a title that is too short, too long, or of digits and Latin letters only."""
    meaningful = [character for character in title if character.isalnum()]
    if len(meaningful) < SHORTEST_TITLE:
        problems.add(f"A title has at least {SHORTEST_TITLE} letters or digits.")
    elif all(character.isascii() for character in meaningful):
        problems.add("A title is not of digits and Latin letters only.")
    if len(title) > LONGEST_TITLE:
        problems.add(f"A title has at most {LONGEST_TITLE} characters.")


def check_short_title(title: str, problems: Problems) -> None:
    """Notes a short title that is too long."""
    if len(title) > LONGEST_SHORT_TITLE:
        problems.add(f"A short title has at most {LONGEST_SHORT_TITLE} characters.")


def check_images(images: Sequence[str], problems: Problems) -> None:
    """Notes too few or too many images of a product, and two that are alike."""
    if not FEWEST_IMAGES <= len(images) <= MOST_IMAGES:
        problems.add(
            f"A product has {FEWEST_IMAGES} to {MOST_IMAGES} images, the main one included;"
            f" these are {len(images)}.",
            "images",
        )
    check_distinct(images, problems.below("images"))


def check_detail_images(images: Sequence[str], problems: Problems) -> None:
    """Notes too few or too many images of a product's page."""
    if not 1 <= len(images) <= MOST_DETAIL_IMAGES:
        problems.add(
            f"A product's page has 1 to {MOST_DETAIL_IMAGES} images; these are {len(images)}."
        )
    check_distinct(images, problems)


def check_distinct(images: Sequence[str], problems: Problems) -> None:
    """Notes an image that is there twice."""
    if len(set(images)) < len(images):
        problems.add("No two images may be the same.")


def check_uploaded(url: str, problems: Problems, *path: str | int) -> None:
    """Notes an address that the upload of images cannot have returned (code 10020035)."""
    if not _ADDRESS.fullmatch(url):
        problems.add(
            "Images must be uploaded first: give the address that `imageUpload` answered"
            f" ({_IMAGES}…).",
            *path,
        )


def check_price(price: int, list_price: int | None, problems: Problems) -> None:
    """Notes a price of 0, one above the platform's highest, and one above the list price."""
    if not 0 < price <= HIGHEST_PRICE:
        problems.add(f"A price is between 1 and {HIGHEST_PRICE} fen.", "price")
    elif list_price is not None and price > list_price:
        problems.add("The price must not be above the list price.", "price")


def check_skus(skus: Sequence[Sku], problems: Problems) -> None:
    """Notes too few or too many SKUs, and two of the same attributes."""
    if not 1 <= len(skus) <= MOST_SKUS:
        problems.add(f"A product has 1 to {MOST_SKUS} SKUs.")
    seen: set[frozenset[tuple[str, str]]] = set()
    for index, sku in enumerate(skus):
        attributes = frozenset((one.attr_key, one.attr_value) for one in sku.sku_attrs or ())
        if attributes in seen:
            problems.add("Another SKU has the same attributes.", index, "attributes")
        seen.add(attributes)
