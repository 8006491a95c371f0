import ast
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from msgspec.structs import replace
from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError

from gateway.errors import ConfigurationError, StoreUnavailable
from gateway.store import migrate, migrations
from gateway.store.documents import Payment
from gateway.store.engine import Database
from gateway.store.store import Store
from gateway.store.tables import metadata
from tests.store.conftest import Clock
from tests.store.samples import KEY
from tests.store.samples import order as stored_order

_EVENT_OF_THE_FIRST_VERSION = (
    "INSERT INTO inbox_events"
    " (shop, event_key, kind, trusted, event_at, state, attempts, next_attempt_at, written_at)"
    " VALUES ('flagship', 'k1', 'merchant_order', :no, 1, 'PENDING', 0, 1, 1)"
)


def execute(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def first_version(connection: Connection) -> None:
    """Make the tables as the first version had them."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["connection"] = connection
    command.upgrade(config, "0001")


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def tables(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return {name for (name,) in rows}


async def test_the_migrations_make_the_tables_that_the_code_uses(
    empty_url: str, clock: Clock
) -> None:
    def is_declared(_object: object, name: str | None, *_: object) -> bool:
        # What finds words is made by a migration, in the form of each database.
        return re.fullmatch(r"(ix_)?index_(orders|products)_words(_\w+)?", name or "") is None

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"include_object": is_declared})
        return list(compare_metadata(context, metadata))

    await migrate.upgrade(empty_url)

    database = Database(empty_url, clock=clock)
    async with database.transaction() as transaction:
        assert await transaction.connection.run_sync(differences) == []
    await database.close()


async def test_ids_sort_by_code_point(store_url: str, clock: Clock) -> None:
    database = Database(store_url, clock=clock)
    async with database.transaction() as transaction:
        for name in ("a", "B", "_", "甲", "😀", "～"):
            insert = text("INSERT INTO counters (name, value) VALUES (:name, 0)")
            await transaction.connection.execute(insert, {"name": name})
    rows = await database.fetch(text("SELECT name FROM counters ORDER BY name"))
    await database.close()

    assert [name for (name,) in rows] == sorted(("a", "B", "_", "甲", "😀", "～"))


async def test_an_empty_store_needs_the_migration_once(empty_url: str) -> None:
    assert await migrate.current(empty_url) is None
    assert await migrate.needs_migration(empty_url)

    await migrate.upgrade(empty_url)
    await migrate.upgrade(empty_url)

    assert await migrate.current(empty_url) == migrate.head()
    assert not await migrate.needs_migration(empty_url)


async def test_a_store_of_the_first_version_keeps_its_rows(empty_url: str, clock: Clock) -> None:
    database = Database(empty_url, clock=clock)
    async with database.transaction() as transaction:
        await transaction.connection.run_sync(first_version)
        await transaction.connection.execute(
            text(
                "INSERT INTO idempotency_keys"
                " (caller, key, operation_hash, owner, lease_until, written_at)"
                " VALUES ('open', 'k', :hash, 'o', 1, 1)"
            ),
            {"hash": b"op"},
        )
        await transaction.connection.execute(text(_EVENT_OF_THE_FIRST_VERSION), {"no": False})
        await transaction.connection.execute(
            text(
                "INSERT INTO order_overlays (shop, platform_id, status, written_at)"
                " VALUES ('flagship', '1', 'SHIPPED', 1)"
            )
        )

    assert await migrate.needs_migration(empty_url)
    await migrate.upgrade(empty_url)

    rows = await database.fetch(text("SELECT caller, key, receipts FROM idempotency_keys"))
    # A process of the first version that is still running writes as before.
    async with database.transaction() as transaction:
        older = _EVENT_OF_THE_FIRST_VERSION.replace("'k1'", "'k2'")
        await transaction.connection.execute(text(older), {"no": False})
    events = await database.fetch(text("SELECT event_key, reason, dead_at FROM inbox_events"))
    told = await database.fetch(text("SELECT told FROM order_overlays"))
    await database.close()
    assert sorted(map(tuple, events)) == [("k1", None, None), ("k2", None, None)]
    assert [bool(row.told) for row in told] == [True]
    assert await migrate.current(empty_url) == migrate.head()
    assert [tuple(row) for row in rows] == [("open", "k", None)]


async def test_copies_of_the_first_version_are_marked_and_deleted_ones_stay_deleted(
    empty_url: str, clock: Clock
) -> None:
    order = """INSERT INTO orders
        (shop, platform_id, created_at, status, document, version, written_at, deleted_at)
        VALUES ('mini', :id, :at, 'SHIPPED', :document, 1, 1, :deleted)"""
    mirror = """INSERT INTO mirrors
        (shop, platform_id, to_shop, to_platform_id, settings, version, written_at)
        VALUES ('flagship', :id, 'mini', :id, '{}', 1, 1)"""
    product = """INSERT INTO products
        (shop, platform_id, status, words, document, as_of, version, written_at)
        VALUES ('mini', :id, :status, '', '{}', :at, 1, 1)"""
    database = Database(empty_url, clock=clock)
    async with database.transaction() as transaction:
        await transaction.connection.run_sync(first_version)
        execute = transaction.connection.execute
        for id_, deleted in (("1", None), ("2", 5.0), ("3", None)):
            document = f'{{"items":[{{"platform_product_id":"p{id_}"}}]}}'
            values = {"id": id_, "at": int(id_), "document": document, "deleted": deleted}
            await execute(text(order), values)
        for id_ in ("1", "2"):
            await execute(text(mirror), {"id": id_})
        for id_, status, at in (("p1", "UNKNOWN", 1), ("p3", "UNKNOWN", 3), ("q1", "UNKNOWN", 1)):
            await execute(text(product), {"id": id_, "status": status, "at": at})

    await migrate.upgrade(empty_url)

    marks = "SELECT platform_id, original_shop FROM orders ORDER BY platform_id"
    stopped = "SELECT platform_id, stopped FROM mirrors ORDER BY platform_id"
    products = "SELECT platform_id FROM products ORDER BY platform_id"
    found = [await database.fetch(text(one)) for one in (marks, stopped, products)]
    await database.close()
    assert [[tuple(row) for row in rows] for rows in found] == [
        [("1", "flagship"), ("2", ""), ("3", "")],
        [("1", None), ("2", "DELETED")],
        # What the copy alone showed is no product of this shop.
        [("p3",), ("q1",)],
    ]


async def test_orders_of_an_earlier_version_are_found_by_their_payments(
    empty_url: str, clock: Clock
) -> None:
    order = """INSERT INTO orders
        (shop, platform_id, created_at, status, document, version, written_at)
        VALUES ('mini', :id, 1, 'SHIPPED', :document, 1, 1)"""
    paid = Payment(method="OTHER", paid=True)
    numbered = replace(paid, merchant_id="m", merchant_trade_number="1")
    payments = {
        "1": replace(numbered, reference="T1"),
        "2": numbered,
        "3": replace(paid, reference="支付" * 200),
        "4": replace(paid, reference="\0", merchant_id="m"),
        "5": replace(numbered, reference="", merchant_id=""),
        "6": None,
    }
    database = Database(empty_url, clock=clock)
    async with database.transaction() as transaction:
        await transaction.connection.run_sync(first_version)
        for id_, payment in payments.items():
            document = msgspec.json.encode(stored_order(id_, payment=payment)).decode()
            values = {"id": id_, "document": document}
            await transaction.connection.execute(text(order), values)
    await migrate.upgrade(empty_url)
    columns = "SELECT platform_id, payment_reference, trade_number FROM orders ORDER BY 1"

    found = [tuple(row) for row in await database.fetch(text(columns))]

    await database.close()
    assert found == [
        ("1", "T1", "m/1"),
        ("2", None, "m/1"),
        ("3", "支付" * 100, None),
        ("4", None, None),
        ("5", None, None),
        ("6", None, None),
    ]


async def become(url: str, clock: Clock, revision: str, serves_from: str) -> None:
    """Make a store what a newer version of the gateway leaves."""
    database = Database(url, clock=clock)
    async with database.transaction() as transaction:
        for statement in (
            "UPDATE alembic_version SET version_num = :revision",
            "UPDATE meta SET value = :oldest WHERE name = 'serves_from'",
        ):
            values = {"revision": revision, "oldest": serves_from.encode()}
            bound = {name: values[name] for name in values if f":{name}" in statement}
            await transaction.connection.execute(text(statement), bound)
    await database.close()


async def test_a_store_of_a_newer_version_is_refused(empty_url: str, clock: Clock) -> None:
    await migrate.upgrade(empty_url)
    await become(empty_url, clock, revision="9x", serves_from="9x")

    for refuse in (migrate.needs_migration, migrate.upgrade, migrate.prepare):
        with pytest.raises(ConfigurationError, match=r"newer version .* \(revision 9x\)"):
            await refuse(empty_url)
    assert await migrate.current(empty_url) == "9x"


async def test_a_newer_store_that_serves_this_version_is_used(empty_url: str, clock: Clock) -> None:
    await migrate.upgrade(empty_url)
    running = await Store.open(empty_url, encryption_key=KEY, clock=clock)
    await become(empty_url, clock, revision="9x", serves_from=migrate.head())

    assert await migrate.version(empty_url) == migrate.StoreVersion("9x", migrate.head())
    assert not await migrate.needs_migration(empty_url)
    await migrate.upgrade(empty_url)
    started = await Store.open(empty_url, encryption_key=KEY, clock=clock)
    for store in (running, started):
        await store.ready()
        await store.close()
    assert await migrate.current(empty_url) == "9x"


async def test_a_process_beside_a_newer_store_that_does_not_serve_it_is_not_ready(
    empty_url: str, clock: Clock
) -> None:
    await migrate.upgrade(empty_url)
    running = await Store.open(empty_url, encryption_key=KEY, clock=clock)
    await become(empty_url, clock, revision="9x", serves_from="9x")

    with pytest.raises(StoreUnavailable, match="the ledger has another version's tables"):
        await running.ready()
    await running.close()


async def test_a_migrated_store_says_whom_it_serves(empty_url: str) -> None:
    await migrate.upgrade(empty_url)

    # All of today's migrations add only.
    assert await migrate.version(empty_url) == migrate.StoreVersion(migrate.head(), "0001")


#: What may be called in a migration that is additive.
_ADDS = {"add_column", "create_table", "create_index", "execute", "get_bind"}


def test_an_additive_migration_only_adds() -> None:
    versions = sorted((Path(migrations.__file__).parent / "versions").glob("rev_*.py"))
    assert versions
    for file in versions:
        module = ast.parse(file.read_text())
        declared = [
            node.value.value
            for node in module.body
            if isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Constant)
            and [target.id for target in node.targets if isinstance(target, ast.Name)]
            == ["additive"]
        ]
        assert declared in ([True], [False]), f"{file.name} does not say whether it is additive"
        called = {
            node.func.attr
            for node in ast.walk(module)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "op"
        }
        assert declared == [False] or called <= _ADDS, file.name
        # Rows of code that does not know the column must still be accepted.
        for column in (
            node.args[1]
            for node in ast.walk(module)
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "op.add_column"
        ):
            assert isinstance(column, ast.Call)
            given = {word.arg: ast.unparse(word.value) for word in column.keywords}
            assert given.get("nullable") == "True" or "server_default" in given, file.name


async def test_tables_of_others_are_not_taken_over(empty_url: str, clock: Clock) -> None:
    database = Database(empty_url, clock=clock)
    async with database.transaction() as transaction:
        await transaction.connection.execute(text("CREATE TABLE orders (id INTEGER)"))

    with pytest.raises(ConfigurationError, match="not its own"):
        await migrate.upgrade(empty_url)

    assert await migrate.current(empty_url) is None
    assert len(await database.fetch(text("SELECT id FROM orders"))) == 0
    await database.close()


async def test_postgresql_is_migrated_by_command_only(postgres_url: str, clock: Clock) -> None:
    with pytest.raises(ConfigurationError, match=r"run `gateway migrate --config gateway\.toml`"):
        await Store.open(postgres_url, encryption_key=KEY, clock=clock)

    assert await migrate.current(postgres_url) is None


async def test_sqlite_is_migrated_at_the_start_after_a_copy(
    sqlite_url: str, tmp_path: Path, clock: Clock
) -> None:
    execute(tmp_path / "gateway.db", "CREATE TABLE older (value)", "INSERT INTO older VALUES (7)")
    (tmp_path / "gateway.db").chmod(0o600)

    store = await Store.open(sqlite_url, encryption_key=KEY, clock=clock)
    await store.close()

    copy = tmp_path / f"gateway.db.before-{migrate.head()}"
    assert tables(copy) == {"older"}
    assert copy.stat().st_mode & 0o777 == 0o600
    assert tables(tmp_path / "gateway.db") > {"older", "orders"}
    assert files(tmp_path) == ["gateway.db", copy.name]


async def test_a_new_file_is_not_copied(sqlite_url: str, tmp_path: Path) -> None:
    await migrate.upgrade(sqlite_url)

    assert files(tmp_path) == ["gateway.db"]


async def test_without_a_copy_nothing_is_migrated(sqlite_url: str, tmp_path: Path) -> None:
    execute(tmp_path / "gateway.db", "CREATE TABLE older (value)")
    (tmp_path / f"gateway.db.before-{migrate.head()}.unfinished").mkdir()

    with pytest.raises(StoreUnavailable, match="cannot be copied"):
        await migrate.upgrade(sqlite_url)

    assert tables(tmp_path / "gateway.db") == {"older"}


async def test_a_migration_that_fails_leaves_nothing_behind(
    sqlite_url: str, tmp_path: Path
) -> None:
    # The last table of the revision cannot be made: a view has its name.
    execute(tmp_path / "gateway.db", "CREATE VIEW leases AS SELECT 1")

    with pytest.raises(OperationalError, match="view leases already exists"):
        await migrate.upgrade(sqlite_url)

    assert tables(tmp_path / "gateway.db") == set()
