"""Rows of the index's orders: how they are written, with their lines and sums."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

import msgspec
from sqlalchemy import Row, bindparam, delete, func, insert, select, update

from gateway.store.crypto import Vault
from gateway.store.encrypted_values import EncryptedValues
from gateway.store.engine import Database, Transaction
from gateway.store.index_tables import index_order_lines, index_orders
from gateway.store.indexed_contacts import IndexedContact, contact_indexes
from gateway.store.mirrors import HAS_COPY
from gateway.store.order_sums import OrderSums, SumChanges
from gateway.store.tables import mirrors
from gateway.store.words import words_of

#: Numbers of one second.
SECOND: Final = 2**20
#: Later times have the numbers of this one.
_LAST_SECOND: Final = 2**42
#: Rows that one statement finds.
_BATCH: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLineEntry:
    """A line of an order to index: `units` of one SKU, `total` in fen."""

    platform_product_id: str
    #: The merchant's own code of the SKU; None if it has none, or the line does not tell it.
    code: str | None
    units: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEntry:
    """An order to index; times in unix seconds, amounts in fen.

    `part` is the partner store's app id if the order has one, else empty. `created_at` is where it
    stands in lists, `status` an OrderStatus. None: the platform does not tell it, or it is not so.
    `document` is the platform's own, without what is personal, which `personal` has; both are None
    if the ledger has the order. The store seals and hashes what is personal.
    """

    shop: str
    platform_id: str
    part: str = ""
    created_at: int
    updated_at: int | None
    paid_at: int | None
    status: str
    total: int
    refunded: int
    open_after_sale: bool
    #: The buyer's open id, and for one who has none Baidu's swan id.
    buyer: str | None
    swan_id: str | None = None
    #: As the platform tells them; what it masks with asterisks finds nothing.
    phone: str | None
    receiver: str | None
    #: Titles, codes, tracking numbers and the payment reference: the store splits them into words
    #: and adds the platform's id. Nothing personal.
    texts: Sequence[str]
    lines: Sequence[OrderLineEntry]
    document: str | None
    personal: bytes | None
    #: When the platform was asked: an older answer does not replace a newer one.
    seen_at: float

    @property
    def units(self) -> int:
        """Of all lines."""
        return sum(line.units for line in self.lines)


def number_from(created_at: int) -> int:
    """The first number of the orders that were created in a second."""
    return min(max(created_at, 0), _LAST_SECOND) * SECOND


def sealed_as(platform_id: str, part: str) -> str:
    """What the sealed columns of a row are sealed for, beside its shop."""
    return f"{platform_id}/{part}"


_o: Final = index_orders.c
#: Ordered, so that two transactions on the same orders cannot deadlock.
_LOCK: Final = (
    select(
        _o.number,
        _o.shop,
        _o.platform_id,
        _o.part,
        _o.created_at,
        _o.paid_at,
        _o.status,
        _o.total,
        _o.refunded,
        _o.units,
        _o.original_shop,
        _o.original_id,
        _o.digest,
        _o.seen_at,
        _o.written_at,
    )
    .where(_o.shop == bindparam("in_shop"), _o.platform_id.in_(bindparam("ids", expanding=True)))
    .order_by(_o.platform_id, _o.part)
    .with_for_update()
)
_ORIGINALS: Final = (
    select(mirrors.c.to_platform_id, func.min(mirrors.c.shop), func.min(mirrors.c.platform_id))
    .where(
        mirrors.c.to_shop == bindparam("in_shop"),
        mirrors.c.to_platform_id.in_(bindparam("ids", expanding=True)),
        HAS_COPY,
    )
    .group_by(mirrors.c.to_platform_id)
)
_OF_NUMBER: Final = _o.number == bindparam("of_number")
_SEE: Final = update(index_orders).where(_OF_NUMBER).values(seen_at=bindparam("seen"))
_MARK: Final = (
    update(index_orders)
    .where(_OF_NUMBER)
    .values(original_shop=bindparam("from_shop"), original_id=bindparam("from_id"))
)
_DROP: Final = delete(index_orders).where(_OF_NUMBER)
_DROP_LINES: Final = delete(index_order_lines).where(
    index_order_lines.c.number == bindparam("of_number")
)

#: The shop, the platform's id and the part.
OrderName = tuple[str, str, str]
#: The last two of them.
_Key = tuple[str, str]
#: The shop and the platform's id of the order that one was copied from.
_Original = tuple[str | None, str | None]
_NONE: Final[_Original] = (None, None)


class OrderRows:
    """Writes rows of `index_orders`; every method raises StoreUnavailable."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._vault = vault
        self._contact = EncryptedValues(vault, IndexedContact, column="index_orders.contact")
        self._sums = OrderSums(database)
        self._is_sqlite = database.is_sqlite
        # An order, or a number, that another transaction wrote meanwhile is looked at again.
        insert_new = database.insert(index_orders).on_conflict_do_nothing()
        self._insert = database.for_rows(insert_new)
        self._insert_returning = insert_new.returning(_o.number)
        self._insert_lines = database.for_rows(insert(index_order_lines))
        self._see = database.for_rows(_SEE)
        self._mark = database.for_rows(_MARK)
        self._drop = database.for_rows(_DROP)
        self._drop_lines = database.for_rows(_DROP_LINES)
        self._update = database.for_rows(
            update(index_orders)
            .where(_OF_NUMBER)
            .values(
                {
                    column.name: bindparam(f"new_{column.name}")
                    for column in index_orders.columns
                    if column.name not in {"number", "shop", "platform_id", "part"}
                }
            )
        )

    async def put(
        self, transaction: Transaction, entries: Sequence[OrderEntry], new: Collection[OrderName]
    ) -> set[OrderName]:
        """As `IndexedOrders.put`."""
        by_shop: defaultdict[str, dict[_Key, OrderEntry]] = defaultdict(dict)
        for entry in sorted(entries, key=lambda one: one.seen_at):
            by_shop[entry.shop][entry.platform_id, entry.part] = entry
        changes = SumChanges()
        known: set[OrderName] = set()
        for shop, of_shop in sorted(by_shop.items()):
            keys = sorted(of_shop)
            for begin in range(0, len(keys), _BATCH):
                some = {key: of_shop[key] for key in keys[begin : begin + _BATCH]}
                unknown = all((shop, *key) in new for key in some)
                found = await self._put_some(transaction, shop, some, changes, new=unknown)
                known.update((shop, *key) for key in found)
        await self._sums.change(transaction, changes)
        return known

    async def remove(self, transaction: Transaction, shop: str, ids: Collection[str]) -> None:
        """As `IndexedOrders.remove`."""
        changes = SumChanges()
        rows = await _locked(transaction, shop, ids)
        for row in rows:
            changes.remove(row)
        await self._drop.execute_later(transaction, [{"of_number": row.number} for row in rows])
        await self._sums.change(transaction, changes)

    async def mark_copies(self, transaction: Transaction, shop: str, ids: Collection[str]) -> None:
        """As `IndexedOrders.mark_copies`."""
        changes = SumChanges()
        originals = await _originals(transaction, shop, ids)
        marked = []
        for row in await _locked(transaction, shop, ids):
            original = originals.get(row.platform_id, _NONE)
            if original != (row.original_shop, row.original_id):
                changes.remove(row)
                changes.add({**row._mapping, "original_shop": original[0]})  # noqa: SLF001
                marked.append(
                    {"of_number": row.number, "from_shop": original[0], "from_id": original[1]}
                )
        await self._mark.execute_later(transaction, marked)
        await self._sums.change(transaction, changes)

    async def _put_some(
        self,
        transaction: Transaction,
        shop: str,
        entries: Mapping[_Key, OrderEntry],
        changes: SumChanges,
        *,
        new: bool,
    ) -> set[_Key]:
        """Returns which of the orders the index had before.

        With `new` it is not asked first: what can be inserted is new, the rest is looked at again.
        """
        left, attempt, had = dict(entries), 0, set[_Key]()
        while left:
            ids = sorted({platform_id for platform_id, _ in left})
            rows = [] if new and not attempt else await _locked(transaction, shop, ids)
            known = {(row.platform_id, row.part): row for row in rows}
            had |= known.keys()
            originals = await _originals(transaction, shop, ids)
            work = _Work(changes)
            for key, entry in left.items():
                original = originals.get(entry.platform_id, _NONE)
                digest = self._digest(entry)
                if not work.knows(known.get(key), digest, original, entry):
                    row = self._row(transaction, entry, original, digest, attempt)
                    work.add(known.get(key), row, entry)
            await self._see.execute_later(transaction, work.seen)
            await self._drop.execute_later(transaction, work.dropped)
            await self._drop_lines.execute_later(transaction, work.updated)
            await self._update.execute_later(transaction, work.updated)
            inserted = await self._inserted(transaction, shop, work.new)
            for row in work.new.values():
                if row["number"] in inserted:
                    changes.add(row)
            lines = [
                _line(row, place, line)
                for row, entry in work.written
                if row["number"] in inserted or row["number"] in work.kept
                for place, line in enumerate(entry.lines)
            ]
            await self._insert_lines.execute_later(transaction, lines)
            left = {
                key: left[key] for key, row in work.new.items() if row["number"] not in inserted
            }
            attempt += 1
        return had

    async def _inserted(
        self, transaction: Transaction, shop: str, new: Mapping[_Key, Mapping[str, Any]]
    ) -> set[int]:
        """Inserts rows; the numbers of those that were not there."""
        if not new:
            return set()
        rows = list(new.values())
        if not self._is_sqlite:
            found = await transaction.connection.execute(self._insert_returning, rows)
            return {int(row.number) for row in found}
        numbers = {key: int(row["number"]) for key, row in new.items()}
        if await self._insert.execute(transaction, rows) == len(rows):
            return set(numbers.values())
        # Of this transaction: what was there before was written earlier.
        there = await _locked(transaction, shop, {platform_id for platform_id, _ in new})
        return {
            row.number
            for row in there
            if row.written_at == transaction.now
            and row.number == numbers.get((row.platform_id, row.part))
        }

    def _row(
        self,
        transaction: Transaction,
        entry: OrderEntry,
        original: _Original,
        digest: str,
        attempt: int,
    ) -> dict[str, Any]:
        shop, row = entry.shop, sealed_as(entry.platform_id, entry.part)
        given = IndexedContact(
            open_id=entry.buyer,
            swan_id=entry.swan_id,
            phone=entry.phone,
            receiver=entry.receiver,
        )
        contact = None if given == IndexedContact() else given
        personal = entry.personal
        if personal is not None:
            column = "index_orders.personal"
            personal = self._vault.seal(personal, shop=shop, row=row, column=column)
        codes = (line.code for line in entry.lines if line.code is not None)
        updated_at = entry.created_at if entry.updated_at is None else entry.updated_at
        return {
            "number": _number(entry, attempt),
            "shop": shop,
            "platform_id": entry.platform_id,
            "part": entry.part,
            "created_at": entry.created_at,
            "updated_at": updated_at,
            "paid_at": entry.paid_at or 0,
            "status": entry.status,
            "total": entry.total,
            "refunded": entry.refunded,
            "units": entry.units,
            "open_after_sale": entry.open_after_sale,
            "original_shop": original[0],
            "original_id": original[1],
            **contact_indexes(self._vault, shop, contact),
            "digest": digest,
            "seen_at": entry.seen_at,
            "written_at": transaction.now,
            "words": words_of((entry.platform_id, *entry.texts, *codes)),
            "contact": self._contact.seal(contact, shop=shop, row=row),
            "document": entry.document,
            "personal": personal,
        }

    def _digest(self, entry: OrderEntry) -> str:
        """Of all that was told; it stays the same when the encryption key changes."""
        # Its last field, which is not what was told.
        told = msgspec.json.encode(entry).decode().rpartition(',"seen_at":')[0] + ',"seen_at":0.0}'
        return self._vault.stable_id(entry.shop, "index_orders", told).hex()


