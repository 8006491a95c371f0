"""No statement of the store reads more as tables grow, on SQLite and on PostgreSQL.

Every public method of every repository is called on a large ledger, with arguments that are chosen
by the names of its parameters. The plan of each statement must scan no table that grows, and what
it reads is measured. What may read more is named in `EXCEPTIONS`, with the reason.
"""

import inspect
import itertools
import json
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import Pool

from gateway.errors import LedgerUnreadable
from gateway.store import migrate
from gateway.store.after_sales import AfterSaleKey, AfterSalePosition, StoredAfterSaleQuery
from gateway.store.audit_events import AuditEntry, AuditPosition, AuditQuery
from gateway.store.batches import no_progress
from gateway.store.bulk_operations import BulkCaller, BulkProgress, NewBulkOperation
from gateway.store.bulk_pieces import PieceContent
from gateway.store.buyer_links import LinkPosition
from gateway.store.documents import PaymentKeys
from gateway.store.engine import Transaction
from gateway.store.idempotency import KeyName
from gateway.store.inbox import EventBody, NewEvent
from gateway.store.index_progress import IndexReach
from gateway.store.indexes import declared_indexes
from gateway.store.mirrors import Mirror, StoppedMirror
from gateway.store.object_changes import NewObjectChange
from gateway.store.order_changes import NewOrderChange
from gateway.store.order_overlays import Look
from gateway.store.orders import OrderPosition, StoredOrderQuery
from gateway.store.outbox import START, Lease, Position, QueueKey, Settlement
from gateway.store.partner_orders import PartnerOrder, PartnerOrderPosition
from gateway.store.product_originals import ProductOriginal
from gateway.store.products import ProductEntry, StoredProductQuery
from gateway.store.push_exchanges import NewExchange, PushExchange
from gateway.store.pushes import NewPush, PushPosition, PushQuery
from gateway.store.retention import RetentionPeriods, rules
from gateway.store.store import Store
from gateway.store.wanted_items import WantedItemKey, WantedItemPosition
from schema.key import Key
from tests.fixtures_postgres import PostgresServer
from tests.store import large_ledger
from tests.store.claims import claim_due
from tests.store.large_ledger import LARGE, OPEN_ID, ROWS, SMALL, grows
from tests.store.plan_arguments import INDEX_ARGUMENTS, MIDDLE, WEBHOOK_ARGUMENTS, Made, Several
from tests.store.samples import KEY, NOW, PERSONAL, after_sale, order, product, wanted_item

#: Rows of growing tables that one statement may read; the tables have ten to fifty times as many.
MOST_ROWS: Final = 2_000
#: Instructions of SQLite's machine for as many.
MOST_STEPS: Final = 40_000
#: Instructions after which SQLite counts.
STEPS: Final = 100

#: What may read more, by method, and why.
EXCEPTIONS: Final[Mapping[str, str]] = {
    "webhook_deliveries.count": "counts up to 10,000 deliveries, of the index",
    "audit_events.count": "counts up to 10,000 events, of the index",
    "order_overlays.closed": "gives all closed orders of a shop; kept until one is closed",
    "after_sales.count": "how much an export has before it",
    "orders.count": "how much an export has before it",
    "products.count": "how much an export has before it",
    "indexed_after_sales.count": "counts what a list shows, of an index",
    "indexed_orders.page": "reads a frequent word's orders in the list's order, up to a full page",
    "indexed_orders.count": "counts what a list shows: by sums, else of an index",
    "order_statistics.count": "the same",
    "order_statistics.rows": "adds up what is asked for",
    "indexed_products.count": "counts what a list shows, of an index",
    "personal.count_older_than": "how much a command has before it",
    "personal.erase_buyer": "looks through the outcomes of two days, in pages of their key",
    "rekeying.run": "rewrites each row once, in pages of its key; counts them for the progress",
}
#: Methods that send nothing, or whose statements are driven by other methods.
NOT_DRIVEN: Final[Mapping[str, str]] = {
    "_readiness.check": "touches one row of `meta`, by its key",
    "_readiness.close": "sends nothing",
}
#: Indexes of what waits, and the like: all of such an index may be read.
PARTIAL: Final = frozenset(
    str(index.name)
    for index in declared_indexes()
    if index.dialect_options["sqlite"]["where"] is not None
)
PERIODS: Final = RetentionPeriods(personal=365, changes=7, pushes=90, bulk=7, audit=365)
SEEN: Final = f"o{ROWS // 2 + 1}"


