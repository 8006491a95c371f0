"""The orders of the platforms that keep their own copy."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Row, bindparam, delete, select, update

from gateway.errors import LedgerUnreadable
from gateway.store.buyer_index import buyer_index
from gateway.store.crypto import Vault
from gateway.store.documents import FoundPersonal, OrderDocument, OrderPersonal, PaymentKeys
from gateway.store.encrypted_values import EncryptedValues
from gateway.store.engine import Database, Transaction
from gateway.store.listing import Listing, Selection, chosen, distinct_values
from gateway.store.plain_personal import split_remark
from gateway.store.tables import after_sales, orders
from schema.order_status import OrderStatus

_DOCUMENT: Final = msgspec.json.Decoder(OrderDocument)
_STATUSES: Final = tuple(status.name for status in OrderStatus)
_GET: Final = select(orders).where(
    orders.c.shop == bindparam("in_shop"),
    orders.c.platform_id.in_(bindparam("ids", expanding=True)),
)
#: Ordered, so that two transactions on the same orders cannot deadlock.
_LOCK: Final = _GET.order_by(orders.c.platform_id).with_for_update()
_HIDE: Final = (
    update(orders)
    .where(
        orders.c.shop == bindparam("in_shop"),
        orders.c.platform_id == bindparam("id"),
        orders.c.deleted_at.is_(None),
    )
    .values(deleted_at=bindparam("now"), written_at=bindparam("now"), version=orders.c.version + 1)
    .returning(orders.c.version)
)
#: The distinct values of a column, each found by the index behind the one before.
_ORIGINALS: Final = distinct_values(orders.c.original_shop, orders.c.shop == bindparam("in_shop"))
#: Characters of a payment's id that are indexed; those found by them are compared whole.
_INDEXED_LENGTH: Final = 200
#: Payments that are looked for at once.
_PAYMENTS_AT_ONCE: Final = 500
_OF_PAYMENTS: Final = tuple(
    select(orders).where(
        orders.c.shop == bindparam("in_shop"),
        column.in_(bindparam("ids", expanding=True)),
        orders.c.deleted_at.is_(None),
        orders.c.original_shop == "",
    )
    for column in (orders.c.payment_reference, orders.c.trade_number)
)
_DROP_AFTER_SALES: Final = delete(after_sales).where(
    after_sales.c.shop == bindparam("in_shop"),
    after_sales.c.order_platform_id == bindparam("id"),
)


@dataclass(frozen=True, slots=True)
class StoredOrder:
    """An order as the ledger has it."""

    shop: str
    document: OrderDocument
    found: FoundPersonal
    #: Grows by one with each change.
    version: int
    written_at: float
    deleted: bool
    #: Of a copy: the shop of its original; empty: it is none.
    original_shop: str = ""

    @property
    def personal(self) -> OrderPersonal | None:
        """Its buyer; raises LedgerUnreadable if it is stored, and cannot be decrypted."""
        if isinstance(self.found, LedgerUnreadable):
            raise self.found
        return self.found


@dataclass(frozen=True, slots=True)
class StoredOrderQuery:
    """Which orders of a shop; None means any. Both times belong to the range."""

    statuses: Collection[str] | None = None
    created_from: int | None = None
    created_to: int | None = None
    buyer_open_id: str | None = None
    #: Copies of orders of these shops; "" stands for orders that are no copies.
    original_shops: Collection[str] | None = None


class OrderPosition(NamedTuple):
    """Where a page of orders ended."""

    created_at: int
    platform_id: str


class Orders:
    """Reads and writes the orders; every method raises StoreUnavailable."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault
        self._personal = EncryptedValues(vault, OrderPersonal, column="orders.personal")
        self._put = database.upsert(orders, kept=("original_shop",))
        self._put_versioned = self._put.returning(orders.c.platform_id, orders.c.version)
        position = (orders.c.created_at, orders.c.platform_id)
        prefixes = (
            ("shop", "buyer", "status"),
            ("shop", "buyer"),
            ("shop", "original_shop", "status"),
            ("shop", "status"),
            ("shop",),
        )
        present = orders.c.deleted_at.is_(None)
        self._listing = Listing(database, orders, position, prefixes, (present,))
        self._scan = replace(self._listing, ascending=True)

    async def put(
        self,
        transaction: Transaction,
        shop: str,
        document: OrderDocument,
        personal: OrderPersonal | None,
    ) -> int:
        """Inserts or replaces the order; returns its new version, 1 for a new order."""
        (version,) = (await self.put_versioned(transaction, shop, [(document, personal)])).values()
        return version

    async def put_versioned(
        self,
        transaction: Transaction,
        shop: str,
        entries: Iterable[tuple[OrderDocument, OrderPersonal | None]],
    ) -> dict[str, int]:
        """Like `put` for several of different ids, in one statement: versions by platform id."""
        rows = [self._row(transaction, shop, *entry) for entry in entries]
        if not rows:
            return {}
        # Ordered like locks: transactions that insert the same new orders cannot deadlock.
        rows.sort(key=itemgetter("platform_id"))
        written = (await transaction.connection.execute(self._put_versioned, rows)).all()
        return {row.platform_id: int(row.version) for row in written}

    async def put_many(
        self,
        transaction: Transaction,
        shop: str,
        entries: Iterable[tuple[OrderDocument, OrderPersonal | None]],
    ) -> None:
        """Like `put` for several, in one statement."""
        if rows := [self._row(transaction, shop, *entry) for entry in entries]:
            await transaction.connection.execute(self._put, rows)

    async def delete(self, transaction: Transaction, shop: str, platform_id: str) -> int | None:
        """Hides the order from all reads; returns its new version, None if there is no order.

        Its after-sales are hidden too. Its contents stay, because the push that deletes it on
        the platform needs its buyer.
        """
        values = {"in_shop": shop, "id": platform_id, "now": transaction.now}
        result = await transaction.connection.execute(_HIDE, values)
        version: int | None = result.scalar_one_or_none()
        if version is not None:
            await transaction.connection.execute(_DROP_AFTER_SALES, values)
        return version

    async def get(self, shop: str, platform_id: str) -> StoredOrder | None:
        """The order, None if there is none."""
        return (await self.get_many(shop, (platform_id,))).get(platform_id)

    async def get_many(
        self, shop: str, platform_ids: Collection[str], *, within: Transaction | None = None
    ) -> dict[str, StoredOrder]:
        """The orders that exist, by platform id, in the order of `platform_ids`."""
        if not platform_ids:
            return {}
        values = {"in_shop": shop, "ids": list(platform_ids)}
        rows = await self._database.fetch(_GET, values, within)
        found = {row.platform_id: row for row in rows if row.deleted_at is None}
        return {one: self._stored(found[one]) for one in platform_ids if one in found}

    async def of_payments(self, shop: str, payments: Iterable[PaymentKeys]) -> list[StoredOrder]:
        """The orders, copies apart, that may have one of these payments; the oldest first."""
        references: dict[str, None] = {}
        numbers: dict[str, None] = {}
        for payment in payments:
            reference, number = _indexed_keys(payment)
            references |= {} if reference is None else {reference: None}
            numbers |= {} if number is None else {number: None}
        found: dict[str, StoredOrder] = {}
        for statement, keys in zip(_OF_PAYMENTS, (list(references), list(numbers)), strict=True):
            for begin in range(0, len(keys), _PAYMENTS_AT_ONCE):
                some = keys[begin : begin + _PAYMENTS_AT_ONCE]
                rows = await self._database.fetch(statement, {"in_shop": shop, "ids": some})
                found |= {row.platform_id: self._stored(row) for row in rows}
        return sorted(
            found.values(), key=lambda one: (one.document.created_at, one.document.platform_id)
        )

    async def lock_many(
        self, transaction: Transaction, shop: str, platform_ids: Collection[str]
    ) -> dict[str, StoredOrder]:
        """Like `get_many`, with deleted ones; locked until the transaction ends."""
        if not platform_ids:
            return {}
        values = {"in_shop": shop, "ids": list(platform_ids)}
        rows = await self._database.fetch(_LOCK, values, transaction)
        found = {row.platform_id: row for row in rows}
        return {one: self._stored(found[one]) for one in platform_ids if one in found}

    async def page(
        self, shop: str, query: StoredOrderQuery, *, after: OrderPosition | None = None, limit: int
    ) -> list[StoredOrder]:
        """At most `limit` orders that follow `after`, newest first by creation time, then by id."""
        rows = await self._listing.page(self._selection(shop, query), after=after, limit=limit)
        return [self._stored(row) for row in rows]

    async def scan(
        self, shop: str, query: StoredOrderQuery, *, after: OrderPosition | None = None, limit: int
    ) -> list[StoredOrder]:
        """Like `page`, oldest first."""
        rows = await self._scan.page(self._selection(shop, query), after=after, limit=limit)
        return [self._stored(row) for row in rows]

    async def count(self, shop: str, query: StoredOrderQuery) -> int:
        """How many orders the query matches; reads all of them."""
        return await self._listing.count(self._selection(shop, query))

    async def original_shops(self, shop: str) -> list[str]:
        """The shops of whose orders this one has copies; "" first if it has others, too."""
        rows = await self._database.fetch(_ORIGINALS, {"in_shop": shop})
        return [str(row[0]) for row in rows]

    def _selection(self, shop: str, query: StoredOrderQuery) -> Selection:
        open_id, statuses = query.buyer_open_id, query.statuses
        buyer = None if open_id is None else self._vault.blind_indexes(shop, open_id)
        if query.original_shops is not None and statuses is None and buyer is None:
            # The index of copies has a range for each status.
            statuses = _STATUSES
        choices = chosen(
            shop=[shop], status=statuses, buyer=buyer, original_shop=query.original_shops
        )
        return Selection(choices, query.created_from, query.created_to)

    def _row(
        self,
        transaction: Transaction,
        shop: str,
        document: OrderDocument,
        personal: OrderPersonal | None,
    ) -> dict[str, Any]:
        reference, trade_number = _indexed_keys(PaymentKeys.of(document.payment))
        return {
            "shop": shop,
            "platform_id": document.platform_id,
            "payment_reference": reference,
            "trade_number": trade_number,
            "created_at": document.created_at,
            "updated_at": document.updated_at,
            "status": document.status,
            "platform_status": document.platform_status,
            "buyer": buyer_index(self._vault, shop, personal),
            "document": msgspec.json.encode(document).decode(),
            "personal": self._personal.seal(personal, shop=shop, row=document.platform_id),
            "version": 1,
            "written_at": transaction.now,
            "deleted_at": None,
        }

    def _stored(self, row: Row[Any]) -> StoredOrder:
        found = self._personal.attempt(row.personal, shop=row.shop, row=row.platform_id)
        document, found = split_remark(row.document, found)
        return StoredOrder(
            shop=row.shop,
            document=_DOCUMENT.decode(document),
            found=found,
            version=row.version,
            written_at=row.written_at,
            deleted=row.deleted_at is not None,
            original_shop=row.original_shop,
        )


def _indexed_keys(payment: PaymentKeys) -> tuple[str | None, str | None]:
    """What the columns `payment_reference` and `trade_number` have of a payment."""
    numbers = None if payment.numbers is None else "/".join(payment.numbers)
    return _cut(payment.reference), _cut(numbers)


def _cut(key: str | None) -> str | None:
    # PostgreSQL takes no null character.
    return None if key is None else key.replace("\0", "")[:_INDEXED_LENGTH]
