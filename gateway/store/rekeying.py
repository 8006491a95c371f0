"""Rekeying: seals and indexes all rows with the present key, while gateways read and write them.

A row says by its sealed values which key it was written with, so that no state is kept: a
rekeying that was interrupted continues where it finds rows of a former key.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final

import msgspec
from sqlalchemy import Row, Select, Table, bindparam, delete, func, select, tuple_, update

from gateway.errors import LedgerUnreadable
from gateway.store.bulk_pieces import replace_content, unseal_content
from gateway.store.bulk_tables import bulk_pieces
from gateway.store.buyer_index import buyer_index
from gateway.store.crypto import Vault
from gateway.store.documents import OrderPersonal
from gateway.store.encryption_keys import keep_present_key
from gateway.store.engine import Database, Transaction
from gateway.store.index_tables import index_after_sales, index_orders
from gateway.store.indexed_contacts import IndexedContact, contact_indexes
from gateway.store.mirrors import MirroredBuyer
from gateway.store.sealed_columns import SEALED, SealedColumns
from gateway.store.tables import (
    buyer_links,
    idempotency_keys,
    metadata_items,
    mirrors,
    order_changes,
    orders,
    pushes,
    wanted_items,
)

#: Rows of one transaction: on SQLite all writers wait for it.
BATCH: Final = 500
#: How often all is rewritten while gateways still write with a former key.
_ROUNDS: Final = 3
#: Columns that are large and not needed.
_DOCUMENTS: Final = {"document", "payload", "settings", "last_error", "words"}
_PERSONAL: Final = msgspec.json.Decoder(OrderPersonal)
_MIRRORED: Final = msgspec.json.Decoder(MirroredBuyer)
_CONTACT: Final = msgspec.json.Decoder(IndexedContact)
#: Tables with a buyer's index and open id.
_WITH_OPEN_ID: Final = {
    wanted_items,
    order_changes,
    buyer_links,
    index_after_sales,
    metadata_items,
}

#: Called with a table's name, how many of its rows were looked at, and how many it has.
Progress = Callable[[str, int, int], None]


@dataclass(slots=True)
class RekeyReport:
    """Rows by the names of their tables."""

    #: Sealed and indexed with the present key.
    rewritten: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    #: Left under a former key, by the check at the end.
    left: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    #: With a value that none of the keys can decrypt.
    unreadable: dict[str, int] = field(default_factory=lambda: defaultdict(int))


class _NoOpenIdError(Exception):
    """The row has an index only, of an open id that is not found in other rows."""


class Rekeying:
    """Rewrites a store's rows; every method raises StoreUnavailable."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def run(self, progress: Progress, *, batch: int = BATCH) -> RekeyReport:
        """Rewrites all rows of former keys, then counts what is left under one.

        Rows that are locked meanwhile, or written with a former key, are rewritten in a further
        round. `batch` rows are one transaction, after which it pauses as long as that took.
        """
        report = RekeyReport()
        for _ in range(_ROUNDS):
            for columns in SEALED.values():
                await self._rewrite(columns, report, progress, _of_one_batch(columns, batch))
            report.left.clear()
            report.unreadable.clear()
            for columns in SEALED.values():
                await self._count_left(columns, report, _of_one_batch(columns, batch))
            if not report.left:
                break
        return report

    async def finish(self, transaction: Transaction) -> None:
        """From now on the store can be opened without the former keys; once nothing is left."""
        await keep_present_key(transaction, self._vault)

    async def _rewrite(
        self, columns: SealedColumns, report: RekeyReport, progress: Progress, batch: int
    ) -> None:
        table, name = columns.table, columns.table.name
        counted = await self._database.fetch(select(func.count()).select_from(table))
        total, seen = int(counted[0][0]), 0
        last: Sequence[Any] | None = None
        while True:
            began = monotonic()
            # A row that another transaction has locked is left to a further round: a transaction
            # that never waits can be part of no deadlock.
            some = _page(table, last, batch).with_for_update(skip_locked=True, key_share=True)
            async with self._database.transaction() as transaction:
                rows = (await transaction.connection.execute(some)).all()
                changes = []
                for row in rows:
                    try:
                        change = await self._change(transaction, columns, row)
                    except (LedgerUnreadable, _NoOpenIdError):
                        continue
                    if change:
                        changes.append((row, change))
                await _write(transaction, self._vault, table, changes)
            report.rewritten[name] += len(changes)
            if not rows:
                return
            last = _key_of(table, rows[-1])
            seen += len(rows)
            progress(name, seen, max(total, seen))
            await asyncio.sleep(monotonic() - began)

    async def _count_left(self, columns: SealedColumns, report: RekeyReport, batch: int) -> None:
        name = columns.table.name
        last: Sequence[Any] | None = None
        while rows := await self._database.fetch(_page(columns.table, last, batch)):
            for row in rows:
                try:
                    left = bool(await self._change(None, columns, row))
                except LedgerUnreadable:
                    report.unreadable[name] += 1
                    continue
                except _NoOpenIdError:
                    left = True
                if left:
                    report.left[name] += 1
            last = _key_of(columns.table, rows[-1])

    async def _change(
        self, within: Transaction | None, columns: SealedColumns, row: Row[Any]
    ) -> dict[str, Any]:
        """What the row's columns are to be; empty: they are so.

        Raises LedgerUnreadable, _NoOpenIdError.
        """
        table = columns.table
        plain: dict[str, bytes] = {}
        former = False
        for name in columns.names:
            sealed = getattr(row, name)
            if sealed is not None:
                place = columns.place_of(row, name)
                plain[name], current = self._vault.unsealed(sealed, **place)
                former = former or not current
        if table in {buyer_links, order_changes} and "open_id" not in plain:
            if not self._vault.has_former_keys or (table is buyer_links and not former):
                return {}
            if row.buyer is None:
                return {}
            plain["open_id"] = (await self._find_open_id(within, table, row)).encode()
            former = True
        indexes = self._indexes(table, row, plain)
        if table is idempotency_keys and former and row.buyers:
            # Its buyers' ids are unknown: from now on it counts as an outcome of any buyer.
            indexes["buyers"] = None
        if not former and all(getattr(row, name) == value for name, value in indexes.items()):
            return {}
        # The place of a link's values has its index.
        moved = _Moved(row, indexes)
        sealed_again = {
            name: self._vault.seal(value, **columns.place_of(moved, name))
            for name, value in plain.items()
        }
        return indexes | sealed_again

    def _indexes(
        self, table: Table, row: Row[Any], plain: Mapping[str, bytes]
    ) -> dict[str, bytes | None]:
        vault = self._vault
        found: dict[str, bytes | None] = {}
        if table in {orders, pushes} and "personal" in plain:
            found["buyer"] = buyer_index(vault, row.shop, _PERSONAL.decode(plain["personal"]))
        elif table is mirrors and "personal" in plain:
            open_id = _MIRRORED.decode(plain["personal"]).open_id
            found["buyer"] = None if open_id is None else vault.blind_index(row.shop, open_id)
        elif table is index_orders and "contact" in plain:
            found |= contact_indexes(vault, row.shop, _CONTACT.decode(plain["contact"]))
        elif table in _WITH_OPEN_ID and "open_id" in plain:
            found["buyer"] = vault.blind_index(row.shop, plain["open_id"].decode())
        if table is buyer_links:
            found["to_buyer"] = vault.blind_index(row.to_shop, plain["to_open_id"].decode())
        return found

    async def _find_open_id(self, within: Transaction | None, table: Table, row: Row[Any]) -> str:
        """The open id of a row that has its index only, from a row that has both."""
        for other in (orders, pushes, mirrors, wanted_items):
            condition = (other.c.shop == row.shop) & (other.c.buyer == row.buyer)
            if table is order_changes and other is orders:
                condition = (orders.c.shop == row.shop) & (orders.c.platform_id == row.platform_id)
            for found in await self._database.fetch(
                select(other).where(condition).limit(1), within=within
            ):
                columns = SEALED[other.name]
                name = columns.names[0]
                sealed = getattr(found, name)
                if sealed is None:
                    continue
                value = self._vault.unseal(sealed, **columns.place_of(found, name))
                open_id = (
                    value.decode()
                    if other is wanted_items
                    else msgspec.json.decode(value, type=MirroredBuyer).open_id
                )
                if open_id is not None and row.buyer in self._vault.blind_indexes(
                    row.shop, open_id
                ):
                    return open_id
        raise _NoOpenIdError


