"""Rows of a buyer that no index finds: they are decrypted, or looked through."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Executable,
    Row,
    Select,
    Table,
    and_,
    bindparam,
    select,
    tuple_,
    update,
)

from gateway.errors import LedgerUnreadable
from gateway.store import bulk_tables, tables
from gateway.store.batches import Batches, Read, change_of, key_values
from gateway.store.bulk_operations import request_place
from gateway.store.bulk_pieces import (
    PieceContent,
    erase_lines,
    indexes_of_anybody,
    lines_of,
    pieces_of_buyers,
    read_content,
    replace_content,
    stored_piece,
    unseal_content,
)
from gateway.store.bulk_tables import bulk_operations
from gateway.store.buyer_index import possible_indexes
from gateway.store.crypto import Vault
from gateway.store.dead_letters import UNREADABLE
from gateway.store.documents import OrderPersonal
from gateway.store.encrypted_values import EncryptedValues
from gateway.store.engine import Transaction
from gateway.store.idempotency import Buyer, outcome_indexes, sealed_as
from gateway.store.index_tables import index_orders
from gateway.store.tables import idempotency_keys, inbox_events, mirrors, order_changes, orders

#: The possible blind indexes of the buyer.
BUYER: Final[BindParameter[Any]] = bindparam("of_buyer", expanding=True)
#: Rows of a page that is looked through.
_PAGE: Final = 1_000


@dataclass(frozen=True, slots=True)
class CopiedOrder:
    """An order in another shop that was copied from one of the buyer's."""

    shop: str
    platform_id: str
    #: The blind index of its buyer.
    buyer: bytes
    #: Its buyer's open id, if it can be read: a row elsewhere may be indexed with another key.
    open_id: str | None


@dataclass(frozen=True, slots=True)
class BuyerSearch:
    """Whom to find: a buyer of one shop, by open id or swan id."""

    vault: Vault
    shop: str
    buyer_id: str
    copies: Sequence[CopiedOrder]

    @property
    def values(self) -> dict[str, object]:
        """The parameters of the statements."""
        return {
            "in_shop": self.shop,
            "of_buyer": possible_indexes(self.vault, self.shop, self.buyer_id),
        }


def _of_buyer(table: Table) -> ColumnElement[bool]:
    return (table.c.shop == bindparam("in_shop")) & table.c.buyer.in_(BUYER)


def rows_of_buyer(table: Table) -> Select[Any]:
    """The buyer's rows of a table, by its index of buyers."""
    return select(table).where(_of_buyer(table))


def rows_of_copies(table: Table, order: str) -> Select[Any]:
    """The rows of orders that were copied from the buyer's orders, into another shop."""
    copied = and_(mirrors.c.to_shop == table.c.shop, mirrors.c.to_platform_id == table.c[order])
    return select(table).join(mirrors, copied).where(_of_buyer(mirrors))


def rows_of_indexed_orders(table: Table) -> Select[Any]:
    """The rows of the buyer's orders in the index, of a table that names them by shop and part."""
    of_order = and_(
        index_orders.c.shop == table.c.shop,
        index_orders.c.platform_id == table.c.order_platform_id,
        index_orders.c.part == table.c.part,
    )
    return select(table).join(index_orders, of_order).where(_of_buyer(index_orders))


def within(transaction: Transaction) -> Read:
    """Reads within a transaction."""

    async def read(statement: Executable, values: Mapping[str, Any]) -> Sequence[Row[Any]]:
        return (await transaction.connection.execute(statement, values)).all()

    return read


#: The buyer of an unreadable message is unknown.
_MESSAGES: Final = select(inbox_events).where(
    inbox_events.c.shop == bindparam("in_shop"),
    inbox_events.c.state == "DEAD",
    inbox_events.c.kind == UNREADABLE,
    inbox_events.c.body.is_not(None),
)
_DELETE_MESSAGE: Final = change_of(inbox_events, None)
_ENCODINGS: Final = ("utf-8", "utf-16-le", "utf-16-be")


