"""Asks for what the platform masks of an address: the only caller of decode."""

from typing import Final

from gateway.errors import PlatformRejected
from gateway.platforms.weixin_store.endpoints import DECODE_ADDRESS
from gateway.platforms.weixin_store.mapping.whole_address import whole_address
from gateway.platforms.weixin_store.wire.order_write import OneOrderRequest
from gateway.ports.writing.problems import Absent
from gateway.store.mutation_audit import audit_call
from gateway.upstream.client import PlatformClient
from schema.buyer import ShippingAddress

_KIND: Final = "order"


class RevealedAddresses:
    """Implements RevealsAddresses."""

    def __init__(self, client: PlatformClient) -> None:
        self._client = client

    async def reveal(self, order: str, deadline: float | None) -> ShippingAddress:
        """The whole address, once the audit log has who asks; no cache keeps the answer."""
        await audit_call(self._client.shop)
        try:
            answer = await self._client.call(
                DECODE_ADDRESS, OneOrderRequest(order_id=order), deadline=deadline
            )
        except PlatformRejected as refusal:
            if self._client.errors.absent(refusal):
                raise Absent(_KIND) from refusal
            raise
        return whole_address(answer.value)
