"""Categories and their tables."""

from gateway.platforms.wechat_store.mapping.category import (
    category_from_wire,
    property_from_wire,
    sku_attribute_from_wire,
)
from gateway.platforms.wechat_store.wire.category import (
    CategoriesResponse,
    PropertiesResponse,
    SkuTableResponse,
)
from schema.category import AttributeValue, Category, PropertyDefinition, SkuAttributeDefinition
from schema.key import Key
from tests.platforms.wechat_store.samples import answer, make_shop


def test_categories() -> None:
    shop = make_shop()
    raw = answer("category.getsub", CategoriesResponse).cate_list or []

    categories = [category_from_wire(category, shop) for category in raw]

    assert [(one.platform_id, one.known_name) for one in categories] == [
        ("537074292", "数码相机"),
        ("537074293", "家用摄像机"),
        ("537074298", "单反相机"),
        ("537082412", "镜头"),
        ("537102001", "单电/微单"),
    ]
    assert categories[0] == Category(
        key=Key("Category", "flagship", "537074292"),
        shop=shop,
        platform_id="537074292",
        known_name="数码相机",
    )


def test_sku_table() -> None:
    (raw,) = answer("category.getsku", SkuTableResponse).sku_table or []

    assert sku_attribute_from_wire(raw) == SkuAttributeDefinition(
        name_id="1075741873",
        name="颜色",
        values=[
            AttributeValue(platform_id="1079742375", name="撞色"),
            AttributeValue(platform_id="1079742376", name="桔色"),
        ],
    )


def test_properties_with_escaped_names() -> None:
    raw, _ = answer("category.getproperty", PropertiesResponse).properties or []

    assert property_from_wire(raw) == PropertyDefinition(
        platform_id="1075741879",
        name="品牌",
        values=[
            AttributeValue(platform_id="200050867", name="VIC&"),
            AttributeValue(platform_id="200050868", name="Kate&"),
            AttributeValue(platform_id="200050971", name="M&"),
            AttributeValue(platform_id="200050972", name="Black&"),
        ],
    )
