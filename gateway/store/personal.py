"""Erasure of personal data, per buyer and by age; amounts and items of orders stay.

`PLACES` is the one list of where the store holds personal data. Every table is in it, or in `FREE`
with the reason why it holds none; so is every sealed column.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Delete,
    Row,
    Table,
    Update,
    bindparam,
    delete,
    exists,
    or_,
    select,
    update,
)

from gateway.errors import LedgerUnreadable
from gateway.store import tables
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
from gateway.store.buyer_index import possible_indexes
from gateway.store.coordination import Counters
from gateway.store.crypto import Vault
from gateway.store.dead_letters import UNREADABLE
from gateway.store.documents import OrderPersonal
from gateway.store.encrypted_values import EncryptedValues
from gateway.store.engine import Database, Transaction
from gateway.store.idempotency import Buyer, outcome_indexes, sealed_as
from gateway.store.plain_personal import drop_plain_remarks
from gateway.store.tables import (
    bulk_operations,
    bulk_pieces,
    buyer_links,
    idempotency_keys,
    inbox_events,
    mirrors,
    order_changes,
    orders,
    pushes,
    wanted_items,
)

#: Seconds between two looks of a running gateway for erasures.
CACHES_DROPPED_WITHIN: Final = 2
_ERASURES: Final = "erasures"
_GET_ERASURES: Final = select(tables.counters.c.value).where(tables.counters.c.name == _ERASURES)
#: Rows that outlive their personal data.
_ERASED: Final = {"buyer": None, "personal": None}
#: The possible blind indexes of the buyer.
_BUYER: Final[BindParameter[Any]] = bindparam("of_buyer", expanding=True)


@dataclass(frozen=True, slots=True)
class BuyerSearch:
    """Whom to erase: a buyer of one shop, by open id or swan id."""

    vault: Vault
    shop: str
    buyer_id: str

    @property
    def values(self) -> dict[str, object]:
        """The parameters of the statements."""
        return {
            "in_shop": self.shop,
            "of_buyer": possible_indexes(self.vault, self.shop, self.buyer_id),
        }


#: Erases what cannot be found by a statement; returns how many rows had some.
Search = Callable[[Transaction, BuyerSearch], Awaitable[int]]
#: The rows that such a search erases.
Find = Callable[[Transaction, BuyerSearch], Awaitable[Sequence[Row[Any]]]]

#: The buyer's part of a decrypted value, as JSON.
Part = Callable[[BuyerSearch, bytes], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalPlace:
    """A table with personal data: how it is found and erased, of one buyer and by age."""

    #: What `gateway erase` calls it.
    name: str
    table: Table
    #: Its sealed columns, and the keyed hashes that find a buyer.
    columns: tuple[str, ...]
    of_buyer: Update | Delete | None = None
    by_age: Update | Delete | None = None
    #: What has to be decrypted to be found; before the statement.
    search: Search | None = None
    find: Find | None = None
    #: What is the buyer's of a decrypted value that holds others too.
    part: Part | None = None
    #: Rows that may hold a note in plain: the buyer's, and those that are too old.
    notes: tuple[ColumnElement[bool], ColumnElement[bool]] | None = None


def _of_buyer(table: Table) -> ColumnElement[bool]:
    return (table.c.shop == bindparam("in_shop")) & table.c.buyer.in_(_BUYER)


def _linked_to(table: Table) -> ColumnElement[bool]:
    return (table.c.to_shop == bindparam("in_shop")) & table.c.to_buyer.in_(_BUYER)


def _copy_of_buyer(table: Table, order: str) -> ColumnElement[bool]:
    """Of orders that were copied from the buyer's orders, into another shop."""
    return exists().where(
        mirrors.c.shop == bindparam("in_shop"),
        mirrors.c.buyer.in_(_BUYER),
        mirrors.c.to_shop == table.c.shop,
        mirrors.c.to_platform_id == table.c[order],
    )


def _older(table: Table, column: str = "written_at") -> ColumnElement[bool]:
    return table.c[column] < bindparam("before")


