"""Keys of data loaders that need more than one object's id."""

from typing import NamedTuple

from schema.key import Key


class Naming(NamedTuple):
    """The name of a SKU attribute and of its value.

    `owner` is the product, or the category, whose attribute table has the names.
    """

    owner: Key
    name_id: str
    value_id: str


class PropertyQuery(NamedTuple):
    """A product's properties as the platform sent them: pairs of ids, of names, or mixed.

    A number is an id. A text may be one or a name, whatever it looks like: "2013" is a name too.
    """

    category: Key
    pairs: tuple[tuple[int | str, int | str], ...]


class SkuAttributeQuery(NamedTuple):
    """A product's SKU attributes: each attribute's id with the ids of its values."""

    category: Key
    choices: tuple[tuple[str, tuple[str, ...]], ...]


class ShownProducts(NamedTuple):
    """The first `limit` products of a group, as a shelf shows them."""

    group: Key
    limit: int


class DetailQuery(NamedTuple):
    """A product's description if the platform returns only HTML.

    `answer` is a fingerprint that shows whether the stored description is still current.
    """

    product: Key
    answer: str


class DraftRefusalQuery(NamedTuple):
    """Why a product's draft was refused; what was told before its last edit is of another one."""

    product: Key
    #: In unix seconds; None: the platform does not report it.
    edited_at: int | None


class SkuStatusQuery(NamedTuple):
    """The status of a SKU, which follows from its product's and from whether it is sold out."""

    product: Key
    sold_out: bool


class LineGoods(NamedTuple):
    """The SKU of an order's line: by the platform's ids, else by the merchant's code."""

    shop: str
    sku: Key | None
    code: str | None


class SameGoods(NamedTuple):
    """Goods that are sold in several shops: the codes of their SKUs, and the shop that asks."""

    shop: str
    codes: tuple[str, ...]
