"""Changes shelves: add, change, remove; and the products of a home page."""

from typing import Final

from gateway.ports import ReadOptions
from gateway.ports.writing.storefront import Placement, WritesShelves
from gateway.services.directory import Directory
from gateway.services.products import ProductService
from gateway.services.viewer import Viewer
from gateway.services.writing.targets import Targets, target_key
from gateway.services.writing.write_result import WriteResult, attempt, read_back
from schema.inputs.shelf import ShelfCreateInput, ShelfUpdateInput
from schema.key import Key
from schema.product import Product
from schema.shelf import Shelf

_ABILITY: Final = "way to change shelves"
_HOME_PAGE: Final = "home page whose products can be placed"
_ASK_SHELVES: Final = (
    "look for its name in `shelves`, with Cache-Control: no-cache, before you repeat it."
)
_ASK_HOME_PAGE: Final = (
    "ask for the shop's shelf, with Cache-Control: no-cache, before you repeat it."
)
_ASK_SHELF: Final = "ask for the shelf, with Cache-Control: no-cache, before you repeat it."


class ShelfWriting:
    """Routes changes of shelves to the shops' ports."""

    def __init__(self, directory: Directory, products: ProductService) -> None:
        self._targets = Targets(directory)
        self._products = products

    async def create(
        self, given: ShelfCreateInput, viewer: Viewer, reading: ReadOptions
    ) -> WriteResult[Shelf]:
        """Adds a shelf."""

        async def work() -> Shelf:
            return await self._port(given.shop, viewer, "shop").create(given, reading.deadline)

        return await attempt(work(), find_out=_ASK_SHELVES)

    async def update(
        self, change: ShelfUpdateInput, viewer: Viewer, reading: ReadOptions
    ) -> WriteResult[Shelf]:
        """Changes the given fields of a shelf."""

        async def work() -> Shelf:
            key = target_key(change.id, "Shelf", "id")
            port = self._port(key.shop, viewer, "id")
            return await port.update(key.platform_id, change, reading.deadline)

        return await attempt(work(), find_out=_ASK_SHELF)

    async def delete(self, id_: str, viewer: Viewer, reading: ReadOptions) -> WriteResult[str]:
        """Removes a shelf; the value is its id."""

        async def work() -> str:
            key = target_key(id_, "Shelf", "id")
            await self._port(key.shop, viewer, "id").delete(key.platform_id, reading.deadline)
            return id_

        return await attempt(work(), find_out=_ASK_SHELF)

    async def place_product(
        self, id_: str, placement: Placement, viewer: Viewer, reading: ReadOptions
    ) -> WriteResult[Product]:
        """Sets the place of a product on its store's home page."""

        async def work() -> Key:
            key = target_key(id_, "Product", "id")
            port = self._targets.port(
                key.shop, viewer, lambda adapter: adapter.places_products, _HOME_PAGE, "id"
            )
            await port.place(key.platform_id, placement, reading.deadline)
            return key

        done = await attempt(work(), find_out=_ASK_HOME_PAGE)
        if done.value is None:
            return WriteResult(errors=done.errors)
        (found,) = await self._products.get_many([done.value], viewer, reading)
        return read_back(found)

    def _port(self, shop: str, viewer: Viewer, *field: str) -> WritesShelves:
        return self._targets.port(
            shop, viewer, lambda adapter: adapter.writes_shelves, _ABILITY, *field
        )
