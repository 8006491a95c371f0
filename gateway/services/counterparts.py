"""Counterparts: the same goods in other shops, found in the index by the merchant's SKU codes."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from gateway.ports import ReadOptions
from gateway.services.directory import Directory
from gateway.services.indexed_products import IndexedProductService
from gateway.services.viewer import Viewer
from gateway.store.indexed_products import IndexedProduct, IndexedSku
from gateway.store.store import Store
from schema.loader_keys import SameGoods
from schema.product import Product
from schema.sku import Sku

#: SKUs that one code finds at the most: a code that is none, such as "1", stands on many.
_LIMIT: Final = 100
#: The shop and the platform's id of a product.
ProductKey = tuple[str, str]


class CounterpartService:
    """Finds the same goods; None for all while the index is off."""

    def __init__(
        self,
        directory: Directory,
        store: Store,
        products: IndexedProductService,
    ) -> None:
        self._directory = directory
        self._index = store.indexed_products
        self._products = products

    async def products(
        self, goods: Sequence[SameGoods], viewer: Viewer, reading: ReadOptions
    ) -> Sequence[Sequence[Product] | None]:
        """The products of each goods' codes in other shops that the viewer sees.

        Sorted by shop, as configured, then by platform id.
        """
        if not self._products.enabled:
            return [None] * len(goods)
        skus = await self._skus(goods, viewer)
        products = await self._read(skus, viewer, reading)
        return [
            [
                products[key]
                for key in dict.fromkeys((sku.shop, sku.product_id) for sku in found)
                if key in products
            ]
            for found in skus
        ]

    async def skus(
        self, goods: Sequence[SameGoods], viewer: Viewer, reading: ReadOptions
    ) -> Sequence[Sequence[Sku] | None]:
        """Like `products`, the SKUs of these codes."""
        if not self._products.enabled:
            return [None] * len(goods)
        skus = await self._skus(goods, viewer)
        products = await self._read(skus, viewer, reading)
        return [
            [sku for one in found if (sku := _sku_of(products, one)) is not None] for found in skus
        ]

    async def in_shop(
        self, codes: Sequence[tuple[str, str]], viewer: Viewer, reading: ReadOptions
    ) -> Sequence[Sku | None]:
        """The SKU of each pair of a shop and a code, the first of several; None: there is none."""
        if not self._products.enabled:
            return [None] * len(codes)
        seen = [adapter.shop.key_name for adapter in self._directory.all(viewer)]
        wanted: defaultdict[str, list[str]] = defaultdict(list)
        for shop, code in codes:
            if shop in seen:
                wanted[shop].append(code)
        skus: dict[tuple[str, str], IndexedSku] = {}
        for shop, mine in wanted.items():
            found = await self._index.of_codes([shop], mine, limit=1)
            skus |= {(shop, code): some[0] for code, some in found.items()}
        products = await self._read([list(skus.values())], viewer, reading)
        return [_sku_of(products, skus.get(pair)) for pair in codes]

    async def _skus(self, goods: Sequence[SameGoods], viewer: Viewer) -> list[list[IndexedSku]]:
        """The SKUs of each goods' codes in other shops."""
        seen = self._directory.all(viewer)
        order = {adapter.shop.key_name: place for place, adapter in enumerate(seen)}
        codes = {code for one in goods for code in one.codes}
        known = await self._index.of_codes(order, codes, limit=_LIMIT)
        return [
            sorted(
                (
                    sku
                    for code in dict.fromkeys(one.codes)
                    for sku in known.get(code, ())
                    if sku.shop != one.shop
                ),
                key=lambda sku: (order[sku.shop], sku),
            )
            for one in goods
        ]

    async def _read(
        self, skus: Sequence[Sequence[IndexedSku]], viewer: Viewer, reading: ReadOptions
    ) -> dict[ProductKey, Product]:
        """The products of SKUs that there are."""
        wanted: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for found in skus:
            for sku in found:
                wanted[sku.shop][sku.product_id] = None
        rows: list[IndexedProduct] = []
        for shop, ids in wanted.items():
            rows += await self._index.get_many(shop, ids)
        products = await self._products.products(rows, viewer, reading, Counter())
        return {
            (row.shop, row.platform_id): product
            for row, product in zip(rows, products, strict=True)
            if product is not None
        }


def _sku_of(products: Mapping[ProductKey, Product], found: IndexedSku | None) -> Sku | None:
    """The SKU as its product has it now."""
    product = None if found is None else products.get((found.shop, found.product_id))
    if product is None or found is None:
        return None
    return next((sku for sku in product.skus if sku.platform_id == found.sku_id), None)