def _unerased(table: Table, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return condition & or_(table.c.personal.is_not(None), table.c.buyer.is_not(None))


def _erase(table: Table, condition: ColumnElement[bool]) -> Update:
    return update(table).where(_unerased(table, condition)).values(_ERASED)


_ORDERS: Final = (
    _unerased(orders, _of_buyer(orders) | _copy_of_buyer(orders, "platform_id")),
    _unerased(orders, _older(orders)),
)
#: Whom a platform's words name is not known where the push itself has no buyer.
_TOLD_OF_ANYBODY: Final = (
    (pushes.c.shop == bindparam("in_shop")) & pushes.c.buyer.is_(None) & pushes.c.told.is_not(None)
)
_PUSHES: Final = (
    _unerased(pushes, _of_buyer(pushes) | _copy_of_buyer(pushes, "order_id")) | _TOLD_OF_ANYBODY,
    _older(pushes, "queued_at")
    & or_(pushes.c.personal.is_not(None), pushes.c.buyer.is_not(None), pushes.c.told.is_not(None)),
)


#: The buyer of an unreadable message is unknown.
_MESSAGES: Final = select(inbox_events).where(
    inbox_events.c.shop == bindparam("in_shop"),
    inbox_events.c.kind == UNREADABLE,
    inbox_events.c.body.is_not(None),
)
_DELETE_MESSAGES: Final = delete(inbox_events).where(
    inbox_events.c.shop == bindparam("in_shop"),
    inbox_events.c.event_key.in_(bindparam("keys", expanding=True)),
)
_ENCODINGS: Final = ("utf-8", "utf-16-le", "utf-16-be")


async def _find_messages(transaction: Transaction, buyer: BuyerSearch) -> Sequence[Row[Any]]:
    """The unreadable messages that hold the buyer's id."""
    wanted = [buyer.buyer_id.encode(encoding) for encoding in _ENCODINGS]

    def holds(row: Any) -> bool:
        place = {"shop": buyer.shop, "row": row.event_key, "column": "inbox_events.body"}
        try:
            message = buyer.vault.unseal(row.body, **place)
        except LedgerUnreadable:
            return False
        return any(one in message for one in wanted)

    rows = (await transaction.connection.execute(_MESSAGES, {"in_shop": buyer.shop})).all()
    return [row for row in rows if holds(row)]


async def _erase_messages(transaction: Transaction, buyer: BuyerSearch) -> int:
    keys = [row.event_key for row in await _find_messages(transaction, buyer)]
    if keys:
        values = {"in_shop": buyer.shop, "keys": keys}
        await transaction.connection.execute(_DELETE_MESSAGES, values)
    return len(keys)


_WHOLE_OUTCOMES: Final = select(idempotency_keys).where(
    idempotency_keys.c.buyers.is_(None), idempotency_keys.c.outcome.is_not(None)
)
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


async def _erase_whole_outcomes(transaction: Transaction, buyer: BuyerSearch) -> int:
    """Erases all outcomes of a version that did not store whom they concern.

    Their keys stay: a repetition must not do its work again. Such outcomes expire after two days.
    """
    rows = (await transaction.connection.execute(_WHOLE_OUTCOMES)).all()
    for row in rows:
        place = sealed_as(row.caller, row.key, "outcome")
        data = None
        try:
            before = orjson.loads(buyer.vault.unseal(row.outcome, **place))["payload"]["data"]
            data = None if before is None else dict.fromkeys(before)
        except (LedgerUnreadable, ValueError, KeyError, TypeError):
            # Nobody can read it, so it cannot be given again either.
            pass
        erased = {"payload": {"errors": [_ERASED_OUTCOME], "data": data}}
        values = {
            "of_caller": row.caller,
            "of_key": row.key,
            "sealed": buyer.vault.seal(orjson.dumps(erased), **place),
        }
        await transaction.connection.execute(_REPLACE_OUTCOME, values)
    return len(rows)


_COPIES: Final = select(
    orders.c.shop, orders.c.platform_id, orders.c.buyer, orders.c.personal
).where(orders.c.buyer.is_not(None), _copy_of_buyer(orders, "platform_id"))
_CONCERNED: Final = (
    idempotency_keys.c.personal.is_not(None),
    idempotency_keys.c.buyers.contains(bindparam("index")),
)
_OUTCOMES: Final = select(idempotency_keys).where(*_CONCERNED)
_ERASE_OUTCOMES: Final = update(idempotency_keys).where(*_CONCERNED).values(personal=None)


async def _erase_outcomes(transaction: Transaction, buyer: BuyerSearch) -> int:
    """Erases what outcomes show of the buyer, in copies of its orders too.

    Where it is not known whom a platform's words name, they count as those of any buyer.
    """
    erased = await _erase_whole_outcomes(transaction, buyer)
    of_buyer, of_anybody = await _indexes_of_outcomes(transaction, buyer)
    for index in sorted(of_buyer | of_anybody):
        result = await transaction.connection.execute(_ERASE_OUTCOMES, {"index": index})
        erased += result.rowcount
    return erased


async def _find_outcomes(transaction: Transaction, buyer: BuyerSearch) -> Sequence[Row[Any]]:
    """The outcomes that `_erase_outcomes` erases; those of any buyer only if they have its id."""
    connection = transaction.connection
    of_buyer, of_anybody = await _indexes_of_outcomes(transaction, buyer)
    wanted = buyer.buyer_id.encode()

    def holds(row: Any) -> bool:
        for name in ("outcome", "personal"):
            sealed = getattr(row, name)
            with suppress(LedgerUnreadable):
                place = sealed_as(row.caller, row.key, name)
                if sealed is not None and wanted in buyer.vault.unseal(sealed, **place):
                    return True
        return False

    possible = list((await connection.execute(_WHOLE_OUTCOMES)).all())
    for index in of_anybody:
        possible += (await connection.execute(_OUTCOMES, {"index": index})).all()
    found = [row for row in possible if holds(row)]
    for index in of_buyer:
        found += (await connection.execute(_OUTCOMES, {"index": index})).all()
    return list({(row.caller, row.key): row for row in found}.values())


async def _indexes_of_outcomes(
    transaction: Transaction, buyer: BuyerSearch
) -> tuple[set[str], set[str]]:
    """How outcomes name the buyer, also by its copies, and any buyer of these shops."""
    copies = (await transaction.connection.execute(_COPIES, buyer.values)).all()
    shops = {buyer.shop, *(copy.shop for copy in copies)}
    of_buyer = set(outcome_indexes(buyer.vault, Buyer(buyer.shop, buyer.buyer_id)))
    personal = EncryptedValues(buyer.vault, OrderPersonal, column="orders.personal")
    for copy in copies:
        of_buyer.add(copy.buyer.hex())
        # An outcome may be indexed with another key than the order.
        found = personal.attempt(copy.personal, shop=copy.shop, row=copy.platform_id)
        if isinstance(found, OrderPersonal) and found.open_id is not None:
            of_buyer.update(outcome_indexes(buyer.vault, Buyer(copy.shop, found.open_id)))
    of_anybody = {
        index for shop in shops for index in outcome_indexes(buyer.vault, Buyer(shop, None))
    }
    return of_buyer, of_anybody


async def _indexes_of_lines(transaction: Transaction, buyer: BuyerSearch) -> set[bytes]:
    """How pieces of bulk operations name the buyer, also by its copies."""
    copies = (await transaction.connection.execute(_COPIES, buyer.values)).all()
    found = set(possible_indexes(buyer.vault, buyer.shop, buyer.buyer_id))
    personal = EncryptedValues(buyer.vault, OrderPersonal, column="orders.personal")
    for copy in copies:
        found.add(copy.buyer)
        # A piece may be indexed with another key than the order.
        of_copy = personal.attempt(copy.personal, shop=copy.shop, row=copy.platform_id)
        if isinstance(of_copy, OrderPersonal) and of_copy.open_id is not None:
            found.update(possible_indexes(buyer.vault, copy.shop, of_copy.open_id))
    return found


def _unreadable_of(buyer: BuyerSearch, content: PieceContent) -> set[int]:
    """The lines of an unknown buyer that hold this buyer's id."""
    wanted = buyer.buyer_id.encode()
    unknown = lines_of(buyer.vault, content, indexes_of_anybody(buyer.vault, buyer.shop))
    return {line for line in unknown if wanted in content.lines[line]}


async def _erase_bulk_pieces(transaction: Transaction, buyer: BuyerSearch) -> int:
    """Rewrites the pieces that hold lines about the buyer, or lines that nobody could read."""
    indexes = await _indexes_of_lines(transaction, buyer)
    indexes.update(indexes_of_anybody(buyer.vault, buyer.shop))
    keys = await pieces_of_buyers(transaction, indexes)
    for key in keys:
        row = await stored_piece(transaction, key)
        if row is None:
            continue
        try:
            await erase_lines(transaction, buyer.vault, row, indexes)
        except LedgerUnreadable:
            # Nobody can read it, so nobody can erase a part of it.
            await replace_content(transaction, buyer.vault, row, PieceContent([]))
    return len(keys)


async def _find_bulk_pieces(transaction: Transaction, buyer: BuyerSearch) -> Sequence[Row[Any]]:
    """The pieces with lines about the buyer; those of an unknown buyer only if they have its id."""
    indexes = await _indexes_of_lines(transaction, buyer)
    mine = set(await pieces_of_buyers(transaction, indexes))
    unknown = indexes_of_anybody(buyer.vault, buyer.shop)
    found = []
    for key in sorted({*mine, *await pieces_of_buyers(transaction, unknown)}):
        row = await stored_piece(transaction, key)
        if row is None:
            continue
        with suppress(LedgerUnreadable):
            if key in mine or _unreadable_of(buyer, unseal_content(buyer.vault, row)):
                found.append(row)
    return found


def _lines_of_buyer(buyer: BuyerSearch, plain: bytes) -> bytes:
    """The lines of a piece that are about the buyer, as JSON."""
    content = read_content(plain)
    indexes = possible_indexes(buyer.vault, buyer.shop, buyer.buyer_id)
    lines = lines_of(buyer.vault, content, indexes) | _unreadable_of(buyer, content)
    return orjson.dumps([content.lines[line].decode(errors="replace") for line in sorted(lines)])


_REQUESTS: Final = select(bulk_operations).where(bulk_operations.c.request.is_not(None))
_DROP_REQUESTS: Final = (
    update(bulk_operations)
    .where(bulk_operations.c.id.in_(bindparam("ids", expanding=True)))
    .values(request=None)
)


async def _find_requests(transaction: Transaction, buyer: BuyerSearch) -> Sequence[Row[Any]]:
    """The operations under way that ask for the buyer; those that have ended keep no request."""
    wanted = buyer.buyer_id.encode()

    def holds(row: Any) -> bool:
        try:
            return wanted in buyer.vault.unseal(row.request, **request_place(row.id))
        except LedgerUnreadable:
            return False

    rows = (await transaction.connection.execute(_REQUESTS)).all()
    return [row for row in rows if holds(row)]


async def _erase_requests(transaction: Transaction, buyer: BuyerSearch) -> int:
    ids = [row.id for row in await _find_requests(transaction, buyer)]
    if ids:
        await transaction.connection.execute(_DROP_REQUESTS, {"ids": ids})
    return len(ids)


#: A wanted item or a link is meaningless without its buyer: the whole row is deleted.
PLACES: Final = (
    # First: the buyers of copies are read from their orders.
    PersonalPlace(
        name="outcomes of mutations",
        table=idempotency_keys,
        # The receipts name objects and pushes, and the hash is of document and variables: both are
        # deleted with their row, within two days.
        columns=("personal", "outcome", "receipts", "operation_hash"),
        by_age=delete(idempotency_keys).where(_older(idempotency_keys)),
        search=_erase_outcomes,
        find=_find_outcomes,
    ),
    PersonalPlace(
        name="files and results of bulk operations",
        table=bulk_pieces,
        columns=("content",),
        by_age=delete(bulk_pieces).where(_older(bulk_pieces)),
        search=_erase_bulk_pieces,
        find=_find_bulk_pieces,
        part=_lines_of_buyer,
    ),
    PersonalPlace(
        name="requests of bulk operations",
        table=bulk_operations,
        columns=("request",),
        by_age=update(bulk_operations)
        .where(bulk_operations.c.request.is_not(None), _older(bulk_operations, "created_at"))
        .values(request=None),
        search=_erase_requests,
        find=_find_requests,
    ),
    PersonalPlace(
        name="orders",
        table=orders,
        columns=("buyer", "personal"),
        of_buyer=update(orders).where(_ORDERS[0]).values(_ERASED),
        by_age=update(orders).where(_ORDERS[1]).values(_ERASED),
        notes=_ORDERS,
    ),
    PersonalPlace(
        name="pushes",
        table=pushes,
        columns=("buyer", "personal", "told"),
        of_buyer=update(pushes).where(_PUSHES[0]).values(_ERASED | {"told": None}),
        by_age=update(pushes).where(_PUSHES[1]).values(_ERASED | {"told": None}),
        notes=_PUSHES,
    ),
    PersonalPlace(
        name="order changes",
        table=order_changes,
        columns=("buyer", "open_id"),
        of_buyer=update(order_changes)
        .where(
            order_changes.c.buyer.is_not(None),
            _of_buyer(order_changes) | _copy_of_buyer(order_changes, "platform_id"),
        )
        .values(buyer=None, open_id=None),
    ),
    PersonalPlace(
        name="want-to-buy lists",
        table=wanted_items,
        columns=("buyer", "open_id"),
        of_buyer=delete(wanted_items).where(_of_buyer(wanted_items)),
        by_age=delete(wanted_items).where(_older(wanted_items)),
    ),
    PersonalPlace(
        name="buyer links",
        table=buyer_links,
        columns=("buyer", "to_buyer", "to_open_id", "open_id"),
        of_buyer=delete(buyer_links).where(or_(_of_buyer(buyer_links), _linked_to(buyer_links))),
        by_age=delete(buyer_links).where(_older(buyer_links)),
    ),
    PersonalPlace(
        name="events and unreadable messages",
        table=inbox_events,
        columns=("body",),
        # An event that was read has the order's number, and nothing of the buyer.
        by_age=update(inbox_events)
        .where(_older(inbox_events), inbox_events.c.body.is_not(None))
        .values(body=None),
        search=_erase_messages,
        find=_find_messages,
    ),
    # Last: the copies are found by it.
    PersonalPlace(
        name="mirrors",
        table=mirrors,
        columns=("buyer", "personal"),
        of_buyer=_erase(mirrors, _of_buyer(mirrors)),
        by_age=_erase(mirrors, _older(mirrors)),
    ),
)

#: The tables that hold nothing personal, and why.
FREE: Final[Mapping[str, str]] = {
    tables.meta.name: "settings of the store itself",
    tables.shops.name: "the merchant's",
    tables.after_sales.name: "amounts, items and status; the person is in the order",
    tables.products.name: "the merchant's",
    tables.push_counts.name: "numbers",
    tables.product_originals.name: "the merchant's; answer_hash is of a product",
    tables.partner_orders.name: "the number and time of an order that is read from the platform",
    tables.order_overlays.name: "the number and status of an order",
    tables.audit_events.name: "names of keys, ids of objects and counts; never values",
    tables.key_uses.name: "ids of keys and times",
    tables.refund_totals.name: "names of keys and sums",
    tables.bulk_piece_buyers.name: "keyed hashes, rewritten and deleted with bulk_pieces",
    tables.counters.name: "numbers",
    tables.leases.name: "names of processes",
}


#: Copies beside the store, and how `gateway erase buyer` reaches them. Of both the platform has the
#: original, which they may be read from again.
COPIES: Final[Mapping[str, str]] = {
    "answers in Redis": "those of the shop are deleted",
    "answers in memory": f"running gateways drop theirs within {CACHES_DROPPED_WITHIN} seconds",
}


def sealed_columns(table: Table) -> set[str]:
    """The columns that may hold sealed values or keyed hashes."""
    return {column.name for column in table.columns if _is_bytes(column)}


def _is_bytes(column: Column[Any]) -> bool:
    return column.type.python_type is bytes


@dataclass(frozen=True, slots=True)
class Erased:
    """How many rows had personal data, by the names of `PLACES`."""

    rows_by_place: Mapping[str, int]

    @property
    def rows(self) -> int:
        """In all places."""
        return sum(self.rows_by_place.values())


class PersonalData:
    """Erases the personal data of buyers; every method raises StoreUnavailable."""

    def __init__(
        self, database: Database, vault: Vault, places: Sequence[PersonalPlace] = PLACES
    ) -> None:
        self._database = database
        self._vault = vault
        self._places = places
        self._counters = Counters(database)

    async def erase_buyer(self, transaction: Transaction, shop: str, buyer_id: str) -> Erased:
        """Erases all data of this buyer of this shop, named by open id or swan id."""
        buyer = BuyerSearch(self._vault, shop, buyer_id)
        erased: dict[str, int] = {}
        # First: what was read before the erasure is not written any more from here on.
        await self._counters.take(transaction, _ERASURES)
        for place in self._places:
            found = 0 if place.search is None else await place.search(transaction, buyer)
            if place.notes is not None:
                matching = place.notes[0]
                await drop_plain_remarks(transaction, place.table, matching, buyer.values)
            if place.of_buyer is not None:
                result = await transaction.connection.execute(place.of_buyer, buyer.values)
                found += result.rowcount
            erased[place.name] = found
        return Erased(erased)

    async def erasures(self) -> int:
        """How often a buyer was erased: processes then drop their caches (see `COPIES`)."""
        rows = await self._database.fetch(_GET_ERASURES)
        return int(rows[0].value) if rows else 0

    async def erasures_within(self, transaction: Transaction) -> int:
        """The same, in a transaction: no buyer is erased until it ends.

        So what was read when there were as many may be written.
        """
        return await self._counters.lock(transaction, _ERASURES)

    async def erase_older_than(self, transaction: Transaction, seconds: float) -> Erased:
        """Erases data last written before then."""
        erased: dict[str, int] = {}
        values = {"before": transaction.now - seconds}
        for place in self._places:
            if place.notes is not None:
                await drop_plain_remarks(transaction, place.table, place.notes[1], values)
            if place.by_age is not None:
                result = await transaction.connection.execute(place.by_age, values)
                erased[place.name] = result.rowcount
        return Erased(erased)
