"""Reads the category tree, the tables of categories, and their names."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final

import msgspec

from gateway.concurrency.clock import DAY, Clock
from gateway.platform_kit.calls import find
from gateway.platforms.wechat_store.endpoints import GET_CATEGORIES, GET_PROPERTIES, GET_SKU_TABLE
from gateway.platforms.wechat_store.mapping.category import (
    category_from_wire,
    property_from_wire,
    sku_attribute_from_wire,
)
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
from gateway.wechat.scalars import number
from schema.category import Category, PropertyDefinition, SkuAttributeDefinition
from schema.shop import Shop

#: Manual 1.7.
_ROOT: Final = "1"


class Catalogue:
    """Implements ReadsCatalogue."""

    def __init__(self, client: PlatformClient, shop: Shop) -> None:
        self._client = client
        self._shop = shop
        self._names = CategoryNames(self.children, client.clock)

    async def children(self, parent: str | None, reading: ReadOptions) -> Sequence[Category]:
        """The children of a category, or the roots; empty if there is no such category."""
        answer = await self._find(GET_CATEGORIES, _ROOT if parent is None else parent, reading)
        if answer is None:
            return ()
        children = answer.derive(self._children)
        self._names.told(children)
        return children

    async def name(self, category: str, reading: ReadOptions) -> str | None:
        """A category's name; the tree is searched unless a list has already named it."""
        return None if number(category) is None else await self._names.of(category, reading)

    async def sku_attributes(
        self, category: str, reading: ReadOptions
    ) -> Sequence[SkuAttributeDefinition]:
        """The attributes in which SKUs of a category may differ."""
        answer = await self._find(GET_SKU_TABLE, category, reading)
        return () if answer is None else answer.derive(_sku_attributes)

    async def properties(self, category: str, reading: ReadOptions) -> Sequence[PropertyDefinition]:
        """The properties that may describe products of a category."""
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


#: Lists read concurrently, and the most read for one lookup: the next lookup continues the walk.
_AT_ONCE: Final = 8
_MOST_FOR_ONE: Final = 96
#: Seconds after which a tree that was walked without finding a name is walked again.
_WALKED_FOR: Final = DAY

Children = Callable[[str | None, ReadOptions], Awaitable[Sequence[Category]]]


class CategoryNames:
    """Names of categories, collected from lists; the tree is searched for a missing one.

    The walk is breadth-first, for one lookup at a time, and reads no list twice.
    """

    def __init__(self, children: Children, clock: Clock) -> None:
        self._children = children
        self._clock = clock
        self._names: dict[str, str | None] = {}
        self._walk = asyncio.Lock()
        #: Categories whose children are still to be read, from the root; None: no walk has begun.
        self._ahead: deque[str | None] | None = None
        self._began = 0.0

    def told(self, categories: Iterable[Category]) -> None:
        """Adds the names that a list reported."""
        self._names.update((one.platform_id, one.known_name) for one in categories)

    async def of(self, category: str, reading: ReadOptions) -> str | None:
        """A category's name; None if the part of the tree walked so far does not have it.

        Raises:
            PlatformFailure: a list could not be read.
        """
        if category not in self._names:
            async with self._walk:
                await self._look_for(category, msgspec.structs.replace(reading, fresh=False))
        return self._names.get(category)

    async def _look_for(self, category: str, reading: ReadOptions) -> None:
        now = self._clock.monotonic()
        if self._ahead is None or (not self._ahead and now - self._began > _WALKED_FOR):
            self._ahead, self._began = deque([None]), now
        left = _MOST_FOR_ONE
        while self._ahead and left > 0 and category not in self._names:
            count = min(_AT_ONCE, left, len(self._ahead))
            left -= count
            await self._step([self._ahead.popleft() for _ in range(count)], self._ahead, reading)

    async def _step(
        self, parents: Sequence[str | None], ahead: "deque[str | None]", reading: ReadOptions
    ) -> None:
        unread = deque(parents)
        try:
            lists = await asyncio.gather(
                *(self._children(parent, reading) for parent in parents), return_exceptions=True
            )
            for children in lists:
                if isinstance(children, BaseException):
                    raise children
                unread.popleft()
                self.told(children)
                ahead.extend(child.platform_id for child in children)
        finally:
            # The walk continues with what was not read.
            ahead.extendleft(reversed(unread))
