"""Commands about want-to-buy lists, products and the cart page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from gateway.outbox.message import OutboxMessage
from gateway.outbox.outcomes import RemovedLine
from gateway.outbox.shopping_list_intake import Applied, ShoppingListPush
from gateway.outbox.shopping_list_messages import CartPath, WantedKey, shopping_list_message
from gateway.store.documents import ProductDocument, ProductSku, WantedItemDocument
from gateway.store.engine import Transaction
from gateway.store.object_changes import NewObjectChange
from gateway.store.products import ProductEntry, StoredProduct
from gateway.store.store import Store
from gateway.store.wanted_items import StoredWantedItem, WantedItemKey


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportWantedItems:
    """Adds lines to a buyer's list, or replaces those that are on it; `names` are their ids."""

    shop: str
    open_id: str
    names: Sequence[str]
    documents: Sequence[WantedItemDocument]

    def pushes(self) -> list[ShoppingListPush]:
        """One push for each line."""
        messages = [
            shopping_list_message("WANTED_ITEMS_IMPORT", document, self.open_id)
            for document in self.documents
        ]
        return _line_pushes(self.names, messages)

    async def apply(self, store: Store, transaction: Transaction) -> Applied:
        """Writes the lines to the ledger."""
        await store.wanted_items.put_many(transaction, self.shop, self.open_id, self.documents)
        return Applied()


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveWantedItems:
    """Removes lines from a buyer's list, also those that only the platform has."""

    shop: str
    open_id: str
    names: Sequence[str]
    keys: Sequence[WantedItemKey]

    def pushes(self) -> list[ShoppingListPush]:
        """One push for each line."""
        messages = [
            shopping_list_message(
                "WANTED_ITEMS_REMOVE",
                WantedKey(
                    platform_product_id=key.platform_product_id,
                    platform_sku_id=key.platform_sku_id,
                ),
                self.open_id,
            )
            for key in self.keys
        ]
        return _line_pushes(self.names, messages)

    async def apply(self, store: Store, transaction: Transaction) -> Applied:
        """Deletes the lines from the ledger."""
        found = await store.wanted_items.get_many(self.shop, self.names, within=transaction)
        await store.wanted_items.remove(transaction, self.shop, self.open_id, self.keys)
        return Applied(removed=lines_of(self.names, found))


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncProducts:
    """Updates products; SKUs and codes that are not given are kept. `now` in unix seconds."""

    shop: str
    documents: Sequence[ProductDocument]
    now: int

    @property
    def names(self) -> list[str]:
        """The products' platform ids."""
        return [document.platform_product_id for document in self.documents]

    def pushes(self) -> list[ShoppingListPush]:
        """One push for each product."""
        return [
            ShoppingListPush(
                aggregate=f"product/{document.platform_product_id}",
                message=shopping_list_message("PRODUCTS_SYNC", document),
                subject=("Product", document.platform_product_id),
            )
            for document in self.documents
        ]

    async def apply(self, store: Store, transaction: Transaction) -> Applied:
        """Writes the products to the ledger, with the SKUs of earlier syncs."""
        stored = await store.products.get_many(self.shop, self.names, within=transaction)
        entries = [
            _merged(document, stored.get(document.platform_product_id), self.now)
            for document in self.documents
        ]
        await store.products.put_many(transaction, self.shop, entries)
        return Applied(changes=[self._change(entry, stored) for entry in entries])

    def _change(self, entry: ProductEntry, stored: Mapping[str, StoredProduct]) -> NewObjectChange:
        name = entry.document.platform_product_id
        before = stored.get(name)
        return NewObjectChange(
            kind="Product",
            shop=self.shop,
            platform_id=name,
            status=entry.status,
            previous_status=before.status if before is not None else None,
            cause="MUTATION",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCartPath:
    """Sets the page behind the cart button."""

    shop: str
    path: str
    names: Sequence[str] = ()

    def pushes(self) -> list[ShoppingListPush]:
        """One push."""
        message = shopping_list_message("CART_PATH", CartPath(path=self.path))
        return [ShoppingListPush(aggregate="cart", message=message, subject=("Shop", ""))]

    async def apply(self, store: Store, transaction: Transaction) -> Applied:
        """Writes the path to the ledger."""
        await store.shops.set_cart_path(transaction, self.shop, self.path)
        return Applied()


def lines_of(names: Iterable[str], found: Mapping[str, StoredWantedItem]) -> list[RemovedLine]:
    """The lines that were found, in the order of `names`."""
    return [
        RemovedLine(name, found[name].document, found[name].added_at)
        for name in names
        if name in found
    ]


def _line_pushes(names: Sequence[str], messages: Sequence[OutboxMessage]) -> list[ShoppingListPush]:
    return [
        ShoppingListPush(aggregate=f"wanted/{name}", message=message, subject=("WantedItem", name))
        for name, message in zip(names, messages, strict=True)
    ]


def _merged(document: ProductDocument, stored: StoredProduct | None, now: int) -> ProductEntry:
    synced = stored is not None and stored.document.synced_at is not None
    before = stored.document.skus if stored is not None and synced else ()
    given = {sku.platform_id for sku in document.skus}
    codes = {sku.platform_id: sku.code for sku in stored.document.skus} if stored else {}
    skus = (
        *(sku for sku in before if sku.platform_id not in given),
        *(replace(sku, code=sku.code or codes.get(sku.platform_id)) for sku in document.skus),
    )
    return ProductEntry(replace(document, skus=skus), _status(skus), now)


def _status(skus: Iterable[ProductSku]) -> str:
    """The product's status: that of its best SKU."""
    statuses = {sku.status for sku in skus}
    if "ON_SALE" in statuses:
        return "ON_SHELF"
    return "SOLD_OUT" if "SOLD_OUT" in statuses else "OFF_SHELF"
