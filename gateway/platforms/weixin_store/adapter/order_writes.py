"""Ships orders and corrects their parcels, reprices and annotates them, answers requests."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeVar

from gateway.concurrency.clock import Clock
from gateway.errors import AnswerLost, PlatformRejected, PlatformUnavailable
from gateway.platform_kit.writes import read_back, send_write
from gateway.platforms.weixin_store.adapter.carriers import Carriers
from gateway.platforms.weixin_store.endpoints import (
    ACCEPT_ADDRESS,
    CORRECT_PARCELS,
    GET_ORDER,
    REJECT_ADDRESS,
    SEND_PARCELS,
    SET_NOTE,
    SET_PRICES,
)
from gateway.platforms.weixin_store.errors import ALREADY_SENT, TOO_OFTEN
from gateway.platforms.weixin_store.mapping.order import order_from_wire
from gateway.platforms.weixin_store.mapping.order_to_wire import (
    nothing_sent,
    parcels_to_wire,
    prices_to_wire,
)
from gateway.platforms.weixin_store.rules.prices import prices_from_input
from gateway.platforms.weixin_store.rules.shipment import (
    check_shippable,
    check_virtual,
    contents_of,
    is_shipped_so,
    parcels_from_input,
    units_left,
)
from gateway.platforms.weixin_store.wire.base import Done
from gateway.platforms.weixin_store.wire.order import OrderRequest
from gateway.platforms.weixin_store.wire.order_write import (
    NoteRequest,
    OneOrderRequest,
    ParcelsRequest,
)
from gateway.ports import ReadOptions, ReadsOrders
from gateway.ports.writing.parcels import Parcel
from gateway.ports.writing.problems import Absent, InputRefused
from gateway.upstream.client import PlatformClient
from gateway.upstream.endpoint import Endpoint, Req, Res
from schema.errors import ErrorCode
from schema.inputs.order import OrderRepriceInput, OrderShipInput
from schema.order import Order
from schema.order_status import OrderStatus
from schema.shop import Shop

T = TypeVar("T")

_KIND: Final = "order"
#: Attempts of a call that the platform refuses as too often, and seconds before the second one,
#: which double.
_ATTEMPTS: Final = 4
_FIRST_PAUSE: Final = 0.5


class OrderWrites:
    """Implements ShipsOrders, RepricesOrders, AnnotatesOrders and AnswersAddressRequests."""

    def __init__(
        self, client: PlatformClient, shop: Shop, orders: ReadsOrders, carriers: Carriers
    ) -> None:
        self._client = client
        self._shop = shop
        self._orders = orders
        self._carriers = carriers

    async def ship(self, order: str, given: OrderShipInput, deadline: float | None) -> None:
        """Ships what is left of an order, or replaces its parcels, by its state of now.

        An order that is shipped in these parcels already is left as it is.
        """
        reading = ReadOptions(deadline=deadline)
        parcels = parcels_from_input(given, await self._carriers.all(reading))
        found = await self._as_it_is(order, deadline)
        check_shippable(found, correct=bool(given.correct))
        if not parcels:
            check_virtual(_delivery(found).get("deliver_method"))
            request = nothing_sent(order, found.items)
        else:
            if not given.correct and found.status is OrderStatus.SHIPPED:
                _refuse_unless_so(found, parcels)
                return
            left = units_left(found, correct=bool(given.correct))
            request = parcels_to_wire(order, parcels, contents_of(parcels, left))
        row = CORRECT_PARCELS if given.correct else SEND_PARCELS
        await self._send_parcels(row, request, parcels, deadline)

    async def reprice(self, order: str, given: OrderRepriceInput, deadline: float | None) -> None:
        """Sets prices, beside those that were changed before."""
        found = await self._as_it_is(order, deadline)
        request = prices_to_wire(found, prices_from_input(given, found))
        await self._send(SET_PRICES, request, deadline)

    async def set_note(self, order: str, note: str, deadline: float | None) -> None:
        """Replaces the merchant's note."""
        await self._send(SET_NOTE, NoteRequest(order_id=order, merchant_notes=note), deadline)

    async def answer_address_request(
        self, order: str, deadline: float | None, *, accept: bool
    ) -> None:
        """Accepts or rejects the address that the buyer asks for."""
        found = await self._as_it_is(order, deadline)
        if _delivery(found).get("address_under_review") is None:
            message = "The buyer does not ask for another address."
            raise InputRefused.of(ErrorCode.CONFLICT, message, "id")
        row = ACCEPT_ADDRESS if accept else REJECT_ADDRESS
        await self._send(row, OneOrderRequest(order_id=order), deadline)

    async def _send_parcels(
        self,
        endpoint: Endpoint[ParcelsRequest, Done],
        request: ParcelsRequest,
        parcels: Sequence[Parcel],
        deadline: float | None,
    ) -> None:
        """Sends parcels; what became of a call whose answer was lost, the order itself tells.

        So does it of a refusal because all is shipped already: by this call before it was
        repeated, or by somebody else.
        """
        order = request.order_id
        try:
            await self._send(endpoint, request, deadline)
        except PlatformRejected as refusal:
            if refusal.platform_code != ALREADY_SENT:
                raise
            _refuse_unless_so(await self._as_it_is(order, deadline), parcels)
        except AnswerLost:
            if not await self._arrived(order, parcels, deadline):
                raise

    async def _arrived(self, order: str, parcels: Sequence[Parcel], deadline: float | None) -> bool:
        """Whether the order has the parcels; False where it cannot be read, or not yet."""
        answer = await read_back(self._client, GET_ORDER, OrderRequest(order_id=order), deadline)
        if answer is None:
            return False
        return is_shipped_so(order_from_wire(answer.value.order, self._shop), parcels)

    async def _send(
        self, endpoint: Endpoint[Req, Res], request: Req, deadline: float | None
    ) -> Res:
        """Sends a change; again after a pause where the platform finds it too often (100003)."""
        try:
            return await again_if_too_often(
                self._client.clock,
                lambda: send_write(self._client, endpoint, request, deadline),
                deadline,
            )
        except PlatformRejected as refusal:
            if self._client.errors.absent(refusal):
                raise Absent(_KIND) from refusal
            raise

    async def _as_it_is(self, order: str, deadline: float | None) -> Order:
        reading = ReadOptions(fresh=True, strict=True, deadline=deadline)
        found = await self._orders.get_many([order], reading)
        if order not in found:
            raise Absent(_KIND)
        return found[order]


async def again_if_too_often(
    clock: Clock, call: Callable[[], Awaitable[T]], deadline: float | None
) -> T:
    """The result of a call, which the platform may refuse a few times as too often.

    It refuses so without having done anything, also a call that is the first for a while.
    """
    pause = _FIRST_PAUSE
    for _ in range(_ATTEMPTS - 1):
        try:
            return await call()
        except PlatformUnavailable as busy:
            late = deadline is not None and clock.monotonic() + pause >= deadline
            if busy.platform_code != TOO_OFTEN or late:
                raise
        await clock.sleep(pause)
        pause *= 2
    return await call()


def _refuse_unless_so(order: Order, parcels: Sequence[Parcel]) -> None:
    if not is_shipped_so(order, parcels):
        message = "The order is SHIPPED already: pass `correct: true` to replace its parcels."
        raise InputRefused.of(ErrorCode.CONFLICT, message, "id")


def _delivery(order: Order) -> dict[str, Any]:
    """`order_detail.delivery_info` as received."""
    raw = order.raw_source() if order.raw_source is not None else {}
    found = (raw.get("order_detail") or {}).get("delivery_info") or {}
    return found if isinstance(found, dict) else {}
