"""Reads the carriers that the platform lists; their codes are its own, and change."""

from collections.abc import Sequence

from gateway.platform_kit.calls import ask
from gateway.platforms.weixin_store.endpoints import LIST_CARRIERS
from gateway.platforms.weixin_store.wire.order_write import CarriersRequest
from gateway.ports import ReadOptions
from gateway.ports.carriers import listed
from gateway.upstream.client import PlatformClient
from schema.shipment import Carrier


class Carriers:
    """Implements ReadsCarriers."""

    def __init__(self, client: PlatformClient) -> None:
        self._client = client

    async def all(self, reading: ReadOptions) -> Sequence[Carrier]:
        """The carriers with a code, in the platform's order."""
        answer = await ask(
            self._client, LIST_CARRIERS, CarriersRequest(ewaybill_only=False), reading
        )
        return listed(
            {
                company.delivery_id: company.delivery_name or company.delivery_id
                for company in answer.value.company_list or ()
                if company.delivery_id
            }
        )