async def _messages(read: Read, buyer: BuyerSearch) -> Sequence[Row[Any]]:
    """The unreadable messages that hold the buyer's id."""
    wanted = [buyer.buyer_id.encode(encoding) for encoding in _ENCODINGS]

    def holds(row: Any) -> bool:
        place = {"shop": buyer.shop, "row": row.event_key, "column": "inbox_events.body"}
        try:
            message = buyer.vault.unseal(row.body, **place)
        except LedgerUnreadable:
            return False
        return any(one in message for one in wanted)

    return [row for row in await read(_MESSAGES, {"in_shop": buyer.shop}) if holds(row)]


async def find_messages(transaction: Transaction, buyer: BuyerSearch) -> Sequence[Row[Any]]:
    """The rows that `erase_messages` deletes."""
    return await _messages(within(transaction), buyer)


async def erase_messages(batches: Batches, buyer: BuyerSearch) -> int:
    """Deletes the unreadable messages that hold the buyer's id; returns how many."""
    found = await _messages(batches.fetch, buyer)
    return await batches.change(_DELETE_MESSAGE, [key_values(inbox_events, row) for row in found])


_WHOLE_OUTCOMES: Final = select(idempotency_keys).where(tables.IS_WHOLE_OUTCOME)
_REPLACE_OUTCOME: Final = (
    update(idempotency_keys)
    .where(
        idempotency_keys.c.caller == bindparam("of_caller"),
        idempotency_keys.c.key == bindparam("of_key"),
    )
    .values(outcome=bindparam("sealed"), personal=None, buyers="", receipts=None)
)
_ERASED_OUTCOME: Final = {
    "message": "The first request succeeded; its outcome was erased with a buyer's data.",
    "extensions": {"code": "FORBIDDEN"},
}


def _without_data(buyer: BuyerSearch, row: Row[Any]) -> dict[str, Any]:
    """The parameters of `_REPLACE_OUTCOME`: the outcome's fields are null, with an error."""
    place = sealed_as(row.caller, row.key, "outcome")
    data = None
    try:
        before = orjson.loads(buyer.vault.unseal(row.outcome, **place))["payload"]["data"]
        data = None if before is None else dict.fromkeys(before)
    except (LedgerUnreadable, ValueError, KeyError, TypeError):
        # Nobody can read it, so it cannot be given again either.
        pass
    erased = {"payload": {"errors": [_ERASED_OUTCOME], "data": data}}
    return {
        "of_caller": row.caller,
        "of_key": row.key,
        "sealed": buyer.vault.seal(orjson.dumps(erased), **place),
    }


async def _erase_whole_outcomes(batches: Batches, buyer: BuyerSearch) -> int:
    """Erases all outcomes of a version that did not store whom they concern.

    Their keys stay: a repetition must not do its work again. Such outcomes expire after two days.
    """
    erased = 0
    while rows := await batches.fetch(_WHOLE_OUTCOMES.limit(_PAGE)):
        erased += await batches.change(
            _REPLACE_OUTCOME, [_without_data(buyer, row) for row in rows]
        )
    return erased


_COPIES: Final = (
    select(orders.c.shop, orders.c.platform_id, orders.c.buyer, orders.c.personal)
    .join(
        mirrors,
        (mirrors.c.to_shop == orders.c.shop) & (mirrors.c.to_platform_id == orders.c.platform_id),
    )
    .where(_of_buyer(mirrors), orders.c.buyer.is_not(None))
)


async def buyer_search(vault: Vault, shop: str, buyer_id: str, read: Read) -> BuyerSearch:
    """The search for a buyer, with its copies as they are before anything is erased."""
    personal = EncryptedValues(vault, OrderPersonal, column="orders.personal")
    copies = []
    for row in await read(_COPIES, BuyerSearch(vault, shop, buyer_id, ()).values):
        found = personal.attempt(row.personal, shop=row.shop, row=row.platform_id)
        open_id = found.open_id if isinstance(found, OrderPersonal) else None
        copies.append(CopiedOrder(row.shop, row.platform_id, row.buyer, open_id))
    return BuyerSearch(vault, shop, buyer_id, copies)


#: By the key; the buyers are compared outside of the database.
_OUTCOMES: Final = (
    select(idempotency_keys)
    .where(
        idempotency_keys.c.personal.is_not(None),
        tuple_(idempotency_keys.c.caller, idempotency_keys.c.key)
        > tuple_(bindparam("after_caller"), bindparam("after_key")),
    )
    .order_by(idempotency_keys.c.caller, idempotency_keys.c.key)
    .limit(_PAGE)
)
_ERASE_OUTCOME: Final = change_of(idempotency_keys, {"personal": None})


