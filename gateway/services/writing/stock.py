"""Changes the stock of SKUs."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

import msgspec

from gateway.errors import PlatformFailure
from gateway.ports import Adapter, ProductQuery, ReadOptions
from gateway.ports.writing.catalogue import AdjustsStock, SetsStock
from gateway.ports.writing.problems import InputRefused, Path
from gateway.services.batch_by_shop import Found
from gateway.services.directory import Directory
from gateway.services.products import ProductService
from gateway.services.viewer import Viewer
from gateway.services.writing.targets import Targets, target_key
from gateway.services.writing.write_result import (
    WriteResult,
    attempt,
    attempt_each,
    problem,
    read_back,
    user_error,
)
from schema.errors import ErrorCode
from schema.inputs.stock import SkuStockByCodeInput, SkuStockByIdInput, SkuStockInput
from schema.key import Key
from schema.product import Product
from schema.sku import Sku

#: The largest value of a platform's counter.
_MOST: Final = 2**31 - 1
_ABILITY: Final = "stock to change"
_ASK_STOCK: Final = "ask for the SKU's stock, with Cache-Control: no-cache, before you repeat it."
#: Calls of one mutation at once.
_ABREAST: Final = 8
#: Products of one page, where a shop is searched for codes.
_PAGE: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class _Setting:
    """The stock that a SKU is to have; `at` is the path of the field that names the SKU.

    `before` is the stock that was read. `setter` is None where the platform only adjusts stock.
    """

    key: Key
    stock: int
    port: AdjustsStock
    at: Path
    setter: SetsStock | None = None
    before: int = 0

    async def carry_out(self, deadline: float | None) -> Key:
        """Sets the stock, or adds or removes the difference; no call where there is none."""
        if self.setter is not None:
            await self.setter.set_stock(self.key.platform_id, self.key.part, self.stock, deadline)
            return self.key
        delta = self.stock - self.before
        if delta:
            await self.port.adjust(self.key.platform_id, self.key.part, delta, deadline)
        return self.key


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
                key.shop, viewer, lambda adapter: adapter.adjusts_stock, _ABILITY, "id"
            )
            if not 0 < abs(delta) <= _MOST:
                raise InputRefused.of(ErrorCode.INVALID, "Give 1 or more, or -1 or less.", "delta")
            await port.adjust(key.platform_id, key.part, delta, reading.deadline)
            return key

        done = await attempt(work(), find_out=_ASK_STOCK)
        if done.value is None:
            return WriteResult(errors=done.errors)
        return read_back(await self._sku(done.value, viewer, reading))

    async def set_stock(
        self, given: Mapping[Path, SkuStockInput], viewer: Viewer, reading: ReadOptions
    ) -> list[WriteResult[Sku]]:
        """Sets the stock of SKUs, each with its own result; the keys are their paths in the input.

        Where the platform cannot set it, the difference to what was read just before is added or
        removed. Where the stock is another one afterwards, it moved meanwhile: that is a CONFLICT.
        """
        afresh = msgspec.structs.replace(reading, fresh=True, strict=True)
        results: dict[Path, WriteResult[Sku]] = {}
        settings = await self._settings(given, results, viewer, afresh)
        before = await self._skus(settings.values(), viewer, afresh)
        for at, one in list(settings.items()):
            with _refusing(at, results, settings):
                settings[at] = replace(one, before=_stock_of(before[one.key], one.at))
        at_once = asyncio.Semaphore(_ABREAST)

        async def adjusted(at: Path, one: _Setting) -> WriteResult[Key]:
            async with at_once:
                work = one.carry_out(reading.deadline)
                return await attempt(work, find_out=_ASK_STOCK, thing=one.at, at=at)

        done = await attempt_each({at: adjusted(at, one) for at, one in settings.items()})
        found = await self._skus(settings.values(), viewer, afresh)
        for at, one in settings.items():
            results[at] = _result(one, done[at], found[one.key])
        return [results[at] for at in given]

    async def _settings(
        self,
        given: Mapping[Path, SkuStockInput],
        results: dict[Path, WriteResult[Sku]],
        viewer: Viewer,
        reading: ReadOptions,
    ) -> dict[Path, _Setting]:
        """What each entry sets; the results of those that are refused go to `results`."""
        settings: dict[Path, _Setting] = {}
        codes: dict[Path, SkuStockByCodeInput] = {}
        adapters: dict[str, Adapter] = {}
        for at, one in given.items():
            with _refusing(at, results, settings):
                if isinstance(one.by_id, SkuStockByIdInput):
                    path = (*at, "byId", "id")
                    key = target_key(one.by_id.id, "Sku", *path)
                    adapter = self._adapter(key.shop, viewer, *path)
                    settings[at] = _setting(key, one.by_id.stock, adapter, path)
                elif isinstance(one.by_code, SkuStockByCodeInput):
                    shop = one.by_code.shop
                    adapters[shop] = self._adapter(shop, viewer, *at, "byCode", "shop")
                    codes[at] = one.by_code
        found = await _with_codes(adapters, codes.values(), reading)
        for at, named in codes.items():
            path = (*at, "byCode", "code")
            with _refusing(at, results, settings):
                key = _the_one(found[named.shop], named.code, path)
                settings[at] = _setting(key, named.stock, adapters[named.shop], path)
        seen: set[Key] = set()
        for at in [at for at in given if at in settings]:
            with _refusing(at, results, settings):
                if settings[at].key in seen:
                    message = "An earlier entry is about the same SKU."
                    raise InputRefused.of(ErrorCode.CONFLICT, message, *settings[at].at)
                seen.add(settings[at].key)
        return settings

    def _adapter(self, shop: str, viewer: Viewer, *path: str) -> Adapter:
        def choose(adapter: Adapter) -> Adapter | None:
            return None if adapter.adjusts_stock is None else adapter

        return self._targets.port(shop, viewer, choose, _ABILITY, *path)

    async def _skus(
        self, settings: Iterable[_Setting], viewer: Viewer, reading: ReadOptions
    ) -> dict[Key, Found[Sku]]:
        """The SKUs as the platforms have them now, by their keys."""
        keys = [one.key for one in settings]
        owners = list(dict.fromkeys(map(product_of, keys)))
        products = dict(
            zip(owners, await self._products.get_many(owners, viewer, reading), strict=True)
        )
        return {key: sku_in(products[product_of(key)], key) for key in keys}

    async def _sku(self, key: Key, viewer: Viewer, reading: ReadOptions) -> Found[Sku]:
        (found,) = await self._products.get_many([product_of(key)], viewer, reading)
        return sku_in(found, key)


@contextmanager
def _refusing(
    at: Path, results: dict[Path, WriteResult[Sku]], settings: dict[Path, _Setting]
) -> Iterator[None]:
    """A block about one entry; a refusal becomes its result, and nothing is set."""
    try:
        yield
    except InputRefused as refused:
        results[at] = WriteResult(errors=list(refused.errors))
        settings.pop(at, None)


def _setting(key: Key, stock: int, adapter: Adapter, at: Path) -> _Setting:
    if not 0 <= stock <= _MOST:
        message = f"The stock must be between 0 and {_MOST}."
        raise InputRefused.of(ErrorCode.INVALID, message, *at[:-1], "stock")
    port = adapter.adjusts_stock
    assert port is not None  # noqa: S101 - the adapter was chosen for it
    return _Setting(key=key, stock=stock, port=port, at=at, setter=adapter.sets_stock)


async def _with_codes(
    adapters: Mapping[str, Adapter], named: Iterable[SkuStockByCodeInput], reading: ReadOptions
) -> dict[str, dict[str, list[Key]] | PlatformFailure]:
    """The SKUs of each code, by shop; the failure where a shop's products cannot be read."""
    wanted: defaultdict[str, set[str]] = defaultdict(set)
    for one in named:
        wanted[one.shop].add(one.code)
    found: dict[str, dict[str, list[Key]] | PlatformFailure] = {}
    for shop, codes in wanted.items():
        try:
            found[shop] = await _of_shop(adapters[shop], codes, reading)
        except PlatformFailure as failure:
            found[shop] = failure
    return found


