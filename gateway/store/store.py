"""The ledger: one object with a repository for each kind of record."""

from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from secrets import randbits
from typing import Final, Self

from sqlalchemy import extract, func, select

from gateway.concurrency.clock import Clock as Timing
from gateway.settings import StoreSettings
from gateway.store import migrate
from gateway.store.after_sales import AfterSales
from gateway.store.api_keys import KeyUseTimes, RefundTotals
from gateway.store.audit_events import AuditEvents
from gateway.store.batches import Batches, Guard
from gateway.store.bulk_operations import BulkOperations
from gateway.store.buyer_links import BuyerLinks
from gateway.store.coordination import Counters, LastDone, Leases, ToldHealth
from gateway.store.crypto import Vault, parse_key
from gateway.store.dead_letters import DeadLetters
from gateway.store.encryption_keys import CHECK, open_vault
from gateway.store.engine import LOCK_TIMEOUT, STATEMENT_TIMEOUT, Clock, Database, Transaction
from gateway.store.erasure import PersonalData
from gateway.store.idempotency import IdempotencyKeys
from gateway.store.inbox import Inbox
from gateway.store.index_progress import IndexProgress
from gateway.store.indexed_after_sales import IndexedAfterSales
from gateway.store.indexed_orders import IndexedOrders
from gateway.store.indexed_products import IndexedProducts
from gateway.store.metadata_items import MetadataItems
from gateway.store.mirrors import Mirrors
from gateway.store.object_changes import ObjectChanges
from gateway.store.order_changes import OrderChanges
from gateway.store.order_overlays import OrderOverlays
from gateway.store.order_statistics import OrderStatistics
from gateway.store.orders import Orders
from gateway.store.outbox import Outbox
from gateway.store.partner_orders import PartnerOrders
from gateway.store.plain_personal import seal_plain_personal
from gateway.store.product_originals import ProductOriginals
from gateway.store.products import Products
from gateway.store.push_exchanges import PushExchanges
from gateway.store.pushes import Pushes
from gateway.store.readiness import StoreReadiness
from gateway.store.rekeying import Rekeying
from gateway.store.retention import Retention
from gateway.store.row_numbers import RowNumbers, open_row_numbers
from gateway.store.shops import Shops
from gateway.store.tables import metadata
from gateway.store.unindexed import Unindexed
from gateway.store.wanted_items import WantedItems
from gateway.store.webhook_deliveries import WebhookDeliveries
from gateway.store.webhook_endpoints import WebhookEndpoints
from gateway.store.writer_queue import WriterLane

_DATABASE_TIME: Final = select(extract("epoch", func.clock_timestamp()))


