"""Accepts what is to become of want-to-buy lists, products and the cart page."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from gateway.errors import StoreUnavailable
from gateway.outbox.courier import Courier
from gateway.outbox.covering import COVERS
from gateway.outbox.parcel import Parcel
from gateway.store.engine import Transaction
from gateway.store.outbox import Line
from gateway.store.pushes import NewPush
from gateway.store.receipts import leave_receipt
from gateway.store.store import Store
from gateway.work import begin_step

T = TypeVar("T")
R = TypeVar("R", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsWish:
    """One thing to tell the platform; what is told of the same aggregate follows in order."""

    aggregate: str
    parcel: Parcel
    #: GraphQL type and platform id of what is pushed.
    subject: tuple[str, str]


class GoodsDesk:
    """Writes wishes down and delivers them at once, as far as that is possible."""

    def __init__(self, store: Store, courier: Courier) -> None:
        self._store = store
        self._courier = courier

    async def carry_out(
        self,
        shop: str,
        keep: Callable[[Transaction], Awaitable[T]],
        wishes: Sequence[GoodsWish],
        receipt: Callable[[T, list[int]], R],
    ) -> R:
        """The receipt, made of what `keep` gave and of the pushes' ids, in the wishes' order.

        `keep` writes the ledger in the same transaction, and the receipt is kept in it for
        whoever repeats this under the same idempotency key. What is accepted stays accepted,
        whatever happens to the delivery.

        Raises:
            StoreUnavailable: nothing was accepted.
            IdempotencyInProgress: nothing was accepted; another request does it.
        """
        async with self._store.transaction() as transaction:
            # First: the numbers keep others from the shop's goods until the transaction ends.
            numbers = await self._store.counting.take(transaction, f"goods/{shop}", len(wishes))
            kept = await keep(transaction)
            ids = [
                await self._queue(transaction, shop, wish, version)
                for wish, version in zip(wishes, numbers, strict=True)
            ]
            done = receipt(kept, ids)
            await leave_receipt(transaction, done)
            lines = [Line(shop, wish.aggregate) for wish in wishes]
            claimed = await self._courier.claim(transaction, lines)
        begin_step()
        try:
            await self._courier.deliver(claimed)
        except StoreUnavailable:
            # It is kept; once the store is back, the worker goes on.
            return done
        return done

    async def _queue(
        self, transaction: Transaction, shop: str, wish: GoodsWish, version: int
    ) -> int:
        kind, name = wish.subject
        push = NewPush(
            shop=shop,
            operation=wish.parcel.operation,
            aggregate=wish.aggregate,
            version=version,
            payload=wish.parcel.payload,
            personal=wish.parcel.personal,
            subject_kind=kind,
            subject_id=name,
        )
        push_id = await self._store.pushes.add(transaction, push)
        if covered := COVERS.get(wish.parcel.operation):
            await self._store.outbox.supersede(
                transaction, Line(shop, wish.aggregate), push_id, covered
            )
        return push_id
