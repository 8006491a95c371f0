"""Maps categories and their tables to the public types (manual 1.7 to 1.9)."""

from collections.abc import Sequence

from gateway.platforms.wechat_store.wire.category import Category as WireCategory
from gateway.platforms.wechat_store.wire.category import Property, SkuAttribute, Value
from gateway.wechat.scalars import shown
from schema.category import AttributeValue, Category, PropertyDefinition, SkuAttributeDefinition
from schema.key import Key
from schema.shop import Shop


def category_from_wire(raw: WireCategory, shop: Shop) -> Category:
    """A category with its name; the rest is looked up on request."""
    platform_id = str(raw.id)
    return Category(
        key=Key("Category", shop.key_name, platform_id),
        shop=shop,
        platform_id=platform_id,
        known_name=shown(raw.name),
    )


def sku_attribute_from_wire(raw: SkuAttribute) -> SkuAttributeDefinition:
    """An attribute in which SKUs may differ."""
    return SkuAttributeDefinition(
        name_id=str(raw.id), name=shown(raw.name), values=_values(raw.value_list or ())
    )


def property_from_wire(raw: Property) -> PropertyDefinition:
    """A property that may describe products."""
    return PropertyDefinition(
        platform_id=str(raw.id),
        name=shown(raw.name) or "",
        values=_values(raw.property_value or ()),
    )


def _values(raw: Sequence[Value]) -> list[AttributeValue]:
    return [AttributeValue(platform_id=str(value.id), name=shown(value.name)) for value in raw]
