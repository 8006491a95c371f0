"""Idempotency keys: outcomes of mutations that the caller may repeat under a key."""

from collections.abc import Collection
from enum import Enum, auto
from typing import Final, NamedTuple

from sqlalchemy import bindparam, delete, or_, select, update

from gateway.store.crypto import Vault
from gateway.store.engine import Database, Transaction
from gateway.store.tables import idempotency_keys as table

_ROW: Final = (
    table.c.caller == bindparam("of_caller"),
    table.c.key == bindparam("of_key"),
)
_MINE: Final = (*_ROW, table.c.owner == bindparam("of_owner"))
_GET: Final = select(table).where(*_ROW)
_RENEW: Final = update(table).where(*_MINE).values(lease_until=bindparam("until"))
_FINISH: Final = (
    update(table)
    .where(*_MINE)
    .values(
        outcome=bindparam("sealed"),
        personal=bindparam("sealed_personal"),
        buyers=bindparam("of_buyers"),
        written_at=bindparam("at"),
    )
)
#: The row's owner, or the one that took over when the owner's lease expired.
_LEAVE: Final = (
    update(table)
    .where(
        *_ROW,
        table.c.outcome.is_(None),
        or_(
            table.c.owner == bindparam("of_owner"),
            (table.c.owner == bindparam("of_lost")) & (table.c.lease_until <= bindparam("at")),
        ),
    )
    .values(
        receipts=bindparam("sealed"),
        owner=bindparam("of_owner"),
        # A request that found the lease expired, and no receipts yet, must not miss these.
        lease_until=bindparam("until"),
    )
)
_RELEASE: Final = delete(table).where(*_MINE, table.c.receipts.is_(None))


class Buyer(NamedTuple):
    """A buyer whom an outcome may concern; `buyer_id` None: any buyer of the shop."""

    shop: str
    buyer_id: str | None


class KeyName(NamedTuple):
    """A key, scoped to its caller; `owner` is the request that claims it."""

    caller: str
    key: str
    owner: str


class Standing(Enum):
    """The state of the key at a claim."""

    #: Unused: the claimer does the work.
    CLAIMED = auto()
    #: It was used for another operation.
    OTHER_OPERATION = auto()
    #: The first request is in progress.
    UNDER_WAY = auto()
    #: The outcome of the first request is unknown.
    LOST = auto()
    #: The first request is done.
    DONE = auto()


class Claim(NamedTuple):
    """The result of a claim."""

    standing: Standing
    #: The answer of the first request, if it is done.
    outcome: bytes | None = None
    #: What only pii:read shows of it; None: nothing, or it was erased.
    personal: bytes | None = None
    #: The receipts of its transactions, if it is lost.
    receipts: bytes | None = None
    #: Who claimed the key, if it is lost.
    holder: str | None = None


class IdempotencyKeys:
    """Claims and keeps the keys; every method raises StoreUnavailable."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault
        self._claim = database.insert(table).on_conflict_do_nothing().returning(table.c.owner)

    async def claim(
        self, transaction: Transaction, name: KeyName, operation: bytes, lease: float
    ) -> Claim:
        """Claims the key for an operation, named by its hash, for `lease` seconds."""
        row = {
            "caller": name.caller,
            "key": name.key,
            "operation_hash": operation,
            "owner": name.owner,
            "lease_until": transaction.now + lease,
            "written_at": transaction.now,
        }
        claimed = await transaction.connection.execute(self._claim, row)
        if claimed.first() is not None:
            return Claim(Standing.CLAIMED)
        rows = await self._database.fetch(_GET, _names(name), within=transaction)
        if not rows:
            # Released or deleted between the two statements: the next request claims it.
            return Claim(Standing.UNDER_WAY)
        found = rows[0]
        if found.operation_hash != operation:
            return Claim(Standing.OTHER_OPERATION)
        if found.outcome is not None:
            outcome = self._vault.unseal(found.outcome, **_place(name, "outcome"))
            sealed = found.personal
            personal = sealed and self._vault.unseal(sealed, **_place(name, "personal"))
            return Claim(Standing.DONE, outcome, personal)
        if found.lease_until > transaction.now:
            return Claim(Standing.UNDER_WAY)
        receipts = found.receipts and self._vault.unseal(found.receipts, **_place(name, "receipts"))
        return Claim(Standing.LOST, receipts=receipts, holder=found.owner)

    async def renew(self, transaction: Transaction, name: KeyName, lease: float) -> None:
        """Renews the lease for `lease` more seconds."""
        values = {**_owned(name), "until": transaction.now + lease}
        await transaction.connection.execute(_RENEW, values)

    async def leave(
        self,
        transaction: Transaction,
        name: KeyName,
        receipts: bytes,
        lease: float,
        *,
        lost: str | None = None,
    ) -> bool:
        """Stores what the caller's transaction does under this key, as long as the key is kept.

        Replaces earlier receipts; `lost` is the holder whose work is continued, from here on the
        caller's. False, and nothing is written, if another request has the key by now: the
        transaction must not be committed.
        """
        values = {
            **_owned(name),
            "of_lost": name.owner if lost is None else lost,
            "sealed": self._vault.seal(receipts, **_place(name, "receipts")),
            "until": transaction.now + lease,
            "at": transaction.now,
        }
        return (await transaction.connection.execute(_LEAVE, values)).rowcount == 1

    async def finish(
        self,
        transaction: Transaction,
        name: KeyName,
        outcome: bytes,
        *,
        personal: bytes | None = None,
        buyers: Collection[Buyer] = (),
    ) -> None:
        """Stores the outcome to return from now on, and apart what of it is personal, of whom."""
        sealed = personal and self._vault.seal(personal, **_place(name, "personal"))
        indexes = sorted(
            {outcome_indexes(self._vault, buyer)[0] for buyer in buyers} if personal else ()
        )
        values = {
            **_owned(name),
            "sealed": self._vault.seal(outcome, **_place(name, "outcome")),
            "sealed_personal": sealed,
            "of_buyers": " ".join(indexes),
            "at": transaction.now,
        }
        await transaction.connection.execute(_FINISH, values)

    async def release(self, transaction: Transaction, name: KeyName) -> None:
        """Deletes the claim, as nothing was done; one with receipts stays."""
        await transaction.connection.execute(_RELEASE, _owned(name))


def outcome_indexes(vault: Vault, buyer: Buyer) -> list[str]:
    """How `idempotency_keys.buyers` names a buyer, or any buyer of a shop, by each key."""
    parts = () if buyer.buyer_id is None else (buyer.buyer_id,)
    return [index.hex() for index in vault.blind_indexes(buyer.shop, *parts)]


def _names(name: KeyName) -> dict[str, str]:
    return {"of_caller": name.caller, "of_key": name.key}


def _owned(name: KeyName) -> dict[str, object]:
    return {**_names(name), "of_owner": name.owner}


def _place(name: KeyName, column: str) -> dict[str, str]:
    return sealed_as(name.caller, name.key, column)


def sealed_as(caller: str, key: str, column: str) -> dict[str, str]:
    """The place that a value of the row is sealed for."""
    row = f"{len(caller)}/{caller}/{key}"
    return {"shop": "", "row": row, "column": f"idempotency_keys.{column}"}
