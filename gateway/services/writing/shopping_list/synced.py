"""What the ledger keeps of products that are synced: the SKUs of repeated calls add up."""

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from gateway.store.documents import ProductDocument, ProductSku
from gateway.store.products import ProductEntry, StoredProduct


def brought_up_to_date(
    documents: Iterable[ProductDocument], known: Mapping[str, StoredProduct], now: int
) -> list[ProductEntry]:
    """Each product as it was synced now, with the SKUs that were synced before."""
    return [
        _entry(document, known.get(document.platform_product_id), now) for document in documents
    ]


def _entry(document: ProductDocument, known: StoredProduct | None, now: int) -> ProductEntry:
    before = known.document if known is not None and known.document.synced_at is not None else None
    given = {sku.platform_id for sku in document.skus}
    kept = tuple(sku for sku in before.skus if sku.platform_id not in given) if before else ()
    skus = (*kept, *document.skus)
    return ProductEntry(replace(document, skus=skus), _status(skus), now)


def _status(skus: Iterable[ProductSku]) -> str:
    """Where the product stands: as its best SKU does."""
    statuses = {sku.status for sku in skus}
    if "ON_SALE" in statuses:
        return "ON_SHELF"
    return "SOLD_OUT" if "SOLD_OUT" in statuses else "OFF_SHELF"
