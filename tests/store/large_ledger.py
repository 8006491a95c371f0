"""A ledger with 100,000 rows in what grows most, written by set-based SQL within seconds."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import text

from gateway.store.engine import Database
from gateway.store.indexes import declared_indexes
from gateway.store.store import Store
from gateway.store.tables import counters, metadata
from tests.store.samples import KEY, NOW

#: Of nine in ten rows, and of the others.
LARGE, SMALL = "mini", "swan"
#: The buyer of twenty orders of the large shop.
OPEN_ID = "oABC-buyer-7"
ROWS = 100_000
#: Pushes that wait.
WAITING = 40_000

#: Tables that do not grow with what is sold, and why.
STAYS_SMALL: Final[Mapping[str, str]] = {
    "meta": "a row for each setting",
    "shops": "a row for each shop",
    "leases": "a row for each kind of work",
    "counters": "a row for each counter",
    "key_uses": "a row for each API key",
    "refund_totals": "a row for each API key and day, of today",
    "push_counts": "a row for each shop, operation, state and connection",
    "index_order_sums": "rows for each shop, day and status",
    "index_progress": "a row for each shop and kind",
    "webhook_endpoints": "a row for each address of an integrator",
}

_SHOP = "CASE WHEN n % 10 = 0 THEN 'swan' ELSE 'mini' END"
_AT = f"({int(NOW)} - (100000 - n) * 30)"
_BUYER = "CASE WHEN n % 5000 = 7 THEN :buyer ELSE BYTES('b' || (n % 5000)) END"
_ORDER = (
    """'{"platform_id":"o' || n || '","status":"SHIPPED","created_at": 1,"items":[],"total": 1}'"""
)

#: How many rows, and the columns with their expressions of n, which goes from 1 on.
_TABLES: Final[Mapping[str, tuple[int, Mapping[str, str]]]] = {
    "orders": (
        ROWS,
        {
            "shop": _SHOP,
            "platform_id": "'o' || n",
            "created_at": _AT,
            "status": "CASE n % 100 WHEN 1 THEN 'SHIPPED' WHEN 2 THEN 'REFUNDED'"
            " ELSE 'COMPLETED' END",
            "buyer": _BUYER,
            "document": _ORDER,
            "personal": "BYTES('sealed')",
            "version": "1",
            "written_at": _AT,
        },
    ),
    "pushes": (
        ROWS,
        {
            "shop": _SHOP,
            "aggregate": "'order/o' || n",
            "version": "1",
            "subject_kind": "'Order'",
            "subject_id": "'o' || n",
            "order_id": "'o' || n",
            "operation": "CASE n % 50 WHEN 1 THEN 'ORDER_DELETE' ELSE 'ORDER_IMPORT' END",
            "state": f"CASE WHEN n > {ROWS - WAITING} THEN 'PENDING'"
            " WHEN n % 1000 = 3 THEN 'DEAD' ELSE 'DELIVERED' END",
            "attempts": "0",
            "queued_at": _AT,
            "next_attempt_at": f"CASE WHEN n > {ROWS - WAITING} THEN {_AT} END",
            "buyer": _BUYER,
            "payload": "'{\"order\":' || " + _ORDER + " || '}'",
            "personal": "BYTES('sealed')",
            "dedupe_key": "'order/o' || n || '/1/ORDER_IMPORT'",
        },
    ),
    "order_changes": (
        ROWS,
        {
            "cursor": "n",
            "shop": _SHOP,
            "platform_id": "'o' || n",
            "status": "'SHIPPED'",
            "cause": "'POLL'",
            "buyer": _BUYER,
            "created_at": _AT,
            "written_at": _AT,
        },
    ),
    "object_changes": (
        ROWS,
        {
            "cursor": "n",
            "kind": "'Push'",
            "shop": _SHOP,
            "platform_id": "n",
            "status": "'DEAD'",
            "cause": "'DELIVERY'",
            "written_at": _AT,
        },
    ),
    "webhook_deliveries": (
        ROWS,
        {
            "endpoint": "1 + n % 3",
            "subject": "'s' || (n % 20000)",
            "topic": "'ORDER_CHANGED'",
            "shop": _SHOP,
            "body": "'{}'",
            "state": f"CASE WHEN n > {ROWS - WAITING} THEN 'PENDING'"
            " WHEN n % 1000 = 3 THEN 'DEAD' ELSE 'DELIVERED' END",
            "attempts": "1",
            "queued_at": _AT,
            # Half of them are the first of their lines.
            "next_attempt_at": f"CASE WHEN n > {ROWS - WAITING // 2} THEN {_AT} END",
        },
    ),
    "push_exchanges": (
        ROWS,
        {
            "push": "n",
            "shop": _SHOP,
            "request": "BYTES('sealed')",
            "response": "BYTES('sealed')",
            "written_at": _AT,
        },
    ),
    "idempotency_keys": (
        ROWS,
        {
            "caller": "'front'",
            "key": "'k' || n",
            "operation_hash": "BYTES('h')",
            "owner": "'o'",
            "lease_until": _AT,
            "outcome": "BYTES('sealed')",
            "personal": "CASE WHEN n % 10 = 0 THEN BYTES('sealed') END",
            "buyers": "'ab' || n",
            "written_at": _AT,
        },
    ),
    "inbox_events": (
        ROWS,
        {
            "shop": _SHOP,
            "event_key": "'e' || n",
            "kind": "'merchant_order'",
            "trusted": "1 = 1",
            "event_at": _AT,
            "body": "BYTES('sealed')",
            "state": "CASE n % 100 WHEN 1 THEN 'PENDING' WHEN 2 THEN 'DEAD' ELSE 'DONE' END",
            "attempts": "0",
            "next_attempt_at": f"CASE n % 100 WHEN 1 THEN {_AT} END",
            "reason": "CASE n % 100 WHEN 2 THEN 'broken' END",
            "dead_at": f"CASE n % 100 WHEN 2 THEN {_AT} END",
            "written_at": _AT,
        },
    ),
    "audit_events": (
        ROWS,
        {
            "at": _AT,
            "id": "n",
            "actor": "CASE n % 10000 WHEN 1 THEN 'rare' ELSE 'front' END",
            "action": "CASE n % 10000 WHEN 2 THEN 'gateway migrate' ELSE 'orders' END",
            "shops": "',' || " + _SHOP + " || ','",
            "revealed": "1",
            "outcome": "'OK'",
            "request_id": "'r' || n",
        },
    ),
    "after_sales": (
        20_000,
        {
            "shop": _SHOP,
            "order_platform_id": "'o' || n",
            "platform_id": "'a' || n",
            "created_at": _AT,
            "status": "CASE n % 1000 WHEN 1 THEN 'APPLYING' ELSE 'REFUNDED' END",
            "kind": "CASE n % 1000 WHEN 1 THEN 'EXCHANGE' ELSE 'REFUND_ONLY' END",
            "document": """'{"platform_id":"a","order_platform_id":"o","status":"REFUNDED",'"""
            """ || '"platform_status":"400","kind":"REFUND_ONLY","refund": 1,"created_at": 1}'""",
            "version": "1",
            "written_at": _AT,
        },
    ),
    "products": (
        20_000,
        {
            "shop": _SHOP,
            "platform_id": "'p' || n",
            "status": "CASE n % 1000 WHEN 1 THEN 'OFF_SHELF' ELSE 'ON_SHELF' END",
            "words": "'cotton p' || n",
            "document": """'{"platform_product_id":"p","title":"T"}'""",
            "as_of": _AT,
            "version": "1",
            "written_at": _AT,
        },
    ),
    "wanted_items": (
        20_000,
        {
            "shop": _SHOP,
            "item_id": "'w' || n",
            "buyer": _BUYER,
            "open_id": "BYTES('sealed')",
            "added_at": _AT,
            "document": """'{"platform_product_id":"p","title":"T","status":"ON_SALE",'"""
            """ || '"page_path":"/p"}'""",
            "version": "1",
            "written_at": _AT,
        },
    ),
    "partner_orders": (
        20_000,
        {
            "shop": _SHOP,
            "app_id": "'wx1'",
            "order_id": "'o' || n",
            "event_at": _AT,
            "written_at": _AT,
        },
    ),
    "order_overlays": (
        20_000,
        {
            "shop": _SHOP,
            "platform_id": "'o' || n",
            "closed_at": f"CASE n % 1000 WHEN 1 THEN {_AT} END",
            "status": "'SHIPPED'",
            "written_at": _AT,
        },
    ),
    "product_originals": (
        20_000,
        {
            "shop": _SHOP,
            "platform_id": "'p' || n",
            "document": "'{}'",
            "written_at": _AT,
        },
    ),
    "metadata_items": (
        20_000,
        {
            "kind": "CASE n % 2 WHEN 0 THEN 'Order' ELSE 'Product' END",
            "shop": _SHOP,
            "platform_id": "CASE n % 2 WHEN 0 THEN 'o' ELSE 'p' END || n",
            "part": "''",
            "key": "'erp'",
            "value": "'v' || n",
            "buyer": "CASE n % 2 WHEN 0 THEN " + _BUYER + " END",
            "open_id": "CASE n % 2 WHEN 0 THEN BYTES('sealed') END",
            "written_at": _AT,
        },
    ),
    "buyer_links": (
        20_000,
        {
            "shop": _SHOP,
            "buyer": "BYTES('b' || n)",
            "to_shop": "'to'",
            "to_buyer": "BYTES('t' || n)",
            "to_open_id": "BYTES('sealed')",
            "open_id": "BYTES('sealed')",
            "written_at": _AT,
        },
    ),
    "mirrors": (
        20_000,
        {
            "shop": _SHOP,
            "platform_id": "'o' || n",
            "to_shop": "'mini'",
            "to_platform_id": "'o' || n",
            "buyer": _BUYER,
            "settings": "'{}'",
            "personal": "BYTES('sealed')",
            "version": "1",
            "written_at": _AT,
            "ended_at": f"CASE n % 100 WHEN 1 THEN NULL ELSE {_AT} END",
        },
    ),
    "index_orders": (
        ROWS,
        {
            "number": f"CAST({_AT} AS BIGINT) * 1048576 + n",
            "shop": _SHOP,
            "platform_id": "'o' || n",
            "part": "''",
            "created_at": _AT,
            "updated_at": f"{_AT} + (n * 7919) % 100000",
            "paid_at": f"CASE n % 50 WHEN 1 THEN 0 ELSE {_AT} + 60 END",
            "status": "CASE n % 100 WHEN 1 THEN 'SHIPPED' WHEN 2 THEN 'REFUNDED'"
            " ELSE 'COMPLETED' END",
            "total": "(n * 7919) % 100000",
            "refunded": "0",
            "units": "1",
            "open_after_sale": "n % 500 = 3",
            "original_shop": "CASE n % 50 WHEN 7 THEN 'other' END",
            "original_id": "CASE n % 50 WHEN 7 THEN 'o' || n END",
            "buyer": _BUYER,
            "phone": "BYTES('p' || (n % 5000))",
            "receiver": "BYTES('r' || (n % 5000))",
            "digest": "'d' || n",
            "seen_at": _AT,
            "written_at": _AT,
            "words": "' cotton o' || n || CASE n % 1000 WHEN 7 THEN ' silk ' ELSE ' ' END",
            "contact": "BYTES('sealed')",
            "personal": "BYTES('sealed')",
            "document": "'{}'",
        },
    ),
    "index_order_lines": (
        ROWS,
        {
            "number": f"CAST({_AT} AS BIGINT) * 1048576 + n",
            "line": "0",
            "shop": _SHOP,
            "platform_product_id": "'p' || (n % 1000)",
            "code": "'c' || (n % 1000)",
            "units": "1",
            "total": "(n * 7919) % 100000",
        },
    ),
    "index_products": (
        20_000,
        {
            "shop": _SHOP,
            "platform_id": "'p' || n",
            "title": "'Cotton ' || n",
            "title_key": "'cotton ' || n",
            "price_min": "n % 1000",
            "price_max": "n % 1000",
            "stock": "n % 100",
            "status": "CASE n % 1000 WHEN 1 THEN 'OFF_SHELF' ELSE 'ON_SHELF' END",
            "seen_at": _AT,
            "written_at": _AT,
            "words": "' cotton p' || n || ' '",
            "document": "'{}'",
        },
    ),
    "index_skus": (
        20_000,
        {
            "shop": _SHOP,
            "platform_product_id": "'p' || n",
            "platform_sku_id": "'s' || n",
            "code": "'c' || (n % 5000)",
            "price": "n % 1000",
            "stock": "n % 100",
        },
    ),
    "index_after_sales": (
        20_000,
        {
            "shop": _SHOP,
            "order_platform_id": "'o' || n",
            "part": "''",
            "platform_id": "'a' || n",
            "created_at": _AT,
            "updated_at": f"{_AT} + (n * 7919) % 100000",
            "answer_before": f"{_AT} + 86400",
            "status": "CASE n % 1000 WHEN 1 THEN 'APPLYING' ELSE 'REFUNDED' END",
            "kind": "CASE n % 1000 WHEN 1 THEN 'EXCHANGE' ELSE 'REFUND_ONLY' END",
            "open": "n % 1000 = 1",
            "refund": "1",
            "seen_at": _AT,
            "written_at": _AT,
            "buyer": _BUYER,
            "open_id": "BYTES('sealed')",
            "document": "'{}'",
            "personal": "BYTES('sealed')",
        },
    ),
    "bulk_operations": (
        5_000,
        {
            "id": "n",
            "kind": "'IMPORT'",
            "state": "CASE n % 500 WHEN 1 THEN 'WAITING' ELSE 'COMPLETED' END",
            "shop": "'mini'",
            "caller": "'front'",
            "caller_id": "'k' || (n % 50)",
            "by_key": "1 = 1",
            "scopes": "'[]'",
            "created_at": _AT,
            "finished_at": f"CASE n % 500 WHEN 1 THEN NULL ELSE {_AT} END",
            "served_at": _AT,
        },
    ),
    "bulk_pieces": (
        20_000,
        {
            "operation": "1 + n % 5000",
            "direction": "CASE WHEN n % 2 = 0 THEN 'IN' ELSE 'OUT' END",
            "number": "n / 5000",
            "lines": "1",
            "bytes": "9",
            "content": "BYTES('sealed')",
            "written_at": _AT,
        },
    ),
    "bulk_piece_buyers": (
        20_000,
        {
            "buyer": "BYTES('b' || n)",
            "operation": "1 + n % 5000",
            "direction": "CASE WHEN n % 2 = 0 THEN 'IN' ELSE 'OUT' END",
            "number": "n / 5000",
        },
    ),
}


_ENDPOINT: Final = """
INSERT INTO webhook_endpoints (id, url, topics, enabled, key_name, key_id, secret, order_cursor,
object_cursor, begun_at, created_at)
VALUES (:number, 'https://a.example.com', '[]', :on, 'front', 'k1', '', 0, 0, :at, :at)
"""
_INSERT: Final = """
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ROWS)
INSERT INTO TABLE (COLUMNS) SELECT VALUES FROM numbers
"""


def grows() -> set[str]:
    """Answer the names of the tables that grow: all have rows here."""
    growing = metadata.tables.keys() - STAYS_SMALL.keys()
    assert growing == _TABLES.keys(), "a table that grows needs rows in _TABLES"
    return set(growing)


async def fill(url: str) -> None:
    """Fill an empty ledger, and gather its statistics; its indexes are made after its rows."""
    store = await Store.open(url, encryption_key=KEY, clock=lambda: NOW)
    await store.close()
    database = Database(url, clock=lambda: NOW, statement_timeout=60)
    buyers = {"buyer": store.vault.blind_index(LARGE, OPEN_ID)}
    bytes_of = "CAST({} AS BLOB)" if database.is_sqlite else "convert_to({}, 'UTF8')"
    async with database.transaction() as transaction:
        execute = transaction.connection.execute
        for index in declared_indexes():
            await execute(text(f"DROP INDEX {index.name}"))
        for table in metadata.sorted_tables:
            if table.name not in grows():
                continue
            rows, columns = _TABLES[table.name]
            values = ", ".join(_with_bytes(one, bytes_of) for one in columns.values())
            names = ", ".join(columns)
            sql = _INSERT.replace("TABLE", table.name).replace("COLUMNS", names)
            sql = sql.replace("VALUES", values).replace("ROWS", str(rows))
            await execute(text(sql), buyers if ":buyer" in sql else {})
        for number in range(1, 4):
            await execute(text(_ENDPOINT), {"number": number, "at": NOW, "on": True})
        for name in ("order_changes", "object_changes", "bulk_operations", "webhook_endpoints"):
            await execute(counters.insert(), {"name": name, "value": ROWS})
        for index in declared_indexes():
            await transaction.connection.run_sync(index.create)
    await database.analyze(metadata.tables.values())
    await database.close()


def _with_bytes(expression: str, form: str) -> str:
    before, mark, rest = expression.partition("BYTES(")
    if not mark:
        return expression
    depth, end = 1, 0
    while depth:
        depth += {"(": 1, ")": -1}.get(rest[end], 0)
        end += 1
    return before + form.format(rest[: end - 1]) + _with_bytes(rest[end:], form)
