"""Seeds a store with a year of orders: `python -m bench.scale.seed sqlite:////tmp/big.db`.

The store must be empty; a million orders take some minutes. They are in ten shops (see
`bench.scale.shops`), sealed with the key that is printed, each row for its own place, so that the
gateway reads them as its own, and the index has all of them. `--waiting` of them, the newest, have
a push that waits.
With `postgres` instead of a URL, a PostgreSQL is started, and ended by Ctrl-C.
"""

import argparse
import asyncio
import base64
import contextlib
import signal
import sys
import time
from collections.abc import Callable
from typing import Final

from bench.scale import indexed_rows, ledger_rows
from bench.scale.bulk_load import BulkLoad, Rows, bulk_load
from bench.scale.databases import POSTGRES, postgres_server
from bench.scale.indexed_rows import IndexedRows
from bench.scale.ledger_rows import Columns, LedgerRows, Size
from bench.scale.shops import SHOPS
from gateway.store import migrate
from gateway.store.store import Store

#: What everything is sealed with.
KEY: Final = base64.b64encode(b"a key of 32 bytes for the bench!").decode()


async def seed(
    url: str, size: Size, *, say: Callable[[str], None] = lambda _: None, due_in: float = 0.0
) -> LedgerRows:
    """Fill an empty store; `say` is told how far it is.

    What waits is due in `due_in` seconds.

    Raises:
        ConfigurationError | StoreUnavailable: the store cannot be used.
    """
    await migrate.upgrade(url)
    store = await Store.open(url, encryption_key=KEY, clock=time.time)
    rows = LedgerRows(store.vault, size, int(time.time()), due_in)
    try:
        async with store.transaction() as transaction:
            for shop in SHOPS.values():
                products = rows.samples_of(shop).products
                await store.products.put_many(transaction, shop.key, products)
    finally:
        await store.close()
    async with bulk_load(url) as load:
        await _fill(load, rows, say)
    return rows


async def _fill(load: BulkLoad, rows: LedgerRows, say: Callable[[str], None]) -> None:
    index = IndexedRows(rows)
    tables: tuple[tuple[Columns, Callable[[], Rows]], ...] = (
        (ledger_rows.ORDERS, rows.orders),
        (ledger_rows.PUSHES, rows.pushes),
        (ledger_rows.CHANGES, rows.changes),
        (ledger_rows.AFTER_SALES, rows.after_sales),
        (ledger_rows.RECEIPTS, rows.receipts),
        (ledger_rows.EVENTS, rows.events),
        (ledger_rows.AUDIT, rows.audit),
        (indexed_rows.INDEXED, index.orders),
        (indexed_rows.LINES, index.lines),
        (indexed_rows.SUMS, index.sums),
        (indexed_rows.PROGRESS, index.progress),
    )
    for (table, columns), made in tables:
        began = time.monotonic()
        await load.put(table, columns, made())
        say(f"{table}: {time.monotonic() - began:.1f} s")
    await load.run(
        "INSERT INTO counters (name, value)"
        " SELECT 'order_changes', coalesce(max(cursor), 0) FROM order_changes"
    )
    await load.after_ids("pushes")
    say("indexes and statistics ...")


def main() -> None:
    """Seed the store of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", help="sqlite:///FILE, postgresql://…, or postgres")
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--waiting", type=int, default=100_000)
    given = parser.parse_args()
    size = Size(given.orders, given.waiting)
    if given.url != POSTGRES:
        _seed(given.url, size)
        return
    with postgres_server() as server, contextlib.suppress(KeyboardInterrupt):
        _seed(server.create_database(), size)
        sys.stdout.write("PostgreSQL runs until Ctrl-C\n")
        sys.stdout.flush()
        signal.pause()


def _seed(url: str, size: Size) -> None:
    began = time.monotonic()
    asyncio.run(seed(url, size, say=lambda words: print(words, file=sys.stderr)))  # noqa: T201
    sys.stdout.write(f"store.url: {url}\nstore.encryption_key: {KEY}\n")
    sys.stdout.write(f"{time.monotonic() - began:.0f} s\n")


if __name__ == "__main__":
    main()
