"""What version 1 stored in plain: buyers' notes, and what platforms' words say of persons.

It is read as personal data, sealed at the first start, and erased.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Table, select, tuple_, update

from gateway.personal_patterns import hide_personal
from gateway.store.crypto import Vault
from gateway.store.documents import FoundPersonal, OrderPersonal
from gateway.store.encrypted_values import EncryptedValues
from gateway.store.engine import Database, Transaction
from gateway.store.pushes import PushErrors
from gateway.store.tables import meta, orders, pushes

#: What a document with a note contains; in a text the quotes would be escaped.
_MARK: Final = '"remark":'
_DONE: Final = "plain_personal_sealed"
#: Rows that are looked through at once.
_BATCH: Final = 5_000
_GET_DONE: Final = select(meta.c.value).where(meta.c.name == _DONE)


def split_remark(text: str, found: FoundPersonal) -> tuple[str, FoundPersonal]:
    """A document or payload without the note that it has in plain, and the buyer with it.

    A buyer who was erased gets it no more.
    """
    if _MARK not in text:
        return text, found
    whole: dict[str, Any] = msgspec.json.decode(text)
    # The payload of a push has the order in it.
    order = whole.get("order", whole)
    remark = order.pop("remark", None) if isinstance(order, dict) else None
    if remark is None:
        return text, found
    if isinstance(found, OrderPersonal) and found.remark is None:
        found = msgspec.structs.replace(found, remark=remark)
    return msgspec.json.encode(whole).decode(), found


def _plain(table: Table, column: str) -> ColumnElement[bool]:
    return table.c[column].contains(_MARK, autoescape=True)


async def drop_plain_remarks(
    transaction: Transaction, table: Table, keys: Sequence[tuple[Any, ...]]
) -> None:
    """Deletes the notes in plain from the rows of `orders` or `pushes` with these keys."""
    column, key = _COLUMNS[table.name]
    # SQLite finds no rows by pairs of columns with an index.
    named = (one.in_({values[place] for values in keys}) for place, one in enumerate(key))
    matching = select(*key, table.c[column]).where(*named, _plain(table, column))
    for row in (await transaction.connection.execute(matching)).all():
        if tuple(row[:-1]) not in keys:
            continue
        text, _ = split_remark(row[-1], None)
        changed = update(table).where(*(one == row[i] for i, one in enumerate(key)))
        await transaction.connection.execute(changed.values({column: text}))


async def seal_plain_personal(database: Database, vault: Vault) -> None:
    """Seals all that is stored in plain, once for a store; raises StoreUnavailable."""
    if await database.fetch(_GET_DONE):
        return
    for table in (orders, pushes):
        last: Sequence[Any] | None = None
        while (last := await _seal_some(database, vault, table, last)) is not None:
            pass
    last_id: int | None = 0
    while last_id is not None:
        last_id = await _seal_errors(database, PushErrors(vault), last_id)
    async with database.transaction() as transaction:
        insert = database.insert(meta).on_conflict_do_nothing()
        await transaction.connection.execute(insert, {"name": _DONE, "value": b"1"})


async def _seal_some(
    database: Database, vault: Vault, table: Table, last: Sequence[Any] | None
) -> Sequence[Any] | None:
    """Seals the notes of the rows that follow the key `last`; returns the last of their keys."""
    column, key = _COLUMNS[table.name]
    beyond = () if last is None else (tuple_(*key) > tuple_(*last),)
    # Read outside of the transaction, for which others wait: nearly all rows have no note.
    ends = await database.fetch(select(*key).where(*beyond).order_by(*key).limit(_BATCH))
    if not ends:
        return None
    last = tuple(ends[-1])
    plain = (*beyond, tuple_(*key) <= tuple_(*last), _plain(table, column))
    if not await database.fetch(select(*key).where(*plain).limit(1)):
        return last
    sealed = EncryptedValues(vault, OrderPersonal, column=f"{table.name}.personal")
    async with database.transaction() as transaction:
        some = select(table).where(*plain).order_by(*key).with_for_update()
        for row in (await transaction.connection.execute(some)).all():
            name = row.platform_id if table is orders else row.dedupe_key
            place = {"shop": row.shop, "row": name}
            found = sealed.attempt(row.personal, **place)
            text, found = split_remark(getattr(row, column), found)
            values: dict[str, Any] = {column: text}
            if isinstance(found, OrderPersonal):
                values["personal"] = sealed.seal(found, **place)
            changed = update(table).where(*(one == getattr(row, one.name) for one in key))
            await transaction.connection.execute(changed.values(values))
    return last


async def _seal_errors(database: Database, errors: PushErrors, last: int) -> int | None:
    """Seals the platforms' words of pushes after the id `last`; returns the last of their ids."""
    ends = await database.fetch(
        select(pushes.c.id).where(pushes.c.id > last).order_by(pushes.c.id).limit(_BATCH)
    )
    if not ends:
        return None
    failed = (pushes.c.id > last, pushes.c.id <= ends[-1].id, pushes.c.last_error.is_not(None))
    if not await database.fetch(select(pushes.c.id).where(*failed).limit(1)):
        return int(ends[-1].id)
    some = select(pushes).where(*failed).order_by(pushes.c.id).with_for_update()
    async with database.transaction() as transaction:
        for row in (await transaction.connection.execute(some)).all():
            error = errors.read(row)
            if error is None or (safe := hide_personal(error.message)) == error.message:
                continue
            # The words of a push whose buyer was erased are erased too.
            told = None if row.buyer is None and row.personal is None else error.message
            changed = msgspec.structs.replace(error, message=safe, told=told)
            columns = errors.columns(changed, shop=row.shop, dedupe_key=row.dedupe_key)
            where = update(pushes).where(pushes.c.id == row.id)
            await transaction.connection.execute(where.values(**columns._asdict()))
    return int(ends[-1].id)


#: The column with the document, and the key, of each table that has notes.
_COLUMNS: Final = {
    orders.name: ("document", (orders.c.shop, orders.c.platform_id)),
    pushes.name: ("payload", (pushes.c.id,)),
}
