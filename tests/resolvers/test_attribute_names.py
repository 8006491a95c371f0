"""Properties of a product get their ids and names from the category's table."""

from collections.abc import Sequence

import pytest

from resolvers.attribute_names import AttributeNames
from schema.category import AttributeValue, PropertyDefinition, SkuAttributeDefinition
from schema.key import Key
from schema.loader_keys import PropertyQuery
from schema.product import Product
from schema.product_details import ProductProperty

CATEGORY = Key("Category", "flagship", "538100001")
BRAND = PropertyDefinition(
    platform_id="1075741879",
    name="品牌",
    values=[AttributeValue(platform_id="1079742386", name="Fujifilm/富士")],
)


async def _no_product(_: Key) -> Product | None:
    return None


async def _no_attributes(_: Key) -> Sequence[SkuAttributeDefinition]:
    return ()


async def _brand(_: Key) -> Sequence[PropertyDefinition]:
    return (BRAND,)


async def _nothing(_: Key) -> Sequence[PropertyDefinition] | None:
    return None


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (
            ("1075741879", "1079742386"),
            ProductProperty(
                name_id="1075741879", name="品牌", value_id="1079742386", value="Fujifilm/富士"
            ),
        ),
        (
            ("品牌", "Fujifilm/富士"),
            ProductProperty(
                name_id="1075741879", name="品牌", value_id="1079742386", value="Fujifilm/富士"
            ),
        ),
        (("品牌", "Leica"), ProductProperty(name_id="1075741879", name="品牌", value="Leica")),
        (
            (1075741879, 1079742386),
            ProductProperty(
                name_id="1075741879", name="品牌", value_id="1079742386", value="Fujifilm/富士"
            ),
        ),
        (("品牌", "7"), ProductProperty(name_id="1075741879", name="品牌", value="7")),
        (("品牌", 7), ProductProperty(name_id="1075741879", name="品牌", value_id="7")),
        (("防抖性能", "CCD防抖"), ProductProperty(name="防抖性能", value="CCD防抖")),
        ((9, 8), ProductProperty(name_id="9", value_id="8")),
        (("上市年份", "2013"), ProductProperty(name="上市年份", value="2013")),
        (("9", ""), ProductProperty(name="9")),
    ],
)
async def test_an_id_and_a_name_never_take_each_others_place(
    sent: tuple[int | str, int | str], shown: ProductProperty
) -> None:
    names = AttributeNames(_no_product, _no_attributes, _brand)

    assert await names.properties(PropertyQuery(CATEGORY, (sent,))) == [shown]


async def test_a_number_is_a_name_where_the_category_has_no_table() -> None:
    names = AttributeNames(_no_product, _no_attributes, _nothing)

    shown = await names.properties(PropertyQuery(CATEGORY, (("1075741879", "2013"),)))

    assert shown == [ProductProperty(name="1075741879", value="2013")]
