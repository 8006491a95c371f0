"""No relation leads from one scope's things to another's without asking for that scope."""

from typing import Any

from graphql import GraphQLObjectType

from resolvers.schema import executable
from schema.declare import RELATION
from schema.scope import Scope

#: What each loader answers with, by the scope that reading it takes.
ANSWERS = {
    "product": Scope.CATALOG_READ,
    "sku": Scope.CATALOG_READ,
    "sku_status": Scope.CATALOG_READ,
    "product_description": Scope.CATALOG_READ,
    "sku_of_line": Scope.CATALOG_READ,
    "product_counterparts": Scope.CATALOG_READ,
    "sku_counterparts": Scope.CATALOG_READ,
    "product_status": Scope.CATALOG_READ,
    "group": Scope.CATALOG_READ,
    "detail_blocks": Scope.CATALOG_READ,
    "draft_refusal": Scope.CATALOG_READ,
    "groups_of_product": Scope.CATALOG_READ,
    "shown_products": Scope.CATALOG_READ,
    "delivery_template": Scope.CATALOG_READ,
    "shopping_cart_path": Scope.CATALOG_READ,
    "categories": Scope.CATALOG_READ,
    "category_name": Scope.CATALOG_READ,
    "category_children": Scope.CATALOG_READ,
    "category_sku_attributes": Scope.CATALOG_READ,
    "category_properties": Scope.CATALOG_READ,
    "product_properties": Scope.CATALOG_READ,
    "sku_attributes": Scope.CATALOG_READ,
    "order": Scope.ORDERS_READ,
    "order_center_path": Scope.ORDERS_READ,
    "shop_index": Scope.ORDERS_READ,
    "original_of_order": Scope.ORDERS_READ,
    "copies_of_order": Scope.ORDERS_READ,
    "after_sales_of_order": Scope.ORDERS_READ,
    # The name of a choice, such as 颜色, and the code of a SKU are parts of the line.
    "sku_attribute_name": None,
    "sku_attribute_value": None,
    "sku_code": None,
    # Of the order or product that was read.
    "metadata": None,
}
#: Types that are reached only with a scope already.
WITHIN = {
    Scope.CATALOG_READ: {
        "Product",
        "Sku",
        "Category",
        "ProductGroup",
        "ProductDelivery",
        "WechatStoreProductDetails",
        "WeixinStoreProductDetails",
        "ShelfBanner",
        "ShelfGroup",
        "ShelfProductList",
    },
    Scope.ORDERS_READ: {"Order", "AfterSale"},
}


def _relations() -> list[tuple[str, str, tuple[Any, ...]]]:
    return [
        (name, field, declared.metadata[RELATION])
        for name, kind in executable().type_map.items()
        if isinstance(kind, GraphQLObjectType)
        for field, it in kind.fields.items()
        if (declared := (it.extensions or {}).get("strawberry-definition")) is not None
        and RELATION in declared.metadata
    ]


def test_every_loader_is_known_here() -> None:
    assert {loader for _, _, (loader, *_) in _relations()} == set(ANSWERS)


def test_a_relation_asks_for_the_scope_of_what_it_leads_to() -> None:
    open_ways = [
        f"{kind}.{field}"
        for kind, field, (loader, _, _, needs) in _relations()
        if (scope := ANSWERS[loader]) is not None
        and kind not in WITHIN[scope]
        and scope not in needs
    ]

    assert open_ways == []
