"""Codes of lines that have none of their own."""

from msgspec.structs import replace

from gateway.ledger.sku_codes import products_without_code, with_sku_codes
from gateway.store.documents import ProductDocument, ProductSku
from gateway.store.products import StoredProduct
from tests.ledger.test_order_mapping import BARE, BARE_ITEM, ITEM


def stored(product: str, *skus: ProductSku) -> StoredProduct:
    document = ProductDocument(platform_product_id=product, title="", skus=skus)
    return StoredProduct("swan", document, "ON_SHELF", 0, 1, 0.0)


def test_a_line_takes_the_code_of_its_sku() -> None:
    red = replace(BARE_ITEM, platform_sku_id="red")
    order = replace(BARE, items=(BARE_ITEM, red, ITEM))
    product = stored(
        "p2",
        ProductSku(platform_id="", code="SOCKS"),
        ProductSku(platform_id="red", code="SOCKS-R"),
    )
    shirt = stored("p1", ProductSku(platform_id="p1-L", code="OTHER"))

    filled = with_sku_codes(order, {"p2": product, "p1": shirt})

    assert [item.code for item in filled.items] == ["SOCKS", "SOCKS-R", "TEE-L"]
    assert products_without_code([order]) == {"p2"}


def test_without_a_known_code_the_order_stays_as_it_is() -> None:
    product = stored("p2", ProductSku(platform_id="red", code="SOCKS-R"))

    assert with_sku_codes(BARE, {}) is BARE
    assert with_sku_codes(BARE, {"p2": stored("p2", ProductSku(platform_id=""))}) is BARE
    assert with_sku_codes(BARE, {"p2": product}).items[0].code is None
