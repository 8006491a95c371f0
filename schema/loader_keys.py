"""Keys of loaders that take more than one thing's id."""

from typing import NamedTuple

from schema.key import Key


class Naming(NamedTuple):
    """Asks what a SKU attribute and its value are called.

    `owner` is the product, or the category, whose SKU table knows the names.
    """

    owner: Key
    name_id: str
    value_id: str


class PropertyQuery(NamedTuple):
    """A product's properties as the platform gave them: pairs of ids, of names, or mixed."""

    category: Key
    pairs: tuple[tuple[str, str], ...]


class SkuAttributeQuery(NamedTuple):
    """A product's SKU definition: each attribute's id with the ids of its values."""

    category: Key
    choices: tuple[tuple[str, tuple[str, ...]], ...]


class ShownProducts(NamedTuple):
    """The first `limit` products of a group, as a shelf shows them."""

    group: Key
    limit: int


class DetailQuery(NamedTuple):
    """A product's description where the platform gives back html only.

    `answer` tells whether what is remembered is what the platform still has.
    """

    product: Key
    answer: str
