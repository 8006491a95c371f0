"""Receipts of a mutation: stored in its transactions under its idempotency key."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, TypeVar

import msgspec

from gateway.errors import IdempotencyInProgress
from gateway.mutation_progress import WORK
from gateway.store.engine import Transaction
from gateway.store.idempotency import Claim, IdempotencyKeys, KeyName
from gateway.store.mutation_audit import audit_change
from schema.key import Key

T = TypeVar("T", bound=msgspec.Struct)

_LEFT: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])


class MutationReceipts:
    """The receipts of one mutation: one for each of its accepted root fields.

    A root field changes the ledger in one transaction, and its receipt has all that is needed
    to answer it again.
    """

    def __init__(self, keys: IdempotencyKeys, name: KeyName, lease: float, claim: Claim) -> None:
        """`claim` has the receipts of an earlier run, if that run was lost."""
        self._keys = keys
        self._name = name
        self._lease = lease
        self._lost = claim.holder
        self._before = {} if claim.receipts is None else _LEFT.decode(claim.receipts)
        self._left = dict(self._before)
        #: The response name of the current root field.
        self.place = ""

    @property
    def any_left(self) -> bool:
        """Whether this run or an earlier one left receipts."""
        return bool(self._left)

    def before(self, kind: type[T]) -> T | None:
        """The receipt of the current root field from an earlier run."""
        left = self._before.get(self.place)
        return None if left is None else msgspec.json.decode(left, type=kind)

    async def leave(self, transaction: Transaction, receipt: msgspec.Struct) -> None:
        """Stores the receipt of the current root field.

        Raises:
            IdempotencyInProgress: another request does this mutation's work meanwhile.
        """
        left = self._left | {self.place: msgspec.Raw(msgspec.json.encode(receipt))}
        written = msgspec.json.encode(left)
        if not await self._keys.leave(
            transaction, self._name, written, self._lease, lost=self._lost
        ):
            raise IdempotencyInProgress(
                "Another request with this `Idempotency-Key` went on with it", retry_after=1
            )
        self._left = left


_RECEIPTS: Final[ContextVar[MutationReceipts | None]] = ContextVar("receipts", default=None)


@contextmanager
def leaving(receipts: MutationReceipts) -> Iterator[None]:
    """Within the block, transactions store their receipts in `receipts`."""
    token = _RECEIPTS.set(receipts)
    try:
        yield
    finally:
        _RECEIPTS.reset(token)


def enter_field(place: str) -> None:
    """Starts the root field of this response name."""
    receipts = _RECEIPTS.get()
    if receipts is not None:
        receipts.place = place


def left_before(kind: type[T]) -> T | None:
    """What this root field did in an earlier, interrupted run; None: nothing, so do it."""
    receipts, work = _RECEIPTS.get(), WORK.get()
    found = None if receipts is None else receipts.before(kind)
    if found is not None and work is not None:
        work.again = True
    return found


async def write_receipt(
    transaction: Transaction, receipt: msgspec.Struct, subjects: Sequence[Key]
) -> None:
    """Writes, in the transaction of the change, who made it and what is needed to answer again.

    `subjects` are what is changed, for the audit log. Without an idempotency key there is no
    receipt.

    Raises:
        IdempotencyInProgress: another request does this mutation's work; nothing may be committed.
    """
    await audit_change(transaction, subjects)
    receipts = _RECEIPTS.get()
    if receipts is not None:
        await receipts.leave(transaction, receipt)
