"""Changes groups of products: add, rename, fill, remove."""

from collections.abc import Sequence
from typing import Final

from gateway.ports import ReadOptions
from gateway.ports.writing.inputs import read_id
from gateway.ports.writing.problems import Problems
from gateway.ports.writing.storefront import WritesGroups
from gateway.services.directory import Directory
from gateway.services.shelves import ShelfService
from gateway.services.viewer import Viewer
from gateway.services.writing.targets import Targets, target_key
from gateway.services.writing.write_result import WriteResult, attempt, read_back
from schema.inputs.shelf import ProductGroupCreateInput
from schema.key import Key
from schema.shelf import ProductGroup

_ABILITY: Final = "way to change product groups"
_ASK_GROUPS: Final = (
    "look for its name in `productGroups`, with Cache-Control: no-cache, before you repeat it."
)
_ASK_GROUP: Final = "ask for the group, with Cache-Control: no-cache, before you repeat it."


class GroupWriting:
    """Routes changes of groups to the shops' ports."""

    def __init__(self, directory: Directory, shelves: ShelfService) -> None:
        self._directory = directory
        self._targets = Targets(directory)
        self._shelves = shelves

    async def create(
        self, given: ProductGroupCreateInput, viewer: Viewer, reading: ReadOptions
    ) -> WriteResult[ProductGroup]:
        """Adds a group with the given products."""

        async def work() -> ProductGroup:
            port = self._port(given.shop, viewer, "shop")
            problems = Problems()
            products = _products(given.product_ids, given.shop, problems, "productIds")
            problems.stop()
            made = await port.create(given.name, products, reading.deadline)
            return ProductGroup(
                key=Key("ProductGroup", given.shop, made),
                shop=self._directory.get(given.shop, viewer).shop,
                platform_id=made,
                name=given.name,
            )

        return await attempt(work(), find_out=_ASK_GROUPS)

    async def rename(
        self, id_: str, name: str, viewer: Viewer, reading: ReadOptions
    ) -> WriteResult[ProductGroup]:
        """Renames a group."""

        async def work() -> Key:
            key = target_key(id_, "ProductGroup", "id")
            port = self._port(key.shop, viewer, "id")
            await port.rename(key.platform_id, name, reading.deadline)
            return key

        done = await attempt(work(), find_out=_ASK_GROUP)
        return await self._as_it_is(done, viewer, reading)

    async def change_products(
        self,
        id_: str,
        changes: tuple[Sequence[str] | None, Sequence[str] | None],
        viewer: Viewer,
        reading: ReadOptions,
    ) -> WriteResult[ProductGroup]:
        """Adds products to a group and removes others: `changes` are their ids."""

        async def work() -> Key:
            key = target_key(id_, "ProductGroup", "id")
            port = self._port(key.shop, viewer, "id")
            add, remove = _changes(changes, key.shop)
            await port.change_products(key.platform_id, add, remove, reading.deadline)
            return key

        done = await attempt(work(), find_out=_ASK_GROUP)
        return await self._as_it_is(done, viewer, reading)

    async def delete(self, id_: str, viewer: Viewer, reading: ReadOptions) -> WriteResult[str]:
        """Removes a group; the value is its id."""

        async def work() -> str:
            key = target_key(id_, "ProductGroup", "id")
            port = self._port(key.shop, viewer, "id")
            await port.delete(key.platform_id, reading.deadline)
            return id_

        return await attempt(work(), find_out=_ASK_GROUP)

    async def _as_it_is(
        self, done: WriteResult[Key], viewer: Viewer, reading: ReadOptions
    ) -> WriteResult[ProductGroup]:
        if done.value is None:
            return WriteResult(errors=done.errors)
        (found,) = await self._shelves.groups_by_key([done.value], viewer, reading)
        return read_back(found)

    def _port(self, shop: str, viewer: Viewer, *field: str) -> WritesGroups:
        return self._targets.port(
            shop, viewer, lambda adapter: adapter.writes_groups, _ABILITY, *field
        )


def _changes(
    changes: tuple[Sequence[str] | None, Sequence[str] | None], shop: str
) -> tuple[list[str], list[str]]:
    problems = Problems()
    add = _products(changes[0], shop, problems, "add")
    remove = _products(changes[1], shop, problems, "remove")
    if not changes[0] and not changes[1]:
        problems.add("Say which products to add, or which to remove.")
    for place, id_ in enumerate(changes[1] or ()):
        if id_ in (changes[0] or ()):
            problems.add("This product shall be added as well.", "remove", place)
    problems.stop()
    return add, remove


def _products(given: Sequence[str] | None, shop: str, problems: Problems, name: str) -> list[str]:
    keys = [read_id(id_, "Product", shop, problems, name, i) for i, id_ in enumerate(given or ())]
    return [key.platform_id for key in keys if key is not None]
