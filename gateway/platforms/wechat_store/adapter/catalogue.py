"""Reads the tree of categories, and the tables that hang on it."""

from collections.abc import Sequence
from typing import Final

from gateway.platform_kit.calls import find
from gateway.platforms.wechat_store.adapter.category_names import CategoryNames
from gateway.platforms.wechat_store.endpoints import GET_CATEGORIES, GET_PROPERTIES, GET_SKU_TABLE
from gateway.platforms.wechat_store.mapping.category import (
    category_from_wire,
    property_from_wire,
    sku_attribute_from_wire,
)
from gateway.platforms.wechat_store.mapping.scalars import number
from gateway.platforms.wechat_store.wire.category import (
    CategoriesResponse,
    CategoryRequest,
    PropertiesResponse,
    SkuTableResponse,
)
from gateway.ports import ReadOptions
from gateway.upstream.answer import PlatformAnswer
from gateway.upstream.client import PlatformClient
from gateway.upstream.endpoint import Endpoint, Res
from schema.category import Category, PropertyDefinition, SkuAttributeDefinition
from schema.shop import Shop

#: Manual 1.7.
_ROOT: Final = "1"


class Catalogue:
    """Fills the port ReadsCatalogue."""

    def __init__(self, client: PlatformClient, shop: Shop) -> None:
        self._client = client
        self._shop = shop
        self._names = CategoryNames(self.children, client.clock)

    async def children(self, parent: str | None, reading: ReadOptions) -> Sequence[Category]:
        """The children of a category, or the roots; none where there is no such category."""
        answer = await self._find(GET_CATEGORIES, _ROOT if parent is None else parent, reading)
        if answer is None:
            return ()
        children = answer.derive(self._children)
        self._names.told(children)
        return children

    async def name(self, category: str, reading: ReadOptions) -> str | None:
        """A category's name, looked for down the tree unless a list has told it."""
        return None if number(category) is None else await self._names.of(category, reading)

    async def sku_attributes(
        self, category: str, reading: ReadOptions
    ) -> Sequence[SkuAttributeDefinition]:
        """What SKUs of a category may differ in."""
        answer = await self._find(GET_SKU_TABLE, category, reading)
        return () if answer is None else answer.derive(_sku_attributes)

    async def properties(self, category: str, reading: ReadOptions) -> Sequence[PropertyDefinition]:
        """What products of a category may be described by."""
        answer = await self._find(GET_PROPERTIES, category, reading)
        return () if answer is None else answer.derive(_properties)

    async def _find(
        self, endpoint: Endpoint[CategoryRequest, Res], category: str, reading: ReadOptions
    ) -> PlatformAnswer[Res] | None:
        cate_id = number(category)
        if cate_id is None:
            return None
        return await find(self._client, endpoint, CategoryRequest(cate_id=cate_id), reading)

    def _children(self, value: CategoriesResponse) -> Sequence[Category]:
        return tuple(category_from_wire(raw, self._shop) for raw in value.cate_list or ())


def _sku_attributes(value: SkuTableResponse) -> Sequence[SkuAttributeDefinition]:
    return tuple(map(sku_attribute_from_wire, value.sku_table or ()))


def _properties(value: PropertiesResponse) -> Sequence[PropertyDefinition]:
    return tuple(map(property_from_wire, value.properties or ()))