class Store:
    """The open ledger."""

    def __init__(
        self, database: Database, vault: Vault, clock: Clock, row_numbers: RowNumbers
    ) -> None:
        #: How clients see the numbers of rows.
        self.row_numbers = row_numbers
        self._database = database
        #: Encrypts with this store's key.
        self.vault = vault
        self._readiness = StoreReadiness(database, CHECK, clock)
        self.orders = Orders(database, vault)
        self.after_sales = AfterSales(database)
        self.products = Products(database)
        self.unindexed = Unindexed(database)
        self.indexed_orders = IndexedOrders(database, vault)
        self.order_statistics = OrderStatistics(database, vault)
        self.indexed_products = IndexedProducts(database)
        self.indexed_after_sales = IndexedAfterSales(database, vault)
        self.product_originals = ProductOriginals(database)
        self.metadata_items = MetadataItems(database, vault)
        self.wanted_items = WantedItems(database, vault)
        self.shops = Shops(database)
        self.partner_orders = PartnerOrders(database)
        self.pushes = Pushes(database, vault)
        self.push_exchanges = PushExchanges(database, vault)
        self.outbox = Outbox(database, vault)
        self.order_changes = OrderChanges(database, vault)
        self.object_changes = ObjectChanges(database)
        self.order_overlays = OrderOverlays(database)
        self.inbox = Inbox(database, vault)
        self.dead_letters = DeadLetters(database, vault)
        self.leases = Leases(database)
        self.reconciliations = LastDone(database, "sweep")
        self.index_progress = IndexProgress(database)
        self.mirrors = Mirrors(database, vault)
        self.buyer_links = BuyerLinks(database, vault)
        self.counters = Counters(database)
        self.told_health = ToldHealth(database)
        self.webhook_endpoints = WebhookEndpoints(database, vault)
        self.webhook_deliveries = WebhookDeliveries(database)
        self.bulk_operations = BulkOperations(database, vault)
        self.idempotency = IdempotencyKeys(database, vault)
        self.audit_events = AuditEvents(database, randbits)
        self.key_uses = KeyUseTimes(database)
        self.refund_totals = RefundTotals(database)
        self.personal = PersonalData(database, vault, Timing())
        self.retention = Retention(database, self.bulk_operations, Timing())
        self.rekeying = Rekeying(database, vault)

    @classmethod
    async def open(
        cls,
        url: str,
        *,
        encryption_key: str,
        former_encryption_keys: Iterable[str] = (),
        clock: Clock,
        lock_timeout: float = LOCK_TIMEOUT,
        statement_timeout: float = STATEMENT_TIMEOUT,
    ) -> Self:
        """Opens the ledger at `store.url`; `lock_timeout` is how many seconds to wait for a lock.

        On SQLite it is migrated first, after a copy. Raises ConfigurationError for a wrong URL, a
        wrong key, or a PostgreSQL store of another version; StoreUnavailable if the database
        cannot be reached.
        """
        keys = [parse_key(key) for key in (encryption_key, *former_encryption_keys)]
        database = Database(
            url, clock=clock, lock_timeout=lock_timeout, statement_timeout=statement_timeout
        )
        try:
            await migrate.prepare(url)
            vault = await open_vault(database, keys)
            await seal_plain_personal(database, vault)
            row_numbers = await open_row_numbers(database)
        except BaseException:
            await database.close()
            raise
        return cls(database, vault, clock, row_numbers)

    def transaction(self, *, bulk: bool = False) -> AbstractAsyncContextManager[Transaction]:
        """A block whose writes are committed together at its end, or not at all.

        Do no other I/O in it. With `bulk` it is one of many short ones that nobody waits for by
        itself: callers go first. Raises StoreUnavailable; StoreBusy where too many wait.
        """
        return self._database.transaction(lane=WriterLane.BULK if bulk else WriterLane.CALLERS)

    def batches(self, clock: Timing, guard: Guard) -> Batches:
        """Many short transactions of bulk work, with pauses between them; see `Batches`."""
        return Batches(self._database, clock, guard)

    @property
    def is_congested(self) -> bool:
        """Whether more is read for queries than the readers can do."""
        return self._database.is_congested

    @property
    def commits(self) -> int:
        """Changes with every transaction of this process, before its writer sees the commit."""
        return self._database.commits

    async def ready(self) -> None:
        """Raises StoreUnavailable unless the ledger is writable and of this version."""
        await self._readiness.check()

    async def database_time(self) -> float | None:
        """Unix seconds by the database's own clock; None on SQLite, which has this machine's.

        Raises StoreUnavailable.
        """
        if self._database.is_sqlite:
            return None
        (row,) = await self._database.fetch(_DATABASE_TIME)
        return float(row[0])

    async def gather_statistics(self) -> None:
        """Gathers what SQLite's planner knows of the tables; PostgreSQL does so by itself.

        Raises StoreUnavailable.
        """
        if self._database.is_sqlite:
            await self._database.analyze(metadata.tables.values())

    async def check_file(self) -> None:
        """Checks the integrity of SQLite's file; raises StoreDamaged with the first error."""
        await self._database.check_file()

    async def close(self) -> None:
        """Closes all connections."""
        await self._readiness.close()
        await self._database.close()


@asynccontextmanager
async def open_ledger(
    settings: StoreSettings, clock: Clock, *, statement_timeout: float = STATEMENT_TIMEOUT
) -> AsyncIterator[Store]:
    """The configured store, open until the block ends; `clock` returns unix seconds.

    Raises:
        ConfigurationError: the URL or the key is wrong, or the store has another version.
        StoreUnavailable: the store cannot be reached.
    """
    store = await Store.open(
        settings.url.get_secret_value(),
        encryption_key=settings.encryption_key.get_secret_value(),
        former_encryption_keys=[key.get_secret_value() for key in settings.former_encryption_keys],
        clock=clock,
        statement_timeout=statement_timeout,
    )
    try:
        yield store
    finally:
        await store.close()
