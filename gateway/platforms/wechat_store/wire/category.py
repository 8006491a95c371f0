"""The category tree, and the tables of categories (manual 1.7 to 1.9)."""

from gateway.wechat.wire import Id, Read, Written


class CategoryRequest(Written, frozen=True, kw_only=True):
    """Requests one category; 1 is the root."""

    cate_id: int


class Category(Read, frozen=True, kw_only=True):
    """A child category."""

    id: Id
    name: str | None = None


class CategoriesResponse(Read, frozen=True, kw_only=True):
    """The response of manual 1.7."""

    cate_list: list[Category] | None = None


class Value(Read, frozen=True, kw_only=True):
    """One value of an attribute or property; names come HTML-escaped."""

    id: Id
    name: str | None = None


class SkuAttribute(Read, frozen=True, kw_only=True):
    """An attribute in which SKUs of the category may differ."""

    id: Id
    name: str | None = None
    value_list: list[Value] | None = None


class SkuTableResponse(Read, frozen=True, kw_only=True):
    """The response of manual 1.8."""

    sku_table: list[SkuAttribute] | None = None


class Property(Read, frozen=True, kw_only=True):
    """A property that may describe products of the category."""

    id: Id
    name: str | None = None
    property_value: list[Value] | None = None


class PropertiesResponse(Read, frozen=True, kw_only=True):
    """The response of manual 1.9."""

    properties: list[Property] | None = None