async def _outcomes_of(read: Read, indexes: set[str]) -> list[Row[Any]]:
    """The outcomes with what only pii:read shows of one of these buyers."""
    found: list[Row[Any]] = []
    last = {"after_caller": "", "after_key": ""}
    while rows := await read(_OUTCOMES, last):
        found += [row for row in rows if indexes.intersection((row.buyers or "").split())]
        last = {"after_caller": rows[-1].caller, "after_key": rows[-1].key}
    return found


async def erase_outcomes(batches: Batches, buyer: BuyerSearch) -> int:
    """Erases what outcomes show of the buyer, in copies of its orders too.

    Where it is not known whom a platform's words name, they count as those of any buyer.
    """
    erased = await _erase_whole_outcomes(batches, buyer)
    of_buyer, of_anybody = _indexes_of_outcomes(buyer)
    found = await _outcomes_of(batches.fetch, of_buyer | of_anybody)
    rows = [key_values(idempotency_keys, row) for row in found]
    return erased + await batches.change(_ERASE_OUTCOME, rows)


async def find_outcomes(transaction: Transaction, buyer: BuyerSearch) -> Sequence[Row[Any]]:
    """The outcomes that `erase_outcomes` erases; those of any buyer only if they have its id."""
    read = within(transaction)
    of_buyer, of_anybody = _indexes_of_outcomes(buyer)
    wanted = buyer.buyer_id.encode()

    def holds(row: Any) -> bool:
        for name in ("outcome", "personal"):
            sealed = getattr(row, name)
            with suppress(LedgerUnreadable):
                place = sealed_as(row.caller, row.key, name)
                if sealed is not None and wanted in buyer.vault.unseal(sealed, **place):
                    return True
        return False

    possible = [*await read(_WHOLE_OUTCOMES, {}), *await _outcomes_of(read, of_anybody)]
    found = [row for row in possible if holds(row)] + await _outcomes_of(read, of_buyer)
    return list({(row.caller, row.key): row for row in found}.values())


def _indexes_of_outcomes(buyer: BuyerSearch) -> tuple[set[str], set[str]]:
    """How outcomes name the buyer, also by its copies, and any buyer of these shops."""
    shops = {buyer.shop, *(copy.shop for copy in buyer.copies)}
    of_buyer = set(outcome_indexes(buyer.vault, Buyer(buyer.shop, buyer.buyer_id)))
    for copy in buyer.copies:
        of_buyer.add(copy.buyer.hex())
        if copy.open_id is not None:
            of_buyer.update(outcome_indexes(buyer.vault, Buyer(copy.shop, copy.open_id)))
    of_anybody = {
        index for shop in shops for index in outcome_indexes(buyer.vault, Buyer(shop, None))
    }
    return of_buyer, of_anybody


_CHANGES_OF_COPY: Final = rows_of_buyer(order_changes).where(
    order_changes.c.platform_id == bindparam("of_order")
)
ERASED_CHANGE: Final = {"buyer": None, "open_id": None}
_ERASE_CHANGE: Final = change_of(order_changes, ERASED_CHANGE)


async def _changes_of_copies(read: Read, buyer: BuyerSearch) -> list[Row[Any]]:
    """The changes of orders that were copied from the buyer's: found by the buyer of the copy."""
    found: list[Row[Any]] = []
    for copy in buyer.copies:
        values = {
            "in_shop": copy.shop,
            "of_buyer": list(_indexes_of_copy(buyer.vault, copy)),
            "of_order": copy.platform_id,
        }
        found += await read(_CHANGES_OF_COPY, values)
    return found


async def erase_changes_of_copies(batches: Batches, buyer: BuyerSearch) -> int:
    """Erases the buyer of changes of copies in other shops; returns how many."""
    found = await _changes_of_copies(batches.fetch, buyer)
    return await batches.change(_ERASE_CHANGE, [key_values(order_changes, row) for row in found])


async def find_changes(transaction: Transaction, buyer: BuyerSearch) -> Sequence[Row[Any]]:
    """The buyer's changes, and those of copies in other shops."""
    read = within(transaction)
    own = await read(rows_of_buyer(order_changes), buyer.values)
    return [*own, *await _changes_of_copies(read, buyer)]


