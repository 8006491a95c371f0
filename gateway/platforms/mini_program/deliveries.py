"""Sends what the outbox holds for a shopping list, and says beforehand what it would refuse."""

from collections.abc import Sequence
from typing import Final, Literal

from gateway.errors import AnswerLost, PlatformFailure, PlatformRejected, PlatformUnavailable
from gateway.ledger.needs import UnfitDocument
from gateway.outbox.outcomes import DELIVERED, is_lost, outcome_of, refused
from gateway.outbox.parcel import Parcel
from gateway.platforms.mini_program import endpoints
from gateway.platforms.mini_program.mapping.batches import MOST_ORDERS
from gateway.platforms.mini_program.mapping.order_to_wire import Brand, changed_order, new_order
from gateway.platforms.mini_program.mapping.outcomes import NOT_FOUND, Refused, refusals
from gateway.platforms.mini_program.mapping.status_to_wire import can_update
from gateway.platforms.mini_program.wire import order as wire
from gateway.ports import Codes, Fate, Lot, Outcome
from gateway.store.documents import OrderPersonal
from gateway.upstream.client import PlatformClient

#: The PushOperations that are sent here.
ORDERS: Final = ("ORDER_IMPORT", "ORDER_UPDATE", "ORDER_STATUS", "ORDER_DELETE")
_CHANGES: Final = frozenset({"ORDER_UPDATE", "ORDER_STATUS"})


class ShoppingListDeliveries:
    """Implements `Delivers` and `TakesOrders`."""

    deletes = True
    takes_after_sales = False
    unchangeable = frozenset(
        {"title", "kind", "remark", "items", "total", "discounts", "charges", "reviewPage"}
    )

    def __init__(self, client: PlatformClient, brand: Brand, *, test_data: bool) -> None:
        self._client = client
        self._brand = brand
        self._is_test: Literal[1] | None = 1 if test_data else None

    def lot(self, parcel: Parcel) -> Lot:
        """Ten orders go out in one call, but those that take several calls."""
        if parcel.operation in _CHANGES:
            return Lot("update", MOST_ORDERS)
        if parcel.operation != "ORDER_IMPORT" or parcel.lost or parcel.order().replaces:
            return Lot(parcel.operation, 1)
        return Lot(("import", parcel.order().order.history), MOST_ORDERS)

    async def deliver(self, parcels: Sequence[Parcel]) -> Sequence[Outcome]:
        """Sends parcels of one lot, each with its own outcome."""
        first = parcels[0]
        try:
            if first.operation in _CHANGES:
                return await self._update(parcels)
            if first.operation == "ORDER_DELETE":
                return [await self._delete(parcel) for parcel in parcels]
            if first.lost:
                return [await self._find_out(parcel) for parcel in parcels]
            if first.order().replaces:
                return [await self._replace(parcel) for parcel in parcels]
            return await self._import(parcels)
        except UnfitDocument as unfit:
            return [self._refused(str(unfit))] * len(parcels)

    def check(self, parcel: Parcel) -> Codes:
        """The code that would be sent; raises UnfitDocument."""
        order, personal = parcel.order().order, parcel.personal or OrderPersonal()
        if parcel.operation in _CHANGES:
            return Codes(str(changed_order(order, personal).status))
        return Codes(str(new_order(order, personal, self._brand).status))

    async def _import(self, parcels: Sequence[Parcel]) -> Sequence[Outcome]:
        orders = [parcel.order().order for parcel in parcels]
        request = wire.ImportOrders(
            is_history=1 if orders[0].history else 0,
            is_test=self._is_test,
            order_list=tuple(
                new_order(order, parcel.personal or OrderPersonal(), self._brand)
                for order, parcel in zip(orders, parcels, strict=True)
            ),
        )
        try:
            answer = await self._client.call(endpoints.ADD_ORDER, request)
        except PlatformFailure as failure:
            return [self._failed_import(failure, order.status) for order in orders]
        return self._each([order.platform_id for order in orders], answer.value, "importorder.add")

    async def _update(self, parcels: Sequence[Parcel]) -> Sequence[Outcome]:
        row = endpoints.UPDATE_ORDER
        request = wire.UpdateOrders(
            order_list=tuple(
                changed_order(parcel.order().order, parcel.personal or OrderPersonal())
                for parcel in parcels
            )
        )
        try:
            answer = await self._client.call(row, request)
        except PlatformFailure as failure:
            return [outcome_of(failure, row)] * len(parcels)
        ids = [order.order_id for order in request.order_list]
        return self._each(ids, answer.value, row.name)

    async def _delete(self, parcel: Parcel) -> Outcome:
        row = endpoints.DELETE_ORDER
        if not parcel.open_id:
            return self._refused("whose order it is was erased")
        request = wire.DeleteOrder(
            user_open_id=parcel.open_id, order_id=parcel.order().order.platform_id
        )
        try:
            await self._client.call(row, request)
        except PlatformFailure as failure:
            return outcome_of(failure, row)
        return DELIVERED

    async def _replace(self, parcel: Parcel) -> Outcome:
        """Deletes and imports: what an import does with an id that is there is not told.

        An order that is not there to be deleted is imported all the same.
        """
        deleted = await self._delete(parcel)
        if deleted.fate not in {Fate.DELIVERED, Fate.REJECTED}:
            return deleted
        return (await self._import([parcel]))[0]

    async def _find_out(self, parcel: Parcel) -> Outcome:
        """After a lost import: an update tells whether it arrived, and if not, it goes out again.

        An order that was only paid cannot be updated to that: nobody can tell.
        """
        status = parcel.order().order.status
        if not can_update(status):
            return self._unknown(status)
        (found,) = await self._update([parcel])
        missing = isinstance(found.failure, PlatformRejected) and (
            found.failure.platform_code == NOT_FOUND
        )
        if missing:
            return (await self._import([parcel]))[0]
        return found

    def _failed_import(self, failure: PlatformFailure, status: str) -> Outcome:
        if is_lost(failure) and can_update(status):
            return Outcome(fate=Fate.AGAIN, failure=failure, lost=True)
        return outcome_of(failure, endpoints.ADD_ORDER)

    def _each(self, ids: Sequence[str], answer: wire.OrdersDone, row: str) -> list[Outcome]:
        told = refusals(ids, answer)
        return [
            DELIVERED if name not in told else self._one_refused(told[name], row) for name in ids
        ]

    def _one_refused(self, words: Refused, row: str) -> Outcome:
        if not words.passing:
            return self._refused(words.message, row, words.code)
        failure = PlatformUnavailable(
            words.message, endpoint=row, shop=self._client.shop, platform_code=words.code
        )
        return Outcome(fate=Fate.AGAIN, failure=failure)

    def _unknown(self, status: str) -> Outcome:
        failure = AnswerLost(
            f"the answer to the import was lost, and an order that is {status} cannot be asked for",
            endpoint=endpoints.ADD_ORDER.name,
            shop=self._client.shop,
        )
        return Outcome(fate=Fate.UNKNOWN, failure=failure, lost=True)

    def _refused(self, words: str, endpoint: str = "outbox", code: str | None = None) -> Outcome:
        return refused(self._client.shop, words, endpoint, code)
