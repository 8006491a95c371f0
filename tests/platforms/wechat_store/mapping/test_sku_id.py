"""SKU ids become attributes."""

import pytest

from gateway.platforms.wechat_store.mapping.sku import attributes_from_sku_id
from schema.key import Key
from schema.loader_keys import Naming
from schema.sku import SkuAttribute

OWNER = Key("Category", "flagship", "537074298")


@pytest.mark.parametrize(
    ("sku_id", "expected"),
    [
        pytest.param("", [], id="a-single-sku"),
        pytest.param(
            "10000983:10000995;10001007:10001010",
            [
                SkuAttribute(
                    naming=Naming(OWNER, "10000983", "10000995"),
                    name_id="10000983",
                    value_id="10000995",
                    custom=False,
                ),
                SkuAttribute(
                    naming=Naming(OWNER, "10001007", "10001010"),
                    name_id="10001007",
                    value_id="10001010",
                    custom=False,
                ),
            ],
            id="two-attributes",
        ),
        pytest.param(
            "$套餐:$标准&amp;电池",
            [SkuAttribute(known_name="套餐", known_value="标准&电池", custom=True)],
            id="the-merchant-s-own-name-and-value",
        ),
        pytest.param(
            "1075741873:$玫瑰金",
            [
                SkuAttribute(
                    known_value="玫瑰金",
                    naming=Naming(OWNER, "1075741873", "$玫瑰金"),
                    name_id="1075741873",
                    custom=True,
                )
            ],
            id="the-merchant-s-own-value",
        ),
        pytest.param(
            "1075741873;",
            [
                SkuAttribute(
                    naming=Naming(OWNER, "1075741873", ""), name_id="1075741873", custom=False
                )
            ],
            id="a-form-that-the-manual-does-not-know",
        ),
    ],
)
def test_attributes(sku_id: str, expected: list[SkuAttribute]) -> None:
    assert attributes_from_sku_id(sku_id, OWNER, {}) == expected


def test_names_cannot_be_looked_up_without_an_owner() -> None:
    (attribute,) = attributes_from_sku_id("1:2", None, {})

    assert attribute.naming is None
    assert (attribute.name_id, attribute.value_id) == ("1", "2")