class _Moved:
    """A row as it will be."""

    def __init__(self, row: Row[Any], changes: Mapping[str, Any]) -> None:
        self._row = row
        self._changes = changes

    def __getattr__(self, name: str) -> Any:
        return self._changes[name] if name in self._changes else getattr(self._row, name)


def _page(table: Table, last: Sequence[Any] | None, limit: int) -> Select[Any]:
    key = list(table.primary_key.columns)
    needed = [column for column in table.columns if column.name not in _DOCUMENTS]
    some = select(*needed).order_by(*key).limit(limit)
    return some if last is None else some.where(tuple_(*key) > tuple_(*last))


def _key_of(table: Table, row: Row[Any]) -> tuple[Any, ...]:
    return tuple(getattr(row, column.name) for column in table.primary_key.columns)


def _of_one_batch(columns: SealedColumns, batch: int) -> int:
    return batch if columns.batch is None else min(batch, columns.batch)


async def _write(
    transaction: Transaction,
    vault: Vault,
    table: Table,
    changes: Sequence[tuple[Row[Any], dict[str, Any]]],
) -> None:
    key = [column.name for column in table.primary_key.columns]
    if table is bulk_pieces:
        for row, change in changes:
            content = unseal_content(vault, _Moved(row, change))
            await replace_content(transaction, vault, row, content)
        return
    if table is buyer_links:
        for row, change in changes:
            await _make_room(transaction, row, change)
    by_columns: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for row, change in changes:
        old = {f"old_{name}": getattr(row, name) for name in key}
        by_columns[tuple(sorted(change))].append(
            old | {f"new_{name}": value for name, value in change.items()}
        )
    for names, values in by_columns.items():
        statement = (
            update(table)
            .where(*(table.c[name] == bindparam(f"old_{name}") for name in key))
            .values({name: bindparam(f"new_{name}") for name in names})
        )
        await transaction.connection.execute(statement, values)


async def _make_room(transaction: Transaction, row: Row[Any], change: Mapping[str, Any]) -> None:
    """Deletes a link of the same buyer that has the present key's index, and is older or equal.

    A younger one stays, and the row's own index is then deleted with it.
    """
    if change["buyer"] == row.buyer:
        return
    same = (
        (buyer_links.c.shop == row.shop)
        & (buyer_links.c.to_shop == row.to_shop)
        & (buyer_links.c.buyer == change["buyer"])
    )
    found = (await transaction.connection.execute(select(buyer_links).where(same))).first()
    if found is None:
        return
    if found.written_at > row.written_at:
        same = (
            (buyer_links.c.shop == row.shop)
            & (buyer_links.c.to_shop == row.to_shop)
            & (buyer_links.c.buyer == row.buyer)
        )
    await transaction.connection.execute(delete(buyer_links).where(same))
