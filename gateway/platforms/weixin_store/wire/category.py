"""The tree of categories, and what describes the products of a leaf (reference, 2)."""

from gateway.platforms.weixin_store.wire.base import Id, Read, Written


class Category(Read, frozen=True, kw_only=True):
    """A category; `f_cat_id` of a root is 0."""

    cat_id: Id
    name: str | None = None
    f_cat_id: Id | None = None


class CategoryEntry(Read, frozen=True, kw_only=True):
    """A category beside what a merchant must prove for it."""

    cat: Category | None = None


class CategoryPath(Read, frozen=True, kw_only=True):
    """A leaf and the categories above it, in no order that may be relied on."""

    cat_and_qua: list[CategoryEntry] | None = None


class CategoriesResponse(Read, frozen=True, kw_only=True):
    """All categories: `cats_v2` is the tree of several levels, the older one is not read."""

    cats_v2: list[CategoryPath]


class CategoryRequest(Written, frozen=True, kw_only=True):
    """Requests a leaf."""

    cat_id: str


class AttributeRule(Read, frozen=True, kw_only=True):
    """An attribute, and its choices joined with ";" where it has some; units of a number else."""

    name: str | None = None
    type_v2: str | None = None
    type: str | None = None
    value: str | None = None


class CategoryRules(Read, frozen=True, kw_only=True):
    """What describes products of the leaf, and what their SKUs differ in."""

    product_attr_list: list[AttributeRule] | None = None
    sale_attr_list: list[AttributeRule] | None = None


class CategoryResponse(Read, frozen=True, kw_only=True):
    """The answer to `category/detail`."""

    attr: CategoryRules
