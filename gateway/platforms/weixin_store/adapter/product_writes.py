"""Writes drafts and sends them to their audit; deletes, lists, delists and prices products."""

from typing import Final

from gateway.errors import Overloaded, PlatformFailure, PlatformRejected
from gateway.platform_kit.object_locks import ObjectLocks
from gateway.platform_kit.writes import send_write
from gateway.platforms.weixin_store.adapter.products import Products
from gateway.platforms.weixin_store.endpoints import (
    ADD_PRODUCT,
    DELETE_PRODUCT,
    DELIST_PRODUCT,
    LIST_PRODUCT,
    UPDATE_PRODUCT,
    UPDATE_PRODUCT_AUDIT_FREE,
    WITHDRAW_PRODUCT,
)
from gateway.platforms.weixin_store.mapping import product_to_wire as to_wire
from gateway.platforms.weixin_store.mapping.product import (
    draft_copy,
    listed_copy,
    product_from_wire,
    sent_draft,
)
from gateway.platforms.weixin_store.mapping.product_status import is_gone
from gateway.platforms.weixin_store.rules.product import check_price
from gateway.platforms.weixin_store.wire.product import ProductCopy, ProductResponse
from gateway.platforms.weixin_store.wire.product_write import (
    AuditFreeRequest,
    CreateRequest,
    ProductIdRequest,
    SkuPrice,
    UpdateRequest,
)
from gateway.ports import ReadOptions
from gateway.ports.writing.problems import Absent, Problems
from gateway.upstream.client import PlatformClient
from gateway.upstream.endpoint import Endpoint, Req, Res
from schema.inputs.product import ProductCreateInput, ProductUpdateInput
from schema.money import Money
from schema.product import Product
from schema.product_status import ProductListing
from schema.shop import Shop

#: Never listed, or there is no such product: the code does not say which of the two.
_NOT_LISTED: Final = "10020065"
#: The product has no such SKU.
_NO_SUCH_SKU: Final = frozenset({"10020034", "10020209"})


class ProductWrites:
    """Implements WritesProducts, WithdrawsDrafts and SetsPrices."""

    def __init__(
        self, client: PlatformClient, shop: Shop, products: Products, locks: ObjectLocks
    ) -> None:
        self._client = client
        self._shop = shop
        self._products = products
        self._locks = locks

    async def create(self, given: ProductCreateInput, deadline: float | None) -> Product:
        """Creates a product: its draft, which an audit has to pass before buyers see it."""
        request = to_wire.new_product(given)
        answer = await self._send(ADD_PRODUCT, request, deadline)
        return await self._as_it_is(str(answer.data.product_id), request, None, deadline)

    async def update(
        self, product: str, change: ProductUpdateInput, deadline: float | None
    ) -> Product:
        """Replaces the draft with one that has the change; the listed copy stays as it is."""
        problems = Problems()
        told = to_wire.read_given(change, self._shop.key_name, problems)
        problems.stop()
        async with self._locks.of("product", product):
            standing = await self._standing(product, deadline)
            line = listed_copy(standing)
            draft = draft_copy(standing) or line
            skus = (line.skus or ()) if line is not None else ()
            request = to_wire.changed_product(told, product, draft or ProductCopy(), skus, problems)
            await self._send(UPDATE_PRODUCT, request, deadline)
            return await self._as_it_is(product, request, line, deadline)

    async def delete(self, product: str, deadline: float | None) -> None:
        """Deletes a product."""
        await self._send(DELETE_PRODUCT, ProductIdRequest(product_id=product), deadline)

    async def set_status(
        self, product: str, listing: ProductListing, deadline: float | None
    ) -> None:
        """Sends the draft to its audit, which lists the product; or delists it, at once."""
        endpoint = LIST_PRODUCT if listing is ProductListing.ON_SHELF else DELIST_PRODUCT
        await self._send(endpoint, ProductIdRequest(product_id=product), deadline)

    async def withdraw(self, product: str, deadline: float | None) -> None:
        """Takes the draft out of its audit."""
        await self._send(WITHDRAW_PRODUCT, ProductIdRequest(product_id=product), deadline)

    async def set_price(self, product: str, sku: str, price: Money, deadline: float | None) -> None:
        """Sets the price of a listed SKU, without an audit."""
        problems = Problems()
        check_price(price.fen, None, problems)
        problems.stop()
        request = AuditFreeRequest(
            product_id=product, skus=[SkuPrice(sku_id=sku, sale_price=price.fen)]
        )
        try:
            await self._send(UPDATE_PRODUCT_AUDIT_FREE, request, deadline)
        except PlatformRejected as refusal:
            if refusal.platform_code in _NO_SUCH_SKU or (
                refusal.platform_code == _NOT_LISTED and await self._is_absent(product, deadline)
            ):
                raise Absent("SKU") from refusal
            raise

    async def _standing(self, product: str, deadline: float | None) -> ProductResponse:
        """Both copies as they are now, with marks in place of broken characters.

        Raises:
            Absent: there is no such product.
        """
        reading = ReadOptions(fresh=True, strict=True, deadline=deadline)
        answer = await self._products.answer(product, reading)
        standing = None if answer is None else answer.marked or answer.value
        copy = None if standing is None else listed_copy(standing) or draft_copy(standing)
        if standing is None or copy is None or is_gone(copy):
            raise Absent("product")
        return standing

    async def _is_absent(self, product: str, deadline: float | None) -> bool:
        reading = ReadOptions(fresh=True, strict=True, deadline=deadline)
        try:
            return product not in await self._products.get_many([product], reading)
        except (PlatformFailure, Overloaded):
            return False

    async def _as_it_is(
        self,
        product: str,
        sent: CreateRequest | UpdateRequest,
        line: ProductCopy | None,
        deadline: float | None,
    ) -> Product:
        """The product read back from the platform; as sent if that fails.

        The write succeeded, and a failure to read it back must not hide that.
        """
        reading = ReadOptions(fresh=True, deadline=deadline)
        try:
            found = (await self._products.get_many([product], reading)).get(product)
        except (PlatformFailure, Overloaded):
            found = None
        if found is not None:
            return found
        answer = ProductResponse(product=line, edit_product=sent_draft(product, sent))
        made = product_from_wire(answer, self._shop)
        assert made is not None  # noqa: S101 - it has a draft
        return made

    async def _send(
        self, endpoint: Endpoint[Req, Res], request: Req, deadline: float | None
    ) -> Res:
        try:
            return await send_write(self._client, endpoint, request, deadline)
        except PlatformRejected as refusal:
            if self._client.errors.absent(refusal):
                raise Absent("product") from refusal
            raise