def _indexes_of_copy(vault: Vault, copy: CopiedOrder) -> set[bytes]:
    """How rows elsewhere name the buyer of a copy."""
    of_open_id = () if copy.open_id is None else possible_indexes(vault, copy.shop, copy.open_id)
    return {copy.buyer, *of_open_id}


def _indexes_of_lines(buyer: BuyerSearch) -> set[bytes]:
    """How pieces of bulk operations name the buyer, also by its copies."""
    found = set(possible_indexes(buyer.vault, buyer.shop, buyer.buyer_id))
    return found.union(*(_indexes_of_copy(buyer.vault, copy) for copy in buyer.copies))


def _unreadable_of(buyer: BuyerSearch, content: PieceContent) -> set[int]:
    """The lines of an unknown buyer that hold this buyer's id."""
    wanted = buyer.buyer_id.encode()
    unknown = lines_of(buyer.vault, content, indexes_of_anybody(buyer.vault, buyer.shop))
    return {line for line in unknown if wanted in content.lines[line]}


async def erase_bulk_pieces(batches: Batches, buyer: BuyerSearch) -> int:
    """Rewrites the pieces that hold lines about the buyer, or lines that nobody could read."""
    indexes = _indexes_of_lines(buyer)
    indexes.update(indexes_of_anybody(buyer.vault, buyer.shop))
    keys = await pieces_of_buyers(batches.fetch, indexes)
    for key in keys:
        # A piece is large: it has a transaction of its own.
        async with batches.transaction() as transaction:
            row = await stored_piece(transaction, key)
            if row is None:
                continue
            try:
                await erase_lines(transaction, buyer.vault, row, indexes)
            except LedgerUnreadable:
                # Nobody can read it, so nobody can erase a part of it.
                await replace_content(transaction, buyer.vault, row, PieceContent([]))
    return len(keys)


async def find_bulk_pieces(transaction: Transaction, buyer: BuyerSearch) -> Sequence[Row[Any]]:
    """The pieces with lines about the buyer; those of an unknown buyer only if they have its id."""
    read = within(transaction)
    mine = set(await pieces_of_buyers(read, _indexes_of_lines(buyer)))
    unknown = indexes_of_anybody(buyer.vault, buyer.shop)
    found = []
    for key in sorted({*mine, *await pieces_of_buyers(read, unknown)}):
        row = await stored_piece(transaction, key)
        if row is None:
            continue
        with suppress(LedgerUnreadable):
            if key in mine or _unreadable_of(buyer, unseal_content(buyer.vault, row)):
                found.append(row)
    return found


def lines_of_buyer(buyer: BuyerSearch, plain: bytes) -> bytes:
    """The lines of a piece that are about the buyer, as JSON."""
    content = read_content(plain)
    indexes = possible_indexes(buyer.vault, buyer.shop, buyer.buyer_id)
    lines = lines_of(buyer.vault, content, indexes) | _unreadable_of(buyer, content)
    return orjson.dumps([content.lines[line].decode(errors="replace") for line in sorted(lines)])


_REQUESTS: Final = select(bulk_operations).where(bulk_tables.HAS_REQUEST)
_DROP_REQUEST: Final = change_of(bulk_operations, {"request": None})


async def _requests(read: Read, buyer: BuyerSearch) -> Sequence[Row[Any]]:
    """The operations under way that ask for the buyer; those that have ended keep no request."""
    wanted = buyer.buyer_id.encode()

    def holds(row: Any) -> bool:
        try:
            return wanted in buyer.vault.unseal(row.request, **request_place(row.id))
        except LedgerUnreadable:
            return False

    return [row for row in await read(_REQUESTS, {}) if holds(row)]


async def find_requests(transaction: Transaction, buyer: BuyerSearch) -> Sequence[Row[Any]]:
    """The operations that `erase_requests` erases the request of."""
    return await _requests(within(transaction), buyer)


async def erase_requests(batches: Batches, buyer: BuyerSearch) -> int:
    """Erases the requests of bulk operations that ask for the buyer."""
    found = await _requests(batches.fetch, buyer)
    return await batches.change(_DROP_REQUEST, [key_values(bulk_operations, row) for row in found])
