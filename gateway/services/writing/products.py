"""Changes products of one shop: add, change, remove, list, unlist."""

from collections.abc import Mapping, Sequence
from typing import Final

from gateway.ports import ReadOptions
from gateway.ports.writing.catalogue import WritesProducts
from gateway.ports.writing.inputs import read_money
from gateway.ports.writing.problems import Path, Problems
from gateway.services.directory import Directory
from gateway.services.products import ProductService
from gateway.services.viewer import Viewer
from gateway.services.writing.record_change import ProductChangeRecorder
from gateway.services.writing.stock import product_of, sku_in
from gateway.services.writing.targets import Targets, target_key
from gateway.services.writing.write_result import (
    WriteResult,
    attempt,
    attempt_each,
    read_back,
)
from schema.inputs.product import ProductCreateInput, ProductUpdateInput
from schema.key import Key
from schema.money import MoneyInput
from schema.product import Product
from schema.product_status import ProductListing, ProductStatus
from schema.sku import Sku

_ABILITY: Final = "way to change products"
_AUDIT: Final = "audit of products"
_PRICES: Final = "way to change a price alone"
_ASK_PRODUCTS: Final = (
    "look for its title in `products`, with Cache-Control: no-cache, before you repeat it."
)
_ASK_PRODUCT: Final = "ask for the product, with Cache-Control: no-cache, before you repeat it."
_ASK_PRICE: Final = "ask for the SKU, with Cache-Control: no-cache, before you repeat it."


class ProductWriting:
    """Routes changes of products to the shops' ports."""

    def __init__(
        self, directory: Directory, products: ProductService, changes: ProductChangeRecorder
    ) -> None:
        self._targets = Targets(directory)
        self._products = products
        self._changes = changes

    async def create(
        self, given: ProductCreateInput, viewer: Viewer, reading: ReadOptions
    ) -> WriteResult[Product]:
        """Adds a product, unlisted."""

        async def work() -> Product:
            return await self._port(given.shop, viewer, "shop").create(given, reading.deadline)

        created = await attempt(work(), find_out=_ASK_PRODUCTS)
        return await self._recorded(created, ProductStatus.OFF_SHELF)

    async def update(
        self, change: ProductUpdateInput, viewer: Viewer, reading: ReadOptions
    ) -> WriteResult[Product]:
        """Changes the given fields of a product."""

        async def work() -> Product:
            key = target_key(change.id, "Product", "id")
            port = self._port(key.shop, viewer, "id")
            return await port.update(key.platform_id, change, reading.deadline)

        changed = await attempt(work(), find_out=_ASK_PRODUCT)
        return await self._recorded(changed, ProductStatus.UNKNOWN)

    async def delete(self, id_: str, viewer: Viewer, reading: ReadOptions) -> WriteResult[str]:
        """Removes a product; the value is its id."""

        async def work() -> str:
            key = target_key(id_, "Product", "id")
            await self._port(key.shop, viewer, "id").delete(key.platform_id, reading.deadline)
            await self._changes.record({key: None})
            return id_

        return await attempt(work(), find_out=_ASK_PRODUCT)

    async def set_status(
        self, ids: Sequence[str], listing: ProductListing, viewer: Viewer, reading: ReadOptions
    ) -> WriteResult[list[Product]]:
        """Lists or unlists products, each separately; errors point into `ids`.

        A duplicate id is processed once.
        """
        places = {id_: ids.index(id_) for id_ in ids}

        async def one(id_: str) -> WriteResult[Key]:
            at = ("ids", str(places[id_]))

            async def work() -> Key:
                key = target_key(id_, "Product", *at)
                port = self._port(key.shop, viewer, *at)
                await port.set_status(key.platform_id, listing, reading.deadline)
                return key

            return await attempt(work(), find_out=_ASK_PRODUCT, thing=at, at=at)

        outcomes = await attempt_each({("ids", str(at)): one(id_) for id_, at in places.items()})
        results = await self._as_they_are(outcomes, viewer, reading)
        listed = [outcome.value for outcome in results if outcome.value is not None]
        # A product whose draft is in audit is not listed yet; some platforms do not tell.
        await self._changes.record({one.key: (one.known_status or listing).value for one in listed})
        return WriteResult(
            value=[outcome.value for outcome in results if outcome.value is not None],
            errors=[error for outcome in results for error in outcome.errors],
            warnings=[warning for outcome in results for warning in outcome.warnings],
        )

    async def withdraw(
        self, id_: str, viewer: Viewer, reading: ReadOptions
    ) -> WriteResult[Product]:
        """Takes a product's draft out of its audit."""

        async def work() -> Key:
            key = target_key(id_, "Product", "id")
            port = self._targets.port(
                key.shop, viewer, lambda adapter: adapter.withdraws_drafts, _AUDIT, "id"
            )
            await port.withdraw(key.platform_id, reading.deadline)
            return key

        done = await attempt(work(), find_out=_ASK_PRODUCT)
        if done.value is None:
            return WriteResult(errors=done.errors)
        (found,) = await self._products.get_many([done.value], viewer, reading)
        return await self._recorded(read_back(found), ProductStatus.UNKNOWN)

    async def set_price(
        self, id_: str, price: MoneyInput, viewer: Viewer, reading: ReadOptions
    ) -> WriteResult[Sku]:
        """Sets the price of a SKU of a listed product."""

        async def work() -> Key:
            key = target_key(id_, "Sku", "id")
            port = self._targets.port(
                key.shop, viewer, lambda adapter: adapter.sets_prices, _PRICES, "id"
            )
            problems = Problems()
            amount = read_money(price, problems, "price")
            problems.stop()
            assert amount is not None  # noqa: S101 - without it there is a problem
            await port.set_price(key.platform_id, key.part, amount, reading.deadline)
            return key

        done = await attempt(work(), find_out=_ASK_PRICE)
        if done.value is None:
            return WriteResult(errors=done.errors)
        (found,) = await self._products.get_many([product_of(done.value)], viewer, reading)
        return read_back(sku_in(found, done.value))

    async def _recorded(
        self, result: WriteResult[Product], otherwise: ProductStatus
    ) -> WriteResult[Product]:
        """The result, recorded with its status; `otherwise` where the platform did not tell it."""
        product = result.value
        if product is not None:
            status = product.known_status or otherwise
            await self._changes.record({product.key: status.value})
        return result

    async def _as_they_are(
        self, outcomes: Mapping[Path, WriteResult[Key]], viewer: Viewer, reading: ReadOptions
    ) -> list[WriteResult[Product]]:
        keys = [outcome.value for outcome in outcomes.values() if outcome.value is not None]
        found = dict(zip(keys, await self._products.get_many(keys, viewer, reading), strict=True))
        return [
            read_back(found.get(outcome.value), at)
            if outcome.value is not None
            else WriteResult(errors=outcome.errors)
            for at, outcome in outcomes.items()
        ]

    def _port(self, shop: str, viewer: Viewer, *field: str) -> WritesProducts:
        return self._targets.port(
            shop, viewer, lambda adapter: adapter.writes_products, _ABILITY, *field
        )
