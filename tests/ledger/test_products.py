from datetime import UTC, datetime

from gateway.ledger.mapping.product import ProductMapping
from gateway.ledger.products import LedgerProducts
from gateway.ports import ProductQuery, ReadOptions
from gateway.store.documents import ProductDocument
from gateway.store.products import ProductEntry
from gateway.store.store import Store
from schema.product_details import BaiduProductDetails
from schema.product_status import ProductStatus
from tests.ledger.test_order_mapping import SHOP

NOW = datetime(2024, 1, 1, tzinfo=UTC)
READING = ReadOptions()
ANY = ProductQuery()


async def port(ledger: Store, **statuses: str) -> LedgerProducts:
    entries = [
        ProductEntry(ProductDocument(platform_product_id=name, title=f"Tee {name}"), status, 0)
        for name, status in statuses.items()
    ]
    async with ledger.transaction() as transaction:
        await ledger.products.put_many(transaction, "swan", entries)
    mapping = ProductMapping(shop=SHOP, details=lambda _: BaiduProductDetails())
    return LedgerProducts(ledger.products, mapping, lambda: NOW)


async def test_products_by_their_ids(ledger: Store) -> None:
    products = await port(ledger, a="ON_SHELF", b="UNKNOWN")

    found = await products.get_many(["a", "c"], READING)

    assert {name: product.title for name, product in found.items()} == {"a": "Tee a"}


async def test_products_page_by_page(ledger: Store) -> None:
    products = await port(ledger, a="ON_SHELF", b="UNKNOWN", c="ON_SHELF")

    first = await products.page(ANY, None, 2, READING)
    rest = await products.page(ANY, "b", 2, READING)

    assert [product.platform_id for product in first.items] == ["a", "b"]
    assert (first.more, first.total) == (True, None)
    assert [product.platform_id for product in rest.items] == ["c"]
    assert (rest.more, rest.total) == (False, None)
    assert (await products.page(ANY, None, 3, READING)).total == 3


async def test_products_of_a_status(ledger: Store) -> None:
    products = await port(ledger, a="ON_SHELF", b="OFF_SHELF")

    query = ProductQuery(statuses=frozenset({ProductStatus.OFF_SHELF}))
    page = await products.page(query, None, 20, READING)

    assert [product.platform_id for product in page.items] == ["b"]


async def test_where_products_stand(ledger: Store) -> None:
    products = await port(ledger, a="ON_SHELF", b="SOLD_OUT", c="LATER")

    assert await products.statuses(["a", "b", "c", "d"], READING) == {
        "a": ProductStatus.ON_SHELF,
        "b": ProductStatus.SOLD_OUT,
        "c": ProductStatus.UNKNOWN,
    }