async def claimed_push(store: Store, transaction: Transaction) -> Any:
    """Answer a push that waited."""
    pushes = await claim_due(store, transaction, "me", LARGE, lease=60, limit=1)
    return pushes[0]


async def claimed_pushes(store: Store, transaction: Transaction) -> Any:
    """Answer a push that waited, among others that could be."""
    return [await claimed_push(store, transaction)]


async def claimed_event(store: Store, transaction: Transaction) -> Any:
    """Answer an event that waited."""
    return (await store.inbox.claim(transaction, "me", lease=60, limit=1))[0]


async def letter(store: Store, _transaction: Transaction) -> Any:
    """Answer a dead letter."""
    return (await store.dead_letters.page([LARGE], limit=1))[0]


async def claimed_bulk(store: Store, transaction: Transaction) -> Any:
    """Answer a bulk operation that waited."""
    return await store.bulk_operations.claim(transaction, "me", ["IMPORT"], lease=60)


class Enough(Exception):
    """Ends what would read all rows."""


def enough(*_: object) -> None:
    raise Enough


def push() -> NewPush:
    return NewPush(
        shop=LARGE,
        operation="ORDER_IMPORT",
        aggregate="order/new",
        version=1,
        payload="{}",
        order_id="new",
        personal=PERSONAL,
    )


async def piece(store: Store, _transaction: Transaction) -> Any:
    """Answer a new piece of an operation's file."""
    return store.bulk_operations.pieces.sealed(7, "IN", 99, PieceContent([b"{}"]))


async def receiving(store: Store, transaction: Transaction) -> Any:
    """Answer the number of an operation whose file is on its way."""
    return await store.bulk_operations.begin_receiving(transaction, BULK, lease=60)


async def received_piece(store: Store, transaction: Transaction) -> Any:
    """Answer a piece of a file that is on its way."""
    number = await receiving(store, transaction)
    return store.bulk_operations.pieces.sealed(number, "IN", 0, PieceContent([b"{}"]))


BULK: Final = NewBulkOperation(
    kind="IMPORT",
    caller=BulkCaller(name="front", key_id="k1", by_key=True, scopes=frozenset(), shops=None),
    shop=LARGE,
)
ORDER_QUERIES: Final = Several(
    StoredOrderQuery(
        statuses=statuses,
        buyer_open_id=buyer,
        created_from=start,
        created_to=end,
        original_shops=originals,
    )
    for statuses, buyer, (start, end), originals in itertools.product(
        (None, ["REFUNDED"], ["SHIPPED", "CANCELLED"]),
        (None, OPEN_ID),
        ((None, None), (MIDDLE - 900_000, MIDDLE + 900_000)),
        (None, [""], ["", "another"]),
    )
)
PUSH_QUERIES: Final = Several(
    PushQuery(
        shops,
        states=states,
        operations=operations,
        order_id=order_id,
        queued_from=start,
        queued_to=end,
    )
    for shops, states, operations, order_id, (start, end) in itertools.product(
        ([LARGE], [LARGE, SMALL, "none"]),
        (None, ["DEAD"], ["PENDING", "DELIVERED"]),
        (None, ["ORDER_DELETE"]),
        (None, SEEN),
        ((None, None), (MIDDLE - 900_000, MIDDLE + 900_000)),
    )
)

