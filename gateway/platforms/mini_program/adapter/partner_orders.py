"""Reads orders of partner stores from the platform."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gateway.ledger.order_times import KnownOrderTimes
from gateway.platform_kit.calls import ask
from gateway.platform_kit.provenance import provenance
from gateway.platforms.mini_program.endpoints import GET_PARTNER_ORDER
from gateway.platforms.mini_program.mapping.partner_order import Asked, partner_order_from_wire
from gateway.platforms.mini_program.wire.partner import GetPartnerOrder, PartnerOrder
from gateway.ports import Provenance, ReadOptions
from gateway.store import partner_orders as store
from gateway.upstream.answer import AnswerState, PlatformAnswer
from gateway.upstream.client import PlatformClient
from gateway.upstream.document import document
from gateway.wechat.after_sales import after_sale_of
from schema.after_sale import AfterSale
from schema.order import Order
from schema.shop import Shop


@dataclass(frozen=True, slots=True)
class ReadPartnerOrder:
    """An order and the freshness of its response."""

    order: Order
    provenance: Provenance


class PartnerOrders:
    """Implements `ReadsPartnerOrders`."""

    def __init__(
        self,
        shop: Shop,
        client: PlatformClient,
        announcements: store.PartnerOrders,
        times: KnownOrderTimes,
    ) -> None:
        self._shop = shop
        self._client = client
        self._announcements = announcements
        self._times = times

    async def get(self, partner_app_id: str, order_id: str, reading: ReadOptions) -> Order | None:
        """One partner order, announced or not.

        The platform has no specific code for an unknown order: it refuses the call, which raises
        PlatformRejected with the platform's message.
        """
        known = await self._announcements.get(self._shop.key_name, partner_app_id, order_id)
        at = None if known is None else known.event_at
        return (await self._read(partner_app_id, order_id, at, reading)).order

    async def after_sales(
        self, partner_app_id: str, order_id: str, reading: ReadOptions
    ) -> Sequence[AfterSale]:
        """The after-sale of a refunded partner order; empty for any other order."""
        order = await self.get(partner_app_id, order_id, reading)
        if order is None or order.after_sale_status is None:
            return ()
        return (after_sale_of(order, order.after_sale_status),)

    async def read(self, announced: store.PartnerOrder, reading: ReadOptions) -> ReadPartnerOrder:
        """An order announced by an event; raises PlatformFailure."""
        return await self._read(announced.app_id, announced.order_id, announced.event_at, reading)

    async def _read(
        self, partner_app_id: str, order_id: str, announced_at: int | None, reading: ReadOptions
    ) -> ReadPartnerOrder:
        request = GetPartnerOrder(shop_appid=partner_app_id, order_id=order_id)
        answer = await ask(self._client, GET_PARTNER_ORDER, request, reading)
        asked = Asked(
            shop=self._shop,
            partner_app_id=partner_app_id,
            order_id=order_id,
            announced_at=(
                None if announced_at is None else datetime.fromtimestamp(announced_at, UTC)
            ),
            raw=_raw(answer),
        )
        order = partner_order_from_wire(answer.value.order, asked)
        if answer.state is AnswerState.LIVE:
            order.asked_at = answer.asked_at
        (timed,) = await self._times.added([order])
        return ReadPartnerOrder(timed, provenance(answer))


def _raw(answer: PlatformAnswer[PartnerOrder]) -> Callable[[], Any]:
    return lambda: document(answer.body)["order"]
