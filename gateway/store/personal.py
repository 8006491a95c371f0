"""Erasure of personal data, per buyer and by age; amounts and items of orders stay."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Delete,
    Table,
    Update,
    bindparam,
    delete,
    or_,
    select,
    update,
)

from gateway.errors import LedgerUnreadable
from gateway.store.buyer_index import possible_indexes
from gateway.store.crypto import Vault
from gateway.store.dead_letters import UNREADABLE
from gateway.store.engine import Transaction
from gateway.store.tables import (
    buyer_links,
    idempotency_keys,
    inbox_events,
    mirrors,
    order_changes,
    orders,
    pushes,
    wanted_items,
)

#: Rows that outlive their personal data.
_ERASED: Final = {"buyer": None, "personal": None}
#: The possible blind indexes of the buyer.
_BUYER: Final[BindParameter[Any]] = bindparam("of_buyer", expanding=True)


def _of_buyer(table: Table) -> ColumnElement[bool]:
    return (table.c.shop == bindparam("in_shop")) & table.c.buyer.in_(_BUYER)


def _linked_to(table: Table) -> ColumnElement[bool]:
    return (table.c.to_shop == bindparam("in_shop")) & table.c.to_buyer.in_(_BUYER)


def _older(table: Table, column: str = "written_at") -> ColumnElement[bool]:
    return table.c[column] < bindparam("before")


def _erase(table: Table, condition: ColumnElement[bool]) -> Update:
    holds_something = or_(table.c.personal.is_not(None), table.c.buyer.is_not(None))
    return update(table).where(condition, holds_something).values(_ERASED)


#: A wanted item or a link is meaningless without its buyer: the whole row is deleted.
_ONE_BUYER: Final[tuple[Update | Delete, ...]] = (
    _erase(orders, _of_buyer(orders)),
    _erase(mirrors, _of_buyer(mirrors)),
    _erase(pushes, _of_buyer(pushes)),
    update(order_changes).where(_of_buyer(order_changes)).values(buyer=None),
    delete(wanted_items).where(_of_buyer(wanted_items)),
    delete(buyer_links).where(or_(_of_buyer(buyer_links), _linked_to(buyer_links))),
)
_BY_AGE: Final[tuple[Update | Delete, ...]] = (
    _erase(orders, _older(orders)),
    _erase(mirrors, _older(mirrors)),
    _erase(pushes, _older(pushes, "queued_at")),
    delete(wanted_items).where(_older(wanted_items)),
    delete(buyer_links).where(_older(buyer_links)),
    delete(idempotency_keys).where(_older(idempotency_keys)),
    update(inbox_events)
    .where(_older(inbox_events), inbox_events.c.body.is_not(None))
    .values(body=None),
)


#: The buyer of an unreadable message is unknown.
_MESSAGES: Final = select(inbox_events.c.event_key, inbox_events.c.body).where(
    inbox_events.c.shop == bindparam("in_shop"),
    inbox_events.c.kind == UNREADABLE,
    inbox_events.c.body.is_not(None),
)
_DELETE_MESSAGES: Final = delete(inbox_events).where(
    inbox_events.c.shop == bindparam("in_shop"),
    inbox_events.c.event_key.in_(bindparam("keys", expanding=True)),
)
_ENCODINGS: Final = ("utf-8", "utf-16-le", "utf-16-be")


class PersonalData:
    """Erases the personal data of buyers; both methods raise StoreUnavailable."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def erase_buyer(self, transaction: Transaction, shop: str, buyer_id: str) -> int:
        """Erases all data of this buyer of this shop; returns how many rows had some.

        `buyer_id` is an open id or a swan id.
        """
        values = {"in_shop": shop, "of_buyer": possible_indexes(self._vault, shop, buyer_id)}
        messages = await self._erase_messages(transaction, shop, buyer_id)
        return messages + await _run(transaction, _ONE_BUYER, values)

    async def erase_older_than(self, transaction: Transaction, seconds: float) -> int:
        """Erases data last written before then; returns how many rows had some."""
        return await _run(transaction, _BY_AGE, {"before": transaction.now - seconds})

    async def _erase_messages(self, transaction: Transaction, shop: str, buyer_id: str) -> int:
        rows = (await transaction.connection.execute(_MESSAGES, {"in_shop": shop})).all()
        keys = [
            row.event_key for row in rows if self._names(row.body, shop, row.event_key, buyer_id)
        ]
        if keys:
            values = {"in_shop": shop, "keys": keys}
            await transaction.connection.execute(_DELETE_MESSAGES, values)
        return len(keys)

    def _names(self, sealed: bytes, shop: str, key: str, buyer_id: str) -> bool:
        try:
            message = self._vault.unseal(sealed, shop=shop, row=key, column="inbox_events.body")
        except LedgerUnreadable:
            return False
        return any(buyer_id.encode(encoding) in message for encoding in _ENCODINGS)


async def _run(
    transaction: Transaction,
    statements: tuple[Update | Delete, ...],
    values: Mapping[str, object],
) -> int:
    erased = 0
    for statement in statements:
        erased += (await transaction.connection.execute(statement, values)).rowcount
    return erased
