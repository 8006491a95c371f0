"""Reads the tree of categories, which the platform gives as a whole, and the rules of a leaf."""

from collections.abc import Sequence
from typing import Final

from gateway.errors import PlatformRejected
from gateway.platform_kit.calls import ask
from gateway.platforms.weixin_store.endpoints import GET_CATEGORIES, GET_CATEGORY
from gateway.platforms.weixin_store.mapping.category import (
    ROOT,
    CategoryTree,
    properties_from_wire,
    sku_attributes_from_wire,
    tree_from_wire,
)
from gateway.platforms.weixin_store.wire.base import Nothing
from gateway.platforms.weixin_store.wire.category import CategoryRequest, CategoryResponse
from gateway.ports import ReadOptions
from gateway.upstream.answer import PlatformAnswer
from gateway.upstream.client import PlatformClient
from schema.category import Category, PropertyDefinition, SkuAttributeDefinition
from schema.key import Key
from schema.shop import Shop

#: No such category, or one that is no leaf (A): neither has rules.
_NO_LEAF: Final = frozenset({"10020063", "10020079"})


class Catalogue:
    """Implements ReadsCatalogue."""

    def __init__(self, client: PlatformClient, shop: Shop) -> None:
        self._client = client
        self._shop = shop

    async def children(self, parent: str | None, reading: ReadOptions) -> Sequence[Category]:
        """The children of a category, or the roots; empty if there is no such category."""
        tree = await self._tree(reading)
        return [
            Category(
                key=Key("Category", self._shop.key_name, category),
                shop=self._shop,
                platform_id=category,
                known_name=tree.names[category],
            )
            for category in tree.children.get(ROOT if parent is None else parent, ())
        ]

    async def name(self, category: str, reading: ReadOptions) -> str | None:
        """A category's name; None if the tree does not have it."""
        return (await self._tree(reading)).names.get(category)

    async def sku_attributes(
        self, category: str, reading: ReadOptions
    ) -> Sequence[SkuAttributeDefinition]:
        """The attributes in which SKUs of a leaf may differ; none of other categories."""
        answer = await self._rules(category, reading)
        return () if answer is None else answer.derive(sku_attributes_from_wire)

    async def properties(self, category: str, reading: ReadOptions) -> Sequence[PropertyDefinition]:
        """What may describe the products of a leaf; none of other categories."""
        answer = await self._rules(category, reading)
        return () if answer is None else answer.derive(properties_from_wire)

    async def _tree(self, reading: ReadOptions) -> CategoryTree:
        answer = await ask(self._client, GET_CATEGORIES, Nothing(), reading)
        return answer.derive(tree_from_wire)

    async def _rules(
        self, category: str, reading: ReadOptions
    ) -> PlatformAnswer[CategoryResponse] | None:
        try:
            return await ask(self._client, GET_CATEGORY, CategoryRequest(cat_id=category), reading)
        except PlatformRejected as refusal:
            if refusal.platform_code in _NO_LEAF:
                return None
            raise
