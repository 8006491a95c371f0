"""The ledger: one object with a repository for each kind of record."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from secrets import randbits
from typing import Final, Self

from sqlalchemy import bindparam, select

from gateway.errors import ConfigurationError, StoreUnavailable
from gateway.settings import StoreSettings
from gateway.store import migrate
from gateway.store.after_sales import AfterSales
from gateway.store.api_keys import KeyUseTimes, RefundTotals
from gateway.store.audit_events import AuditEvents
from gateway.store.buyer_links import BuyerLinks
from gateway.store.coordination import Counters, Leases, Reconciliations
from gateway.store.crypto import Vault, parse_key
from gateway.store.dead_letters import DeadLetters
from gateway.store.engine import LOCK_TIMEOUT, STATEMENT_TIMEOUT, Clock, Database, Transaction
from gateway.store.idempotency import IdempotencyKeys
from gateway.store.inbox import Inbox
from gateway.store.mirrors import Mirrors
from gateway.store.order_changes import OrderChanges
from gateway.store.order_overlays import OrderOverlays
from gateway.store.orders import Orders
from gateway.store.outbox import Outbox
from gateway.store.partner_orders import PartnerOrders
from gateway.store.personal import PersonalData
from gateway.store.plain_personal import seal_plain_personal
from gateway.store.product_originals import ProductOriginals
from gateway.store.products import Products
from gateway.store.pushes import Pushes
from gateway.store.readiness import StoreReadiness
from gateway.store.shops import Shops
from gateway.store.tables import meta
from gateway.store.wanted_items import WantedItems

_CHECK: Final = "encryption_check"
_GET_CHECK: Final = select(meta.c.value).where(meta.c.name == bindparam("of_name"))


class Store:
    """The open ledger."""

    def __init__(self, database: Database, vault: Vault, clock: Clock) -> None:
        self._database = database
        #: Encrypts with this store's key.
        self.vault = vault
        self._readiness = StoreReadiness(database, _CHECK, clock)
        self.orders = Orders(database, vault)
        self.after_sales = AfterSales(database)
        self.products = Products(database)
        self.product_originals = ProductOriginals(database)
        self.wanted_items = WantedItems(database, vault)
        self.shops = Shops(database)
        self.partner_orders = PartnerOrders(database)
        self.pushes = Pushes(database, vault)
        self.outbox = Outbox(database, vault)
        self.order_changes = OrderChanges(database, vault)
        self.order_overlays = OrderOverlays(database)
        self.inbox = Inbox(database, vault)
        self.dead_letters = DeadLetters(database, vault)
        self.leases = Leases(database)
        self.reconciliations = Reconciliations(database)
        self.mirrors = Mirrors(database, vault)
        self.buyer_links = BuyerLinks(database, vault)
        self.counters = Counters(database)
        self.idempotency = IdempotencyKeys(database, vault)
        self.audit_events = AuditEvents(database, randbits)
        self.key_uses = KeyUseTimes(database)
        self.refund_totals = RefundTotals(database)
        self.personal = PersonalData(database, vault)

    @classmethod
    async def open(
        cls,
        url: str,
        *,
        encryption_key: str,
        clock: Clock,
        lock_timeout: float = LOCK_TIMEOUT,
        statement_timeout: float = STATEMENT_TIMEOUT,
    ) -> Self:
        """Opens the ledger at `store.url`; `lock_timeout` is how many seconds to wait for a lock.

        On SQLite it is migrated first, after a copy. Raises ConfigurationError for a wrong URL, a
        wrong key, or a PostgreSQL store of another version; StoreUnavailable if the database
        cannot be reached.
        """
        vault = Vault(parse_key(encryption_key))
        database = Database(
            url, clock=clock, lock_timeout=lock_timeout, statement_timeout=statement_timeout
        )
        store = cls(database, vault, clock)
        try:
            await migrate.prepare(url)
            await store._check_key()
            await seal_plain_personal(database, vault)
        except BaseException:
            await store.close()
            raise
        return store

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """A block whose writes are committed together at its end, or not at all.

        Do no other I/O in it. Raises StoreUnavailable.
        """
        return self._database.transaction()

    @property
    def commits(self) -> int:
        """Changes with every transaction of this process, before its writer sees the commit."""
        return self._database.commits

    async def ready(self) -> None:
        """Raises StoreUnavailable unless the ledger is writable and of this version."""
        await self._readiness.check()

    async def check_file(self) -> None:
        """Checks the integrity of SQLite's file; raises StoreDamaged with the first error."""
        await self._database.check_file()

    async def close(self) -> None:
        """Closes all connections."""
        await self._readiness.close()
        await self._database.close()

    async def _check_key(self) -> None:
        """Refuses a key other than the one this store was first opened with."""
        place = {"shop": "", "row": _CHECK, "column": "meta.value"}
        insert = self._database.insert(meta).on_conflict_do_nothing()
        async with self._database.transaction() as transaction:
            check = {"name": _CHECK, "value": self.vault.seal(b"", **place)}
            await transaction.connection.execute(insert, check)
        rows = await self._database.fetch(_GET_CHECK, {"of_name": _CHECK})
        try:
            self.vault.unseal(rows[0].value, **place)
        except StoreUnavailable:
            raise ConfigurationError(
                "store.encryption_key: this store was written with another key;"
                " give that one, or another store.url",
            ) from None


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
        clock=clock,
        statement_timeout=statement_timeout,
    )
    try:
        yield store
    finally:
        await store.close()
