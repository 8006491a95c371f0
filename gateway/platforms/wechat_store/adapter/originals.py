"""Keeps product documents as sent: the platform does not return every part as it accepts it."""

from collections.abc import Collection, Mapping, Sequence

import msgspec
import structlog

from gateway.errors import StoreUnavailable
from gateway.platforms.wechat_store.mapping.product_details import blocks_from_wire
from gateway.platforms.wechat_store.wire.product_write import CreateRequest
from gateway.ports.writing.catalogue import KeptDetail
from gateway.store.product_originals import ProductOriginal
from gateway.store.store import Store

_log = structlog.get_logger("gateway.platforms.wechat_store")


class Kept(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is kept of a product.

    `sent` is the whole document; it is current only while the platform's answer still has the
    `lossy_fingerprint` in `answer`. `listed`: the product was seen on the shelf.
    """

    sent: CreateRequest | None = None
    answer: str | None = None
    listed: bool = False

    def trusted(self, answer: str) -> CreateRequest | None:
        """What was sent, if the platform's answer to it has this fingerprint."""
        return self.sent if self.answer is not None and self.answer == answer else None


_NOTHING = Kept()


class Originals:
    """Keeps the originals of one shop's products.

    A change that the platform has made must not fail because the ledger cannot record it: the error
    is logged, and a later update asks its caller for what is missing.
    """

    def __init__(self, store: Store, shop: str) -> None:
        self._store = store
        self._shop = shop

    async def of(self, product: str) -> Kept:
        """What is kept of a product; raises StoreUnavailable."""
        return (await self.of_many([product])).get(product, _NOTHING)

    async def of_many(self, products: Collection[str]) -> Mapping[str, Kept]:
        """What is kept, by platform id; raises StoreUnavailable."""
        found = await self._store.product_originals.get_many(self._shop, products)
        return {product: _kept(original) for product, original in found.items()}

    async def note_sent(self, product: str, sent: CreateRequest, answer: str | None) -> None:
        """Records what the platform accepted, and the fingerprint of its answer, if known."""
        await self._note(product, sent=sent, answer=answer)

    async def note_listed(self, product: str) -> None:
        """Records that the product was on the shelf."""
        await self._note(product, listed=True)

    async def forget(self, product: str) -> None:
        """Deletes what is kept of a deleted product, metadata included."""
        try:
            async with self._store.transaction() as transaction:
                await self._store.product_originals.delete(transaction, self._shop, product)
                await self._store.metadata_items.delete(
                    transaction, "Product", self._shop, [product]
                )
        except StoreUnavailable:
            self._warn(product)

    async def _note(self, product: str, **changes: object) -> None:
        repository = self._store.product_originals
        try:
            async with self._store.transaction() as transaction:
                found = await repository.get_many(self._shop, [product], transaction)
                former = _kept(found[product]) if product in found else _NOTHING
                kept = msgspec.structs.replace(former, **changes)
                if kept != former:
                    await repository.put(transaction, self._row(product, kept))
        except StoreUnavailable:
            self._warn(product)

    def _row(self, product: str, kept: Kept) -> ProductOriginal:
        answer = None if kept.answer is None else bytes.fromhex(kept.answer)
        document = msgspec.structs.replace(kept, answer=None)
        return ProductOriginal(self._shop, product, msgspec.json.encode(document).decode(), answer)

    def _warn(self, product: str) -> None:
        _log.warning(
            "wechat_store.product.original_not_stored",
            message="The ledger did not store what was sent of a product.",
            shop=self._shop,
            product=product,
        )


def _kept(original: ProductOriginal) -> Kept:
    kept = msgspec.json.decode(original.document, type=Kept)
    answer = original.answer_hash
    return msgspec.structs.replace(kept, answer=None if answer is None else answer.hex())


class KeptDetails:
    """Implements KeepsDetails."""

    def __init__(self, originals: Originals) -> None:
        self._originals = originals

    async def details(self, products: Sequence[str]) -> Mapping[str, KeptDetail]:
        """The last written details of products, by platform id."""
        return {
            product: KeptDetail(kept.answer, blocks_from_wire(kept.sent.product_base.detail))
            for product, kept in (await self._originals.of_many(products)).items()
            if kept.sent is not None and kept.answer is not None
        }
