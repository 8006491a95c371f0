"""Maps the tree of categories and the attributes of a leaf (reference, section 2)."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from gateway.platforms.weixin_store.wire.category import (
    AttributeRule,
    CategoriesResponse,
    CategoryResponse,
)
from schema.category import AttributeValue, PropertyDefinition, SkuAttributeDefinition

#: The parent of a root.
ROOT: Final = "0"
#: Kinds of attributes whose `value` are the choices; that of numbers are units.
_CHOICES: Final = frozenset({"select_one", "select_many"})


class CategoryTree(NamedTuple):
    """The names of all categories, and the ids of each one's children in the platform's order."""

    names: Mapping[str, str | None]
    children: Mapping[str, Sequence[str]]


def tree_from_wire(answer: CategoriesResponse) -> CategoryTree:
    """The tree of several levels; a category that several paths have is in it once."""
    names: dict[str, str | None] = {}
    children: dict[str, list[str]] = {}
    for path in answer.cats_v2:
        for entry in path.cat_and_qua or ():
            if entry.cat is None or str(entry.cat.cat_id) in names:
                continue
            category = str(entry.cat.cat_id)
            names[category] = entry.cat.name or None
            children.setdefault(str(entry.cat.f_cat_id or ROOT), []).append(category)
    return CategoryTree(names, children)


def sku_attributes_from_wire(answer: CategoryResponse) -> list[SkuAttributeDefinition]:
    """The attributes in which SKUs may differ: the platform has names only, so ids are empty."""
    return [
        SkuAttributeDefinition(name_id="", name=rule.name or None, values=_values(rule))
        for rule in answer.attr.sale_attr_list or ()
    ]


def properties_from_wire(answer: CategoryResponse) -> list[PropertyDefinition]:
    """What may describe products: the platform has names only, so ids are empty."""
    return [
        PropertyDefinition(platform_id="", name=rule.name or "", values=_values(rule))
        for rule in answer.attr.product_attr_list or ()
    ]


def _values(rule: AttributeRule) -> list[AttributeValue]:
    if (rule.type_v2 or rule.type) not in _CHOICES:
        return []
    choices = (rule.value or "").split(";")
    return [AttributeValue(platform_id="", name=choice) for choice in choices if choice]