#: By `repository.parameter`, or by the parameter's name alone.
ARGUMENTS: Final[Mapping[str, Any]] = {
    "shop": LARGE,
    "to_shop": "to",
    "shops": [LARGE, SMALL],
    "keys": [LARGE],
    "platform_id": SEEN,
    "platform_ids": [SEEN, "o7", "none"],
    "order_id": SEEN,
    "order_platform_id": "o7",
    "order_platform_ids": ["o7", "o8"],
    "products": ["p1", "p2"],
    "product": "p1",
    "item_ids": ["w1", "none"],
    "open_id": OPEN_ID,
    "open_ids": [OPEN_ID],
    "buyer_id": OPEN_ID,
    "limit": 50,
    "owner": "me",
    "lease": 60.0,
    "now": NOW,
    "at": NOW,
    "before": NOW,
    "read_at": NOW + 1,
    #: All but the oldest rows are younger.
    "seconds": (ROWS - 100) * 30.0,
    "within": None,
    "name": "a name",
    "amount": 1,
    "document": order("new"),
    "personal": PERSONAL,
    "ids": [1, ROWS // 2],
    "push": push(),
    "cursor": ROWS // 2,
    "changes": [
        NewOrderChange(
            shop=LARGE,
            platform_id="new",
            status=None,
            previous_status=None,
            cause="POLL",
            open_id=OPEN_ID,
        )
    ],
    "event": NewEvent(
        shop=LARGE, kind="k", identity=("new",), trusted=True, event_at=1, body=EventBody("o7")
    ),
    "reason": "broken",
    "digits": "e1002",
    "letter": Made(letter),
    "message": b"unreadable",
    "trusted": True,
    "mirror": Mirror(shop=LARGE, platform_id="new", to_shop="to", to_platform_id="new"),
    "mirrors": [("o7", "mini")],
    "links": {OPEN_ID: "theirs"},
    "path": "/cart",
    "look": Look.NEWS,
    "status": "SHIPPED",
    "key": "refunder",
    "fen": 1,
    "most": 100,
    "uses": {"k1": NOW},
    "progress": enough,
    "batch": 500,
    "orders.entries": [(order("new"), PERSONAL), (order(SEEN), PERSONAL)],
    "orders.query": ORDER_QUERIES,
    "orders.after": Several((None, OrderPosition(MIDDLE, "~"))),
    "orders.payments": [PaymentKeys("T1", ("m", "1")), PaymentKeys("none", None)],
    "after_sales.keys": [AfterSaleKey("o7", "a7")],
    "after_sales.documents": [after_sale("o7", "new")],
    "after_sales.query": Several(
        StoredAfterSaleQuery(statuses=statuses, kinds=kinds)
        for statuses in (None, ["APPLYING"], ["APPLYING", "AGREED"])
        for kinds in (None, ["EXCHANGE"])
    ),
    "after_sales.after": Several((None, AfterSalePosition(MIDDLE, "o", "a"))),
    "products.platform_ids": ["p1", "p2"],
    "products.entries": [ProductEntry(product("new"), "ON_SHELF", 1)],
    "products.query": Several(
        (
            StoredProductQuery(),
            StoredProductQuery(statuses=["OFF_SHELF"]),
            StoredProductQuery(statuses=["OFF_SHELF", "UNKNOWN"]),
            StoredProductQuery(search="cotton"),
        )
    ),
    "products.after": Several(("", "p2")),
    "personal.progress": no_progress,
    "retention.progress": no_progress,
    "retention.done_at": NOW,
    "retention.periods": PERIODS,
    "retention.rule": Several(rule for rule, _ in rules(PERIODS)),
    "product_originals.original": ProductOriginal(LARGE, "p1", "{}", None),
    "order_overlays.paid_at": 1,
    "metadata_items.objects": [Key("Order", LARGE, "o8"), Key("Product", LARGE, "p7")],
    "metadata_items.of": Key("Order", LARGE, "o8"),
    "metadata_items.changes": {"erp": "", "label": "new"},
    "metadata_items.kind": "Order",
    "wanted_items.documents": [wanted_item("p1")],
    "wanted_items.keys": [WantedItemKey("p1")],
    "wanted_items.after": Several((None, WantedItemPosition(MIDDLE, "w"))),
    "partner_orders.order": PartnerOrder(LARGE, "wx1", "new", 1),
    "partner_orders.app_id": "wx1",
    "partner_orders.announced_from": Several((None, MIDDLE)),
    "partner_orders.announced_to": Several((None, MIDDLE)),
    "partner_orders.after": Several((None, PartnerOrderPosition(MIDDLE, "o"))),
    "pushes.given": [push()],
    "pushes.order_ids": [SEEN],
    "pushes.query": PUSH_QUERIES,
    "pushes.after": Several((None, PushPosition(ROWS // 2, MIDDLE))),
    "object_changes.changes": [
        NewObjectChange(kind="Push", shop=LARGE, platform_id="7", status="DEAD", cause="DELIVERY")
    ],
    "push_exchanges.calls": [NewExchange(7, LARGE, PushExchange(b"{}", b"{}"))],
    "outbox.push": Made(claimed_push),
    "outbox.push_id": ROWS,
    "outbox.push_ids": [ROWS],
    "outbox.lines": [QueueKey(LARGE, f"order/o{ROWS - 1}")],
    "outbox.aggregates": [f"order/o{ROWS - 1}"],
    "outbox.line": QueueKey(LARGE, f"order/o{ROWS - 1}"),
    "outbox.operation": "ORDER_IMPORT",
    "outbox.until": Several((None, NOW + 900)),
    "outbox.after": Several((START, Position(NOW, ROWS // 2))),
    "outbox.but": {1},
    "outbox.leases": [Lease(ROWS, NOW, lost=False)],
    "outbox.delivered": Made(claimed_pushes),
    "outbox.operations": ["ORDER_IMPORT"],
    "outbox.payload": "{}",
    "outbox.settlement": Settlement(state="DELIVERED", delivered_at=NOW),
    "inbox.event": Made(claimed_event),
    "inbox.receive.event": NewEvent(
        shop=LARGE, kind="k", identity=("new",), trusted=True, event_at=1, body=EventBody("o7")
    ),
    "dead_letters.event": Made(claimed_event),
    "index_progress.kind": "orders",
    "index_progress.reach": IndexReach(shop=LARGE, kind="orders"),
    "mirrors.to_shop": "mini",
    "mirrors.as_": StoppedMirror.DELETED,
    "mirrors.ids": ["o7", "none"],
    "buyer_links.after": Several((None, LinkPosition(NOW, b"~"))),
    "pushes.buyer_id": OPEN_ID,
    "bulk_operations.new": BULK,
    "bulk_operations.claimed": Made(claimed_bulk),
    "bulk_operations.kinds": ["IMPORT"],
    "bulk_operations.number": 7,
    "bulk_operations.receive.piece": Made(received_piece),
    "bulk_operations.received.number": Made(receiving),
    "bulk_operations.pieces.piece": Made(piece),
    "bulk_operations.pieces.operation": 7,
    "bulk_operations.pieces.direction": "IN",
    "bulk_operations.pieces.number": 1,
    "bulk_operations.numbers": [7, 8],
    "bulk_operations.total": 9,
    "bulk_operations.progress": BulkProgress(position="1", done=1),
    "bulk_operations.state": "COMPLETED",
    "bulk_operations.error": None,
    "bulk_operations.caller_id": Several((None, "k1")),
    "bulk_operations.after": Several((None, 2_500)),
    "idempotency.name": KeyName("front", "k7", "o"),
    "idempotency.claim.name": KeyName("front", "new", "o"),
    "idempotency.operation": b"h",
    "idempotency.receipts": b"{}",
    "idempotency.lost": None,
    "idempotency.outcome": b"{}",
    "idempotency.personal": b"{}",
    "idempotency.buyers": (),
    **WEBHOOK_ARGUMENTS,
    "buyer_links.buyers": [(LARGE, OPEN_ID), ("to", OPEN_ID)],
    "first": 50,
    "backwards": Several((False, True)),
    **INDEX_ARGUMENTS,
    "audit_events.entries": [AuditEntry(at=NOW, actor="a", action="b", request_id="c")],
    "audit_events.positions": [AuditPosition(NOW, ROWS), AuditPosition(NOW, 1)],
    "audit_events.query": Several(
        (
            AuditQuery(),
            AuditQuery(actors=["rare"]),
            AuditQuery(actors=["rare", "front"]),
            AuditQuery(actions=["gateway migrate"], start=1.0, end=NOW),
            AuditQuery(shops=[LARGE]),
        )
    ),
    "audit_events.after": Several((None, AuditPosition(MIDDLE, 1))),
}


@dataclass
class Watch:
    """The statements that a method sent, and what they read."""

    growing: frozenset[str]
    found: list[str] = field(default_factory=list)
    sent: int = 0
    steps: int = 0
    explaining: bool = False

    def step(self) -> int:
        """Count `STEPS` instructions of SQLite; go on."""
        self.steps += STEPS
        return 0

    def before(self, connection: Connection, statement: str, parameters: Any) -> None:
        """Explain a statement before it is run, in its own connection."""
        if not re.match(r"\s*(SELECT|UPDATE|DELETE|INSERT|WITH)\b", statement):
            return
        self.sent += 1
        self.explaining = True
        one = parameters[0] if isinstance(parameters, list) else parameters
        try:
            if connection.dialect.name == "sqlite":
                self._sqlite_plan(connection, statement, one)
            else:
                self._postgresql_plan(connection, statement, one)
        finally:
            self.explaining = False
            self.steps = 0

    def after(self, statement: str, parameters: Any) -> None:
        """Check what SQLite did for a statement."""
        sets = len(parameters) if isinstance(parameters, list) else 1
        if self.steps > MOST_STEPS * sets:
            self.found.append(f"{self.steps} steps: {statement}")
        self.steps = 0

    def _sqlite_plan(self, connection: Connection, statement: str, parameters: Any) -> None:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        names = self.growing | {
            alias
            for table, alias in re.findall(r"(\w+) AS (\w+)", statement)
            if table in self.growing
        }
        for row in plan:
            scanned = re.match(r"SCAN (\w+)(?:.* (ix_\w+))?", str(row[3]))
            if scanned is None or scanned[1] not in names or scanned[2] in PARTIAL:
                continue
            # What has a limit may end early: its steps say whether it does.
            if "LIMIT" not in statement:
                self.found.append(f"{row[3]}: {statement}")

    def _postgresql_plan(self, connection: Connection, statement: str, parameters: Any) -> None:
        explain = f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}"
        reads = statement.startswith("SELECT") or not re.search(
            r"\b(INSERT|UPDATE|DELETE)\b", statement
        )
        writes = connection.in_transaction() and not reads
        if writes:
            connection.exec_driver_sql("SAVEPOINT explained")
        plan = connection.exec_driver_sql(explain, parameters).scalar_one()
        if writes:
            connection.exec_driver_sql("ROLLBACK TO SAVEPOINT explained")
        plan = json.loads(plan) if isinstance(plan, str) else plan
        read = 0.0
        for node in _nodes(plan[0]["Plan"]):
            if node.get("Relation Name") not in self.growing:
                continue
            # What has a limit may end early: its rows say whether it does.
            scanned = node["Node Type"] == "Seq Scan" and node["Actual Loops"]
            if scanned and "LIMIT" not in statement:
                self.found.append(f"Seq Scan on {node['Relation Name']}: {statement}")
            filtered = node.get("Rows Removed by Filter", 0)
            read += (node["Actual Rows"] + filtered) * node["Actual Loops"]
        if read > MOST_ROWS:
            self.found.append(f"{read:.0f} rows: {statement}")


def _nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)


@contextmanager
def watching(watch: Watch) -> Iterator[None]:
    """Let `watch` see each statement of every engine."""

    def before(connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if not watch.explaining:
            watch.before(connection, statement, parameters)

    def after(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if not watch.explaining:
            watch.after(statement, parameters)

    def connected(connection: Any, _record: Any) -> None:
        # Of SQLite's driver only.
        if hasattr(connection.driver_connection, "set_progress_handler"):
            connection.run_async(lambda raw: raw.set_progress_handler(watch.step, STEPS))

    event.listen(Engine, "before_cursor_execute", before)
    event.listen(Engine, "after_cursor_execute", after)
    event.listen(Pool, "connect", connected)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", before)
        event.remove(Engine, "after_cursor_execute", after)
        event.remove(Pool, "connect", connected)


def repositories(store: Store) -> Iterator[tuple[str, Any]]:
    """Give each object of the store that sends statements, by its name."""
    for name, one in vars(store).items():
        if type(one).__module__.startswith("gateway.store.") and name != "_database":
            yield name, one
            for part, inner in vars(one).items():
                if not part.startswith("_") and type(inner).__module__.startswith("gateway.store."):
                    yield f"{name}.{part}", inner


def methods(store: Store) -> dict[str, Callable[..., Awaitable[Any]]]:
    """Answer the public methods by their names, as in `orders.page`."""
    return {
        f"{repository}.{name}": getattr(one, name)
        for repository, one in repositories(store)
        for name, found in inspect.getmembers(type(one), inspect.iscoroutinefunction)
        if not name.startswith("_")
    }


def argument(method: str, parameter: str) -> Any:
    """Answer the argument for a parameter of a method."""
    repository = method.rpartition(".")[0]
    for name in (f"{method}.{parameter}", f"{repository}.{parameter}", parameter):
        if name in ARGUMENTS:
            return ARGUMENTS[name]
    raise AssertionError(f"{method}: say in ARGUMENTS what it is called with as `{parameter}`")


def calls(name: str, method: Callable[..., Awaitable[Any]]) -> Iterator[dict[str, Any]]:
    """Give the arguments of each call of a method."""
    wanted = {
        parameter: argument(name, parameter)
        for parameter in inspect.signature(method).parameters
        if parameter != "transaction"
    }
    several = {parameter: one for parameter, one in wanted.items() if isinstance(one, Several)}
    for chosen in itertools.product(*several.values()):
        yield wanted | dict(zip(several, chosen, strict=True))


async def drive(store: Store, name: str, method: Callable[..., Awaitable[Any]]) -> None:
    """Call a method with each of its arguments, and undo what it did."""
    if "transaction" not in inspect.signature(method).parameters:
        for arguments in calls(name, method):
            # Nothing but the buyers' names is sealed with the store's key.
            with suppress(Enough, LedgerUnreadable):
                await method(**arguments)
        return
    for arguments in calls(name, method):
        async with store.transaction() as transaction:
            given = {
                parameter: await one.make(store, transaction) if isinstance(one, Made) else one
                for parameter, one in arguments.items()
            }
            await method(transaction=transaction, **given)
            await transaction.connection.rollback()


@pytest.fixture(params=["sqlite", "postgres"])
async def large_url(
    request: pytest.FixtureRequest, tmp_path: Path, postgres_server: PostgresServer
) -> str:
    """Answer the URL of a large ledger, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'gateway.db'}"
    else:
        url = postgres_server.create_database()
    await migrate.upgrade(url)
    await large_ledger.fill(url)
    return url


@pytest.mark.long
async def test_no_statement_scans_a_table_that_grows(large_url: str) -> None:
    watch = Watch(frozenset(grows()))
    found: dict[str, list[str]] = {}
    with watching(watch):
        store = await Store.open(large_url, encryption_key=KEY, clock=lambda: NOW)
        assert watch.found == []
        driven = methods(store)
        silent = []
        for name in sorted(driven.keys() - NOT_DRIVEN.keys()):
            watch.sent = 0
            await drive(store, name, driven[name])
            if not watch.sent:
                silent.append(name)
            if watch.found:
                found[name] = list(dict.fromkeys(watch.found))
                watch.found.clear()
        await store.close()

    assert {name: found[name] for name in found.keys() - EXCEPTIONS.keys()} == {}
    assert silent == []
    assert (EXCEPTIONS.keys() | NOT_DRIVEN.keys()) - driven.keys() == set()
