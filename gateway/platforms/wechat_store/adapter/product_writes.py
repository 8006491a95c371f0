"""Creates, updates, deletes, lists and delists products."""

from functools import partial
from typing import Final

import msgspec

from gateway.errors import PlatformRejected
from gateway.platform_kit.calls import find
from gateway.platform_kit.object_locks import ObjectLocks
from gateway.platform_kit.writes import must_be_there, read_back, send_write
from gateway.platforms.wechat_store.adapter.originals import Kept, Originals
from gateway.platforms.wechat_store.adapter.products import Products
from gateway.platforms.wechat_store.adapter.raw import raw_member
from gateway.platforms.wechat_store.endpoints import (
    CREATE_PRODUCT,
    DELETE_PRODUCT,
    GET_PRODUCT,
    SET_PRODUCT_STATUS,
    UPDATE_PRODUCT,
)
from gateway.platforms.wechat_store.mapping import product_to_wire as to_wire
from gateway.platforms.wechat_store.mapping.product import product_from_wire
from gateway.platforms.wechat_store.mapping.product_details import lossy_fingerprint
from gateway.platforms.wechat_store.mapping.product_standing import (
    as_answered,
    standing_product,
    whole_parts,
)
from gateway.platforms.wechat_store.wire import product as read
from gateway.platforms.wechat_store.wire.product_write import (
    CreateRequest,
    StatusRequest,
    UpdateRequest,
)
from gateway.ports import ReadOptions
from gateway.ports.writing.problems import Absent, Problems
from gateway.upstream.answer import PlatformAnswer
from gateway.upstream.client import PlatformClient
from schema.inputs.product import ProductCreateInput, ProductUpdateInput
from schema.product import Product
from schema.product_status import ProductListing, ProductStatus
from schema.shop import Shop

#: Manual 1.6.
_STATUS: Final = {ProductListing.ON_SHELF: 1, ProductListing.OFF_SHELF: 0}
_NO_BASE: Final = read.ProductBase()


class ProductWrites:
    """Implements WritesProducts."""

    def __init__(
        self,
        client: PlatformClient,
        shop: Shop,
        products: Products,
        originals: Originals,
        locks: ObjectLocks,
    ) -> None:
        self._client = client
        self._shop = shop
        self._products = products
        self._originals = originals
        self._locks = locks

    async def create(self, given: ProductCreateInput, deadline: float | None) -> Product:
        """Creates a product (manual 1.1)."""
        request = to_wire.new_product(given, Problems())
        answer = await send_write(self._client, CREATE_PRODUCT, request, deadline)
        return await self._as_it_is(answer.product_id, request, deadline)

    async def update(
        self, product: str, change: ProductUpdateInput, deadline: float | None
    ) -> Product:
        """Replaces a product's document with one that has the change (manual 1.3)."""
        problems = Problems()
        told = to_wire.read_given(change, self._shop.key_name, problems)
        to_wire.check_together(told, told, problems)
        problems.stop()
        async with self._locks.of("product", product):
            request = await self._updated(product, told, deadline)
            try:
                await send_write(self._client, UPDATE_PRODUCT, _update(product, request), deadline)
            except PlatformRejected as refusal:
                await self._must_be_there(refusal, product)
                raise
            return await self._as_it_is(product, request, deadline)

    async def delete(self, product: str, deadline: float | None) -> None:
        """Deletes a product (manual 1.2)."""
        request = read.ProductRequest(product_id=product)
        try:
            await send_write(self._client, DELETE_PRODUCT, request, deadline)
        except PlatformRejected as refusal:
            await self._must_be_there(refusal, product)
            raise
        await self._originals.forget(product)

    async def set_status(
        self, product: str, listing: ProductListing, deadline: float | None
    ) -> None:
        """Puts a product on the shelf or takes it off (manual 1.6)."""
        request = StatusRequest(product_id=product, status=_STATUS[listing])
        try:
            await send_write(self._client, SET_PRODUCT_STATUS, request, deadline)
        except PlatformRejected as refusal:
            await self._must_be_there(refusal, product)
            raise
        if listing is ProductListing.ON_SHELF:
            await self._originals.note_listed(product)

    async def _updated(
        self, product: str, told: to_wire.Given, deadline: float | None
    ) -> CreateRequest:
        """The whole document with the change, checked against all rules.

        Raises:
            Absent: there is no such product.
            InputRefused: a rule is broken, or something is missing.
        """
        kept = await self._originals.of(product)
        answer = await self._read(product, deadline)
        if answer is None:
            raise Absent("product")
        raw = answer.value.product_info
        sent = kept.trusted(lossy_fingerprint(raw.product_base or _NO_BASE))
        standing = standing_product(raw, sent.product_base if sent is not None else None)
        if answer.marked is not None:
            original = sent.product_base if sent is not None else None
            marked = standing_product(answer.marked.product_info, original)
            standing = whole_parts(standing, marked)
        problems = Problems()
        if to_wire.changed_frozen(told, standing) and await self._was_listed(
            product, kept, deadline
        ):
            to_wire.check_frozen(told, standing, problems)
        known = to_wire.overlaid(told, standing)
        to_wire.check_known(known, problems)
        to_wire.check_together(told, known, problems)
        problems.stop()
        return to_wire.document(known)

    async def _read(
        self, product: str, deadline: float | None
    ) -> PlatformAnswer[read.ProductResponse] | None:
        request = read.ProductRequest(product_id=product)
        reading = ReadOptions(fresh=True, strict=True, deadline=deadline)
        return await find(self._client, GET_PRODUCT, request, reading)

    async def _was_listed(self, product: str, kept: Kept, deadline: float | None) -> bool:
        """Whether the product is known to have been on the shelf."""
        if kept.listed:
            return True
        reading = ReadOptions(fresh=True, strict=True, deadline=deadline)
        told = await self._products.statuses([product], reading)
        return told.get(product) in {ProductStatus.ON_SHELF, ProductStatus.SOLD_OUT}

    async def _as_it_is(self, product: str, sent: CreateRequest, deadline: float | None) -> Product:
        """The product read back from the platform; as sent if that fails."""
        request = read.ProductRequest(product_id=product)
        answer = await read_back(self._client, GET_PRODUCT, request, deadline)
        if answer is None:
            await self._originals.note_sent(product, sent, None)
            return product_from_wire(as_answered(product, sent), self._shop)
        raw = answer.value.product_info
        fingerprint = lossy_fingerprint(raw.product_base or _NO_BASE)
        await self._originals.note_sent(product, sent, fingerprint)
        source = partial(raw_member, answer.body, "product_info")
        written = product_from_wire(raw, self._shop, source)
        written.asked_at = answer.asked_at
        return written

    async def _must_be_there(self, refusal: PlatformRejected, product: str) -> None:
        request = read.ProductRequest(product_id=product)
        await must_be_there(self._client, refusal, GET_PRODUCT, request, "product")


def _update(product: str, document: CreateRequest) -> UpdateRequest:
    return UpdateRequest(product_id=product, **msgspec.structs.asdict(document))
