"""Reads inputs of want-to-buy lines and products into the ledger's documents."""

from gateway.services.writing.input_reader import InputReader, attributes
from gateway.store.documents import ProductDocument, ProductSku, WantedItemDocument
from schema.inputs.product_sync import ProductSyncInput, ProductSyncSkuInput
from schema.inputs.wanted_item import WantedItemInput

#: The platform's largest version.
_LAST_VERSION = 2**31 - 1


def wanted_item(
    reader: InputReader, given: WantedItemInput, *path: str | int
) -> WantedItemDocument:
    """A line to add to a list; the reader collects what is invalid."""
    sku = given.platform_sku_id
    return WantedItemDocument(
        platform_product_id=reader.id(given.platform_product_id, *path, "platformProductId"),
        platform_sku_id=None if not sku else reader.id(sku, *path, "platformSkuId"),
        code=given.code or None,
        title=given.title,
        description=given.description,
        images=tuple(given.images),
        price=reader.perhaps_money(given.price, *path, "price"),
        list_price=reader.perhaps_money(given.list_price, *path, "listPrice"),
        status=given.status.name,
        attributes=attributes(given.attributes),
        product_attributes=attributes(given.product_attributes),
        category_path=tuple(given.category_path),
        version=_version(reader, given.version, *path, "version"),
        sku_version=_version(reader, given.sku_version, *path, "skuVersion"),
        quantity=(
            None if given.quantity is None else reader.count(given.quantity, *path, "quantity")
        ),
        page_path=given.page_path,
        added_at=reader.perhaps_second(given.added_at, *path, "addedAt"),
    )


def product(reader: InputReader, given: ProductSyncInput, *path: str | int) -> ProductDocument:
    """A product to update, synced now; the reader collects what is invalid."""
    names = [sku.platform_id for sku in given.skus]
    reader.each_once(names, *path, "skus", field="platformId")
    return ProductDocument(
        platform_product_id=reader.id(given.platform_product_id, *path, "platformProductId"),
        title=given.title,
        description=given.description,
        images=tuple(given.images),
        category_path=tuple(given.category_path),
        page_path=given.page_path,
        product_attributes=attributes(given.product_attributes),
        version=_version(reader, given.version, *path, "version"),
        skus=tuple(_sku(reader, sku, *path, "skus", place) for place, sku in enumerate(given.skus)),
        synced_at=reader.now,
    )


def _sku(reader: InputReader, given: ProductSyncSkuInput, *path: str | int) -> ProductSku:
    name = given.platform_id
    return ProductSku(
        platform_id=reader.id(name, *path, "platformId") if name else "",
        code=given.code or None,
        price=reader.perhaps_money(given.price, *path, "price"),
        list_price=reader.perhaps_money(given.list_price, *path, "listPrice"),
        status=given.status.name,
        version=_version(reader, given.version, *path, "version"),
        attributes=attributes(given.attributes),
    )


def _version(reader: InputReader, number: int | None, *path: str | int) -> int | None:
    if number is not None and not 0 <= number <= _LAST_VERSION:
        reader.problems.add(f"A version is 0 to {_LAST_VERSION}.", *path)
    return number
