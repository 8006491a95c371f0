"""Codes of lines that have none of their own."""

from msgspec.structs import replace

from gateway.ledger.sku_codes import products_without_code, sku_codes, with_sku_codes
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

    filled = with_sku_codes(order, sku_codes([product, shirt]))

    assert [item.code for item in filled.items] == ["SOCKS", "SOCKS-R", "TEE-L"]
    assert products_without_code([order]) == {"p2"}


def test_a_line_whose_sku_is_not_known_stays_without_a_code() -> None:
    product = stored("p2", ProductSku(platform_id="red", code="SOCKS-R"))

    assert sku_codes([product]) == {("p2", "red"): "SOCKS-R"}
    assert with_sku_codes(BARE, sku_codes([product])) == BARE


def test_products_without_codes_have_none() -> None:
    assert sku_codes([]) == {}
    assert sku_codes([stored("p2", ProductSku(platform_id=""))]) == {}
