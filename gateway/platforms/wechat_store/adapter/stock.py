"""Adjusts the stock of a SKU."""

from gateway.errors import Overloaded, PlatformFailure, PlatformRejected
from gateway.platform_kit.calls import find
from gateway.platform_kit.writes import send_write
from gateway.platforms.wechat_store.endpoints import ADD_STOCK, GET_PRODUCT, REDUCE_STOCK
from gateway.platforms.wechat_store.errors import means_absence
from gateway.platforms.wechat_store.wire.product import ProductRequest
from gateway.platforms.wechat_store.wire.product_write import StockRequest
from gateway.ports import ReadOptions
from gateway.ports.writing.problems import Absent
from gateway.upstream.client import PlatformClient


class Stock:
    """Implements AdjustsStock."""

    def __init__(self, client: PlatformClient) -> None:
        self._client = client

    async def adjust(self, product: str, sku: str, delta: int, deadline: float | None) -> None:
        """Adds units (manual 2.1) or removes them (manual 2.2).

        The platform refuses to go below zero; only it knows what was sold meanwhile.
        """
        endpoint = ADD_STOCK if delta > 0 else REDUCE_STOCK
        request = StockRequest(product_id=product, sku_info=sku, quantity=abs(delta))
        try:
            await send_write(self._client, endpoint, request, deadline)
        except PlatformRejected as refusal:
            await self._must_be_there(refusal, product, sku)
            raise

    async def _must_be_there(self, refusal: PlatformRejected, product: str, sku: str) -> None:
        if not means_absence(refusal):
            return
        request = ProductRequest(product_id=product)
        try:
            answer = await find(
                self._client, GET_PRODUCT, request, ReadOptions(fresh=True, strict=True)
            )
        except (PlatformFailure, Overloaded):
            return  # the refusal is raised as it is
        skus = answer.value.product_info.sku_list if answer is not None else None
        if not any((one.sku_id or "") == sku for one in skus or ()):
            raise Absent("SKU") from refusal
