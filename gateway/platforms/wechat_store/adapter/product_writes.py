"""Changes products."""

from typing import Final

from gateway.errors import PlatformRejected
from gateway.platforms.wechat_store.adapter.telling import must_be_there, tell
from gateway.platforms.wechat_store.endpoints import (
    DELETE_PRODUCT,
    GET_PRODUCT,
    SET_PRODUCT_STATUS,
)
from gateway.platforms.wechat_store.wire.product import ProductRequest
from gateway.platforms.wechat_store.wire.product_write import StatusRequest
from gateway.upstream.client import PlatformClient
from schema.product_status import ProductListing

#: Manual 1.6.
_STATUS: Final = {ProductListing.ON_SHELF: 1, ProductListing.OFF_SHELF: 0}


class ProductWrites:
    """Fills the port WritesProducts."""

    def __init__(self, client: PlatformClient) -> None:
        self._client = client

    async def delete(self, product: str, deadline: float | None) -> None:
        """Removes a product (manual 1.2)."""
        request = ProductRequest(product_id=product)
        try:
            await tell(self._client, DELETE_PRODUCT, request, deadline)
        except PlatformRejected as refusal:
            await self._must_be_there(refusal, product)
            raise

    async def set_status(
        self, product: str, listing: ProductListing, deadline: float | None
    ) -> None:
        """Puts a product on or off the shelf (manual 1.6)."""
        request = StatusRequest(product_id=product, status=_STATUS[listing])
        try:
            await tell(self._client, SET_PRODUCT_STATUS, request, deadline)
        except PlatformRejected as refusal:
            await self._must_be_there(refusal, product)
            raise

    async def _must_be_there(self, refusal: PlatformRejected, product: str) -> None:
        request = ProductRequest(product_id=product)
        await must_be_there(self._client, refusal, GET_PRODUCT, request, "product")