class _Work:
    """What becomes of some rows."""

    def __init__(self, changes: SumChanges) -> None:
        self._changes = changes
        #: Of new rows.
        self._numbers: set[int] = set()
        #: Parameters of statements.
        self.seen: list[dict[str, Any]] = []
        self.dropped: list[dict[str, Any]] = []
        self.updated: list[dict[str, Any]] = []
        #: The numbers of the rows that are updated.
        self.kept: set[int] = set()
        self.new: dict[_Key, dict[str, Any]] = {}
        #: The rows that are updated or new, and what they are of.
        self.written: list[tuple[dict[str, Any], OrderEntry]] = []

    def knows(
        self, known: Row[Any] | None, digest: str, original: _Original, entry: OrderEntry
    ) -> bool:
        """Whether what the store has of one is newer, or is told again: then it is seen again."""
        if known is None:
            return False
        if known.seen_at > entry.seen_at:
            return True
        if known.digest != digest or original != (known.original_shop, known.original_id):
            return False
        self.seen.append({"of_number": known.number, "seen": entry.seen_at})
        return True

    def add(self, known: Row[Any] | None, row: dict[str, Any], entry: OrderEntry) -> None:
        """Decides about one row, of which the store has an earlier one, or none."""
        if known is None:
            self._add_new(row, entry)
            return
        by_number = {"of_number": known.number}
        self._changes.remove(known)
        if known.number // SECOND != row["number"] // SECOND:
            self.dropped.append(by_number)
            self._add_new(row, entry)
            return
        self.written.append((row, entry))
        row["number"] = known.number
        self.kept.add(known.number)
        self._changes.add(row)
        self.updated.append(by_number | {f"new_{name}": value for name, value in row.items()})

    def _add_new(self, row: dict[str, Any], entry: OrderEntry) -> None:
        while row["number"] in self._numbers:
            row["number"] = _next(row["number"])
        self._numbers.add(row["number"])
        self.new[entry.platform_id, entry.part] = row
        self.written.append((row, entry))


