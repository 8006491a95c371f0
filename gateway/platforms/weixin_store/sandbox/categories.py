"""The tree of categories, and the rules of its leaves (reference, section 2)."""

from collections.abc import Iterator, Sequence

from gateway.platforms.weixin_store.sandbox.state import Category, WeixinCall
from gateway.sandbox.request import Refusal, Wire
from gateway.sandbox.sample_shop import SampleProduct
from gateway.sandbox.wechat import GET, Route

NO_SUCH_CATEGORY = 10020063
ROOT = "0"
FIRST_ROOT, FIRST_LEAF = 10_000_110, 545_700


def all_categories(call: WeixinCall) -> Wire:
    """`category/all`: the path of each leaf, from the leaf up."""
    known = call.shop.categories
    leaves = [one for one in known.values() if one.leaf]
    return {
        # The older tree has three levels: an API client that is up to date reads the other one.
        "cats": [],
        "cats_v2": [
            {"cat_and_qua": [{"cat": _wire(one)} for one in _upwards(known, leaf)]}
            for leaf in leaves
        ],
    }


def detail(call: WeixinCall) -> Wire:
    """`category/detail`: what describes the products of a leaf."""
    category = call.shop.categories.get(str(call.body.data.get("cat_id")))
    if category is None or not category.leaf:
        raise Refusal(NO_SUCH_CATEGORY, "invalid cat_id")
    return {
        "info": {"cat_id": category.category_id, "name": category.name},
        "attr": {
            "seven_day_return": False,
            "pre_sale": False,
            "product_attr_list": category.product_attributes,
            "sale_attr_list": category.sale_attributes,
        },
        "product_qua_list": [],
    }


def sample_categories(products: Sequence[SampleProduct]) -> dict[str, Category]:
    """Return the sample shop's categories: two levels, by the names of the products' paths."""
    categories: dict[str, Category] = {}
    roots: dict[str, str] = {}
    for product in products:
        root, leaf = product.category_path
        if root not in roots:
            roots[root] = str(FIRST_ROOT + len(roots))
            categories[roots[root]] = Category(roots[root], root, ROOT, leaf=False)
        if leaf_of(categories, leaf) is None:
            leaf_id = str(FIRST_LEAF + len(categories))
            alike = [one for one in products if one.category_path == product.category_path]
            categories[leaf_id] = Category(
                leaf_id,
                leaf,
                roots[root],
                leaf=True,
                product_attributes=_rules(alike, of_skus=False),
                sale_attributes=_rules(alike, of_skus=True),
            )
    return categories


def leaf_of(categories: dict[str, Category], name: str) -> Category | None:
    """Return the leaf of a name."""
    return next((one for one in categories.values() if one.leaf and one.name == name), None)


def _upwards(known: dict[str, Category], leaf: Category) -> Iterator[Category]:
    category: Category | None = leaf
    while category is not None:
        yield category
        category = known.get(category.parent)


def _wire(category: Category) -> Wire:
    return {
        "cat_id": category.category_id,
        "name": category.name,
        "f_cat_id": category.parent,
        "level": 1 if category.parent == ROOT else 2,
        "leaf": category.leaf,
    }


def _rules(products: Sequence[SampleProduct], *, of_skus: bool) -> list[Wire]:
    """Return what products, or their SKUs, are described by, each with the values in use."""
    values: dict[str, dict[str, None]] = {}
    for product in products:
        groups = [sku.attributes for sku in product.skus] if of_skus else [product.properties]
        for attribute in (one for group in groups for one in group):
            values.setdefault(attribute.name, {})[attribute.value] = None
    return [
        {
            "name": name,
            "type": "select_one",
            "type_v2": "select_one",
            "value": ";".join(known),
            "is_required": not of_skus,
            "hint": "",
            "append_allowed": True,
        }
        for name, known in values.items()
    ]


ROUTES: dict[str, Route[WeixinCall]] = {
    "/shop/ec/category/all": Route(all_categories, GET),
    "/shop/ec/category/detail": Route(detail),
}