async def _of_shop(
    adapter: Adapter, codes: Collection[str], reading: ReadOptions
) -> dict[str, list[Key]]:
    """The keys of a shop's SKUs with these codes, from the list of its products."""
    found: defaultdict[str, list[Key]] = defaultdict(list)
    after: str | None = None
    more = adapter.products is not None
    while more and adapter.products is not None:
        page = await adapter.products.page(ProductQuery(), after, _PAGE, reading)
        for product in page.items:
            for sku in product.skus:
                if sku.code is not None and sku.code in codes:
                    found[sku.code].append(sku.key)
        more = page.more and bool(page.items)
        after = page.items[-1].platform_id if page.items else None
    return found


def _the_one(found: Mapping[str, list[Key]] | PlatformFailure, code: str, at: Path) -> Key:
    """The SKU of a code.

    Raises:
        InputRefused: there is none, or there are several, or the products cannot be read.
    """
    if isinstance(found, PlatformFailure):
        raise InputRefused([user_error(found, _ASK_STOCK, at)])
    keys = found.get(code, [])
    if not keys:
        raise InputRefused.of(ErrorCode.NOT_FOUND, "No SKU of the shop has this code.", *at)
    if len(keys) > 1:
        message = f"{len(keys)} SKUs of the shop have this code: name the SKU by its id."
        raise InputRefused.of(ErrorCode.INVALID, message, *at)
    return keys[0]


def product_of(sku: Key) -> Key:
    """The key of a SKU's product."""
    return Key("Product", sku.shop, sku.platform_id)


def sku_in(product: Found[Product], key: Key) -> Found[Sku]:
    """The SKU of a product that was read; the product's failure, and None, in its place."""
    if not isinstance(product, Product):
        return product
    return next((sku for sku in product.skus if sku.platform_id == key.part), None)


def _stock_of(found: Found[Sku], at: Path) -> int:
    """The stock of a SKU that was just read.

    Raises:
        InputRefused: there is no such SKU, or its stock cannot be read.
    """
    if isinstance(found, PlatformFailure):
        raise InputRefused([user_error(found, _ASK_STOCK, at)])
    if isinstance(found, Exception):
        raise found
    if found is None:
        raise InputRefused.of(ErrorCode.NOT_FOUND, "There is no such SKU.", *at)
    if found.stock is None:
        message = "The platform does not report the stock, so that it cannot be set."
        raise InputRefused.of(ErrorCode.UNSUPPORTED_BY_PLATFORM, message, *at)
    return found.stock


def _result(one: _Setting, done: WriteResult[Key], found: Found[Sku]) -> WriteResult[Sku]:
    """The result of one entry, whose SKU was read again after the call."""
    rejected = any(error.code is ErrorCode.REJECTED_BY_PLATFORM for error in done.errors)
    if one.setter is None and isinstance(found, Sku) and (not done.errors or rejected):
        expected = one.before if rejected else one.stock
        if found.stock != expected:
            message = (
                f"The stock was {one.before} when it was read, and moved meanwhile: it is"
                f" {found.stock} now. Send it again."
            )
            at = (*one.at[:-1], "stock")
            return WriteResult(value=found, errors=[problem(ErrorCode.CONFLICT, message, at)])
    return WriteResult(errors=done.errors) if done.errors else read_back(found, one.at)