def _number(entry: OrderEntry, attempt: int) -> int:
    """By the creation, then by chance; another attempt gives another one."""
    named = f"{entry.shop}/{entry.platform_id}/{entry.part}".encode()
    chance = int.from_bytes(blake2b(named, digest_size=4).digest(), "big")
    return number_from(entry.created_at) + (chance + attempt) % SECOND


def _next(number: int) -> int:
    """Another number of the same second."""
    return number // SECOND * SECOND + (number + 1) % SECOND


def _line(row: Mapping[str, Any], place: int, line: OrderLineEntry) -> dict[str, Any]:
    return {
        "number": row["number"],
        "line": place,
        "shop": row["shop"],
        "platform_product_id": line.platform_product_id,
        "code": line.code,
        "units": line.units,
        "total": line.total,
    }


async def _locked(transaction: Transaction, shop: str, ids: Collection[str]) -> Sequence[Row[Any]]:
    """The rows of these orders, in every part of the shop, locked until the transaction ends."""
    wanted = sorted(set(ids))
    found: list[Any] = []
    for begin in range(0, len(wanted), _BATCH):
        values = {"in_shop": shop, "ids": wanted[begin : begin + _BATCH]}
        found.extend((await transaction.connection.execute(_LOCK, values)).all())
    return found


async def _originals(
    transaction: Transaction, shop: str, ids: Collection[str]
) -> dict[str, _Original]:
    """Of those of these orders that are copies, the orders that they were copied from."""
    if not ids:
        return {}
    values = {"in_shop": shop, "ids": sorted(set(ids))}
    rows = (await transaction.connection.execute(_ORIGINALS, values)).all()
    return {row[0]: (row[1], row[2]) for row in rows}
