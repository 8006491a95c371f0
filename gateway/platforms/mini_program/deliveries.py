"""Sends what the outbox holds for a shopping list, and says beforehand what it would refuse."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Final, Literal

from gateway.errors import AnswerLost, PlatformFailure, PlatformRejected, PlatformUnavailable
from gateway.ledger.needs import UnfitDocument
from gateway.outbox.outcomes import DELIVERED, each_by_itself, is_lost, outcome_of, refused
from gateway.outbox.parcel import Parcel
from gateway.platforms.mini_program import endpoints
from gateway.platforms.mini_program.mapping.batches import MOST_ORDERS
from gateway.platforms.mini_program.mapping.order_to_wire import Brand, changed_order, new_order
from gateway.platforms.mini_program.mapping.outcomes import (
    NOT_FOUND,
    Refused,
    leaves_open,
    refusals,
)
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
            return await self._bring_in(parcels)
        except UnfitDocument as unfit:
            # Nothing was sent yet; one whose buyer was erased must not spoil the others.
            if len(parcels) > 1:
                return await self._apart(self._alone, parcels)
            return [self._refused(str(unfit))]

    def check(self, parcel: Parcel) -> Codes:
        """The code that would be sent; raises UnfitDocument."""
        order, personal = parcel.order().order, parcel.personal or OrderPersonal()
        if parcel.operation in _CHANGES:
            return Codes(str(changed_order(order, personal).status))
        return Codes(str(new_order(order, personal, self._brand).status))

    async def _bring_in(self, parcels: Sequence[Parcel]) -> Sequence[Outcome]:
        first = parcels[0]
        if first.order().replaces:
            # After a lost answer too: an update would change the order that was there before.
            return [await self._replace(parcel) for parcel in parcels]
        if first.lost:
            return [await self._find_out(parcel) for parcel in parcels]
        return await self._import(parcels)

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
        except PlatformRejected as refusal:
            if len(parcels) > 1:
                return await self._apart(self._alone, parcels)
            return [outcome_of(refusal, endpoints.ADD_ORDER)]
        except PlatformFailure as failure:
            return [self._failed_import(failure, order.status) for order in orders]
        ids, done = [order.platform_id for order in orders], answer.value
        told = self._each(ids, done, endpoints.ADD_ORDER.name)
        return await self._settled(self._replace, parcels, told) if leaves_open(ids, done) else told

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
            if isinstance(failure, PlatformRejected) and len(parcels) > 1:
                return await self._apart(self._alone, parcels)
            return [outcome_of(failure, row)] * len(parcels)
        ids, done = [order.order_id for order in request.order_list], answer.value
        told = self._each(ids, done, row.name)
        return await self._settled(self._alone, parcels, told) if leaves_open(ids, done) else told

    async def _alone(self, parcel: Parcel) -> Outcome:
        return (await self.deliver([parcel]))[0]

    async def _apart(
        self, send: Callable[[Parcel], Awaitable[Outcome]], parcels: Sequence[Parcel]
    ) -> Sequence[Outcome]:
        return await each_by_itself(send, parcels, self._client.shop)

    async def _settled(
        self,
        send: Callable[[Parcel], Awaitable[Outcome]],
        parcels: Sequence[Parcel],
        told: Sequence[Outcome],
    ) -> Sequence[Outcome]:
        """The outcomes, once those that the answer leaves open were sent by themselves."""
        pairs = zip(parcels, told, strict=True)
        again = await self._apart(send, [one for one, outcome in pairs if not outcome.failure])
        rest = iter(again)
        return [outcome if outcome.failure else next(rest) for outcome in told]

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

        An order that is not there to be deleted is imported all the same. Both are done again
        after a lost answer: the order then stands there once, whatever became of the import. An
        order that came in here because a call left it open may be there already.
        """
        deleted = await self._delete(parcel)
        if deleted.fate not in {Fate.DELIVERED, Fate.REJECTED}:
            return replace(deleted, lost=not parcel.order().replaces)
        (imported,) = await self._import([parcel])
        if imported.fate is Fate.UNKNOWN and parcel.order().replaces:
            return replace(imported, fate=Fate.AGAIN)
        return imported

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
