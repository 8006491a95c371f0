"""Changes the stock of SKUs."""

from typing import Final

from gateway.ports import ReadOptions
from gateway.ports.writing.problems import InputRefused
from gateway.services.directory import Directory
from gateway.services.products import ProductService
from gateway.services.viewer import Viewer
from gateway.services.writing.targets import Targets, target_key
from gateway.services.writing.write_result import WriteResult, attempt, read_back
from schema.errors import ErrorCode
from schema.key import Key
from schema.product import Product
from schema.sku import Sku

#: The largest value of a platform's counter.
_MOST: Final = 2**31 - 1


class StockWriting:
    """Routes changes of stock to the shops' ports."""

    def __init__(self, directory: Directory, products: ProductService) -> None:
        self._targets = Targets(directory)
        self._products = products

    async def adjust(
        self, id_: str, delta: int, viewer: Viewer, reading: ReadOptions
    ) -> WriteResult[Sku]:
        """Adds units, or removes them if `delta` is negative; returns the updated SKU."""

        async def work() -> Key:
            key = target_key(id_, "Sku", "id")
            port = self._targets.port(
                key.shop, viewer, lambda adapter: adapter.adjusts_stock, "stock to change", "id"
            )
            if not 0 < abs(delta) <= _MOST:
                raise InputRefused.of(ErrorCode.INVALID, "Give 1 or more, or -1 or less.", "delta")
            await port.adjust(key.platform_id, key.part, delta, reading.deadline)
            return key

        find_out = "ask for the SKU's stock, with Cache-Control: no-cache, before you repeat it."
        done = await attempt(work(), find_out=find_out)
        if done.value is None:
            return WriteResult(errors=done.errors)
        return read_back(await self._sku(done.value, viewer, reading))

    async def _sku(self, key: Key, viewer: Viewer, reading: ReadOptions) -> Sku | Exception | None:
        owner = Key("Product", key.shop, key.platform_id)
        (found,) = await self._products.get_many([owner], viewer, reading)
        if not isinstance(found, Product):
            return found
        return next((sku for sku in found.skus if sku.platform_id == key.part), None)
