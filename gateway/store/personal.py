"""Personal data of buyers: the one list of where the store holds it, and how it is erased there.

Every table is in `PLACES`, or in `FREE` with the reason why it holds none; so is every sealed
column.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Row, Select, Table, bindparam, or_, select

from gateway.store import bulk_tables, index_tables, tables, webhook_tables
from gateway.store.batches import Batches, ExpiryRule
from gateway.store.bulk_tables import bulk_operations, bulk_pieces
from gateway.store.buyer_rows import (
    BUYER,
    ERASED_CHANGE,
    BuyerSearch,
    erase_bulk_pieces,
    erase_changes_of_copies,
    erase_messages,
    erase_outcomes,
    erase_requests,
    find_bulk_pieces,
    find_changes,
    find_messages,
    find_outcomes,
    find_requests,
    lines_of_buyer,
    rows_of_buyer,
    rows_of_copies,
    rows_of_indexed_orders,
)
from gateway.store.engine import Transaction
from gateway.store.index_tables import index_after_sales, index_orders
from gateway.store.tables import (
    buyer_links,
    idempotency_keys,
    inbox_events,
    metadata_items,
    mirrors,
    order_changes,
    orders,
    push_exchanges,
    pushes,
    wanted_items,
)

#: Seconds between two looks of a running gateway for erasures.
CACHES_DROPPED_WITHIN: Final = 2
#: Rows that outlive their personal data.
_ERASED: Final = {"buyer": None, "personal": None}

#: Erases what no statement of `PersonalPlace.of_buyer` finds; returns how many rows had some. It
#: changes few rows in each of its transactions, and finds them outside of them.
Search = Callable[[Batches, BuyerSearch], Awaitable[int]]
#: The rows that a search erases.
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
    #: The buyer's rows, each statement by an index; parameters as `BuyerSearch.values`.
    of_buyer: tuple[Select[Any], ...] = ()
    #: What is written into the buyer's rows; None: they are deleted.
    erased: Mapping[str, Any] | None = None
    by_age: ExpiryRule | None = None
    #: What has to be decrypted, or looked through, to be found; before `of_buyer`.
    search: Search | None = None
    find: Find | None = None
    #: What is the buyer's of a decrypted value that holds others too.
    part: Part | None = None
    #: The rows may have a note in plain.
    has_notes: bool = False
    #: Rows are written from those of other places: they are searched again once those are erased.
    is_written_from_others: bool = False
    #: The copies of the buyer's orders are found by it: it is the last.
    finds_copies: bool = False


def _unerased(table: Table) -> ColumnElement[bool]:
    return or_(table.c.personal.is_not(None), table.c.buyer.is_not(None))


def _exchanges_of(found: Select[Any]) -> Select[Any]:
    """The last calls of these pushes."""
    return select(push_exchanges).where(
        push_exchanges.c.push.in_(found.with_only_columns(pushes.c.id))
    )


_TOLD: Final = pushes.c.told.is_not(None)
#: Whom a platform's words name is not known where the push itself has no buyer.
_TOLD_OF_ANYBODY: Final = select(pushes).where(
    pushes.c.shop == bindparam("in_shop"), pushes.c.buyer.is_(None), _TOLD
)


#: What was sent of the buyer; what is sent of nobody holds nothing personal.
EXCHANGES: Final = ExpiryRule(
    name="calls of pushes", table=push_exchanges, since=push_exchanges.c.written_at
)
OUTCOMES: Final = ExpiryRule(
    name="outcomes of mutations", table=idempotency_keys, since=idempotency_keys.c.written_at
)
#: Of pushes the words of a platform too.
_ERASED_PUSH: Final = _ERASED | {"told": None}
#: What was told stays the same, so that an equal answer does not bring it back.
_ERASED_ORDER: Final = dict.fromkeys(("buyer", "phone", "receiver", "contact", "personal"))
_ERASED_AFTER_SALE: Final = dict.fromkeys(("buyer", "open_id", "personal"))
_HAS_BUYER: Final = or_(
    index_after_sales.c.open_id.is_not(None), index_after_sales.c.personal.is_not(None)
)
#: A wanted item or a link is meaningless without its buyer: the whole row is deleted.
PLACES: Final = (
    PersonalPlace(
        name="outcomes of mutations",
        table=idempotency_keys,
        # The receipts name objects and pushes, and the hash is of document and variables: both are
        # deleted with their row, within two days.
        columns=("personal", "outcome", "receipts", "operation_hash"),
        by_age=OUTCOMES,
        search=erase_outcomes,
        find=find_outcomes,
    ),
    PersonalPlace(
        name="files and results of bulk operations",
        table=bulk_pieces,
        columns=("content",),
        by_age=ExpiryRule(
            name="files and results of bulk operations",
            table=bulk_pieces,
            since=bulk_pieces.c.written_at,
            most=10,
        ),
        search=erase_bulk_pieces,
        find=find_bulk_pieces,
        part=lines_of_buyer,
        is_written_from_others=True,
    ),
    PersonalPlace(
        name="requests of bulk operations",
        table=bulk_operations,
        columns=("request",),
        by_age=ExpiryRule(
            name="requests of bulk operations",
            table=bulk_operations,
            since=bulk_operations.c.created_at,
            listed=bulk_tables.HAS_REQUEST,
            values={"request": None},
        ),
        search=erase_requests,
        find=find_requests,
    ),
    PersonalPlace(
        name="order changes",
        table=order_changes,
        columns=("buyer", "open_id"),
        of_buyer=(rows_of_buyer(order_changes),),
        erased=ERASED_CHANGE,
        search=erase_changes_of_copies,
        find=find_changes,
    ),
    PersonalPlace(
        name="orders",
        table=orders,
        columns=("buyer", "personal"),
        of_buyer=(
            rows_of_buyer(orders),
            rows_of_copies(orders, "platform_id").where(_unerased(orders)),
        ),
        erased=_ERASED,
        by_age=ExpiryRule(
            name="orders",
            table=orders,
            since=orders.c.written_at,
            listed=tables.HAS_PERSONAL,
            values=_ERASED,
            has_notes=True,
        ),
        has_notes=True,
    ),
    PersonalPlace(
        # Before the pushes, by which they are found.
        name="calls of pushes",
        table=push_exchanges,
        columns=("request", "response"),
        of_buyer=(
            _exchanges_of(rows_of_buyer(pushes)),
            _exchanges_of(rows_of_copies(pushes, "order_id")),
        ),
        by_age=EXCHANGES,
    ),
    PersonalPlace(
        name="pushes",
        table=pushes,
        columns=("buyer", "personal", "told"),
        of_buyer=(
            rows_of_buyer(pushes),
            rows_of_copies(pushes, "order_id").where(or_(_unerased(pushes), _TOLD)),
            _TOLD_OF_ANYBODY,
        ),
        erased=_ERASED_PUSH,
        by_age=ExpiryRule(
            name="pushes",
            table=pushes,
            since=pushes.c.queued_at,
            listed=tables.HAS_PAYLOAD,
            due=or_(_unerased(pushes), _TOLD),
            values=_ERASED_PUSH,
            has_notes=True,
        ),
        has_notes=True,
    ),
    PersonalPlace(
        name="want-to-buy lists",
        table=wanted_items,
        columns=("buyer", "open_id"),
        of_buyer=(rows_of_buyer(wanted_items),),
        by_age=ExpiryRule(
            name="want-to-buy lists", table=wanted_items, since=wanted_items.c.written_at
        ),
    ),
    PersonalPlace(
        name="buyer links",
        table=buyer_links,
        columns=("buyer", "to_buyer", "to_open_id", "open_id"),
        of_buyer=(
            rows_of_buyer(buyer_links),
            select(buyer_links).where(
                buyer_links.c.to_shop == bindparam("in_shop"),
                buyer_links.c.to_buyer.in_(BUYER),
            ),
        ),
        by_age=ExpiryRule(name="buyer links", table=buyer_links, since=buyer_links.c.written_at),
    ),
    PersonalPlace(
        name="events and unreadable messages",
        table=inbox_events,
        columns=("body",),
        # An event that was read has the order's number, and nothing of the buyer.
        by_age=ExpiryRule(
            name="events and unreadable messages",
            table=inbox_events,
            since=inbox_events.c.written_at,
            listed=tables.HAS_BODY,
            values={"body": None},
        ),
        search=erase_messages,
        find=find_messages,
    ),
    PersonalPlace(
        name="metadata of orders",
        table=metadata_items,
        columns=("buyer", "open_id"),
        # An integrator's values may name the buyer.
        of_buyer=(
            rows_of_buyer(metadata_items),
            rows_of_copies(metadata_items, "platform_id").where(metadata_items.c.kind == "Order"),
        ),
        by_age=ExpiryRule(
            name="metadata of orders",
            table=metadata_items,
            since=metadata_items.c.written_at,
            listed=tables.IS_OF_ORDER,
        ),
    ),
    PersonalPlace(
        name="indexed after-sales",
        table=index_after_sales,
        columns=("buyer", "open_id", "personal"),
        # Before the orders, which find those whose buyer is not told.
        of_buyer=(
            rows_of_buyer(index_after_sales),
            rows_of_indexed_orders(index_after_sales).where(_HAS_BUYER),
            rows_of_copies(index_after_sales, "order_platform_id").where(_HAS_BUYER),
        ),
        erased=_ERASED_AFTER_SALE,
        by_age=ExpiryRule(
            name="indexed after-sales",
            table=index_after_sales,
            since=index_after_sales.c.written_at,
            listed=index_tables.HAS_BUYER,
            values=_ERASED_AFTER_SALE,
        ),
    ),
    PersonalPlace(
        name="indexed orders",
        table=index_orders,
        columns=("buyer", "phone", "receiver", "contact", "personal"),
        of_buyer=(
            rows_of_buyer(index_orders),
            rows_of_copies(index_orders, "platform_id").where(
                or_(index_orders.c.contact.is_not(None), index_orders.c.personal.is_not(None))
            ),
        ),
        erased=_ERASED_ORDER,
        by_age=ExpiryRule(
            name="indexed orders",
            table=index_orders,
            since=index_orders.c.written_at,
            listed=index_tables.HAS_CONTACT,
            values=_ERASED_ORDER,
        ),
    ),
    PersonalPlace(
        name="mirrors",
        table=mirrors,
        columns=("buyer", "personal"),
        finds_copies=True,
        of_buyer=(rows_of_buyer(mirrors),),
        erased=_ERASED,
        by_age=ExpiryRule(
            name="mirrors",
            table=mirrors,
            since=mirrors.c.written_at,
            listed=tables.HAS_PERSONAL,
            values=_ERASED,
        ),
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
    tables.object_changes.name: "ids and statuses of objects that are no orders",
    tables.audit_events.name: "names of keys, ids of objects and counts; never values",
    tables.key_uses.name: "ids of keys and times",
    tables.refund_totals.name: "names of keys and sums",
    bulk_tables.bulk_piece_buyers.name: "keyed hashes, rewritten and deleted with bulk_pieces",
    tables.counters.name: "numbers",
    webhook_tables.webhook_endpoints.name: "addresses and sealed secrets of integrators",
    webhook_tables.webhook_deliveries.name: "ids and statuses of what changed, and cursors",
    tables.leases.name: "names of processes",
    index_tables.index_order_lines.name: "products, units and amounts; the person is in the order",
    index_tables.index_order_sums.name: "numbers",
    index_tables.index_products.name: "the merchant's",
    index_tables.index_skus.name: "the merchant's",
    index_tables.index_progress.name: "times and counts",
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
