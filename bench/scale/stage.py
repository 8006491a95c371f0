"""What the rows of one database share: the seeded ledger, the platform, the folder."""

import asyncio
import contextlib
import sqlite3
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import aiohttp

from bench.processes import free_port, process, wait_for
from bench.scale.databases import POSTGRES, postgres_server
from bench.scale.ledger_rows import LedgerRows, Size
from bench.scale.seed import seed
from bench.scale.served_gateway import ServedGateway
from bench.scale.shops import SHOPS
from gateway.concurrency.clock import DAY
from gateway.store import migrate
from tests.fixtures_postgres import PostgresServer

_PLATFORM: Final = "bench.scale.slow_platform:run"
_ANY_CORE: Final = -1


@dataclass(slots=True)
class SlowPlatform:
    """The platform of all shops, in a process of its own."""

    url: str

    async def ask(self, query: str = "") -> dict[str, Any]:
        """Answer what it counted, after it did what the query says: see `slow_platform`."""
        async with (
            aiohttp.ClientSession() as http,
            http.get(f"{self.url}/_scale?{query}") as answer,
        ):
            counted: dict[str, Any] = await answer.json(content_type=None)
        return counted


@dataclass(slots=True)
class Stage:
    """One database with its seeded ledger.

    `disk` is how many bytes the ledger had once it was seeded, `took` how long that was.
    """

    database: str
    folder: Path
    store_url: str
    platform: SlowPlatform
    rows: LedgerRows
    short: bool
    say: Callable[[str], None]
    server: PostgresServer | None = None
    disk: int = 0
    took: float = 0.0
    #: Numbers orders that the rows add, so that none has the id of another.
    added: int = 0
    #: Seconds for which gateways were served, and of processor that they took.
    served_for: float = 0.0
    processor: float = 0.0
    _empty: int = 0
    #: What rows noted of the gateway's own costs, by name.
    costs: dict[str, float] = field(default_factory=dict)

    @property
    def size(self) -> Size:
        """How large the seeded ledger is."""
        return self.rows.size

    @asynccontextmanager
    async def gateway(
        self,
        *,
        shops: Sequence[str] = tuple(SHOPS),
        store_url: str | None = None,
        start: bool = True,
        **sections: Mapping[str, Any],
    ) -> AsyncIterator[ServedGateway]:
        """A gateway of these shops on the ledger, or on another one, while the context lasts."""
        settings = [SHOPS[key].settings(self.platform.url) for key in shops]
        served = ServedGateway(self.folder, store_url or self.store_url, settings, sections)
        began = used = 0.0
        try:
            if start:
                await served.start()
                began, used = time.monotonic(), served.usage().processor
            yield served
        finally:
            if began and served.runs:
                self.served_for += time.monotonic() - began
                self.processor += served.usage().processor - used
            await served.stop()

    async def empty_store(self) -> str:
        """The URL of a ledger that is migrated, and empty."""
        self._empty += 1
        if self.server is not None:
            url = await asyncio.to_thread(self.server.create_database)
        else:
            url = f"sqlite:///{self.folder}/empty-{self._empty}.db"
        await migrate.upgrade(url)
        return url

    async def execute(self, sql: str) -> None:
        """Run a statement on the ledger."""
        if self.server is not None:
            await asyncio.to_thread(self.server.execute, sql, url=self.store_url)
        else:
            await asyncio.to_thread(self._execute_on_file, sql)

    def _execute_on_file(self, sql: str) -> None:
        file = self.store_url.removeprefix("sqlite:///")
        with contextlib.closing(sqlite3.connect(file, timeout=60)) as connection, connection:
            connection.execute(sql)

    async def scalar(self, sql: str) -> int:
        """The number that a query of the ledger gives."""
        if self.server is None:
            file = self.store_url.removeprefix("sqlite:///")
            with contextlib.closing(sqlite3.connect(file, timeout=60)) as connection:
                return int(connection.execute(sql).fetchone()[0])
        return int(await asyncio.to_thread(self.server.scalar, sql, url=self.store_url))

    async def measure_disk(self) -> int:
        """How many bytes the ledger takes on disk."""
        if self.server is not None:
            return await self.scalar("SELECT pg_database_size(current_database())")
        file = Path(self.store_url.removeprefix("sqlite:///"))
        return sum(one.stat().st_size for one in file.parent.glob(f"{file.name}*"))

    async def keep_retention_out(self) -> None:
        """Let no gateway run retention: another process has its lease, as it were."""
        await self.execute(
            "INSERT INTO leases (name, owner, fence, until)"  # noqa: S608 - our own number
            f" VALUES ('retention', 'bench', 1, {self.rows.now + DAY})"
        )

    async def let_retention_run(self) -> None:
        """Let the next gateway run it."""
        await self.execute("DELETE FROM leases WHERE name = 'retention'")

    async def make_due(self, *, shops: Sequence[str] = tuple(SHOPS)) -> None:
        """Let what waits be due: the outage is over."""
        named = ", ".join(f"'{key}'" for key in shops)
        # Our own keys, not of a caller.
        await self.execute(
            f"UPDATE pushes SET next_attempt_at = {self.rows.now} - id % 900"  # noqa: S608
            f" WHERE state = 'PENDING' AND shop IN ({named})"
        )


@asynccontextmanager
async def opened(
    database: str, size: Size, *, short: bool, say: Callable[[str], None]
) -> AsyncIterator[Stage]:
    """Seed a ledger, and start the platform; all of it is gone after the context.

    What waits is due in a day, so that reading is measured beside nothing else.
    """
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="scale-")))
        server = None
        if database == POSTGRES:
            server = stack.enter_context(postgres_server())
        url = f"sqlite:///{folder}/gateway.db" if server is None else server.create_database()
        port = free_port()
        stack.enter_context(process(_PLATFORM, port, "-", folder, _ANY_CORE))
        await asyncio.to_thread(wait_for, port)
        began = asyncio.get_running_loop().time()
        rows = await seed(url, size, say=say, due_in=DAY)
        platform = SlowPlatform(f"http://127.0.0.1:{port}")
        one = Stage(database, folder, url, platform, rows, short, say, server)
        one.took = asyncio.get_running_loop().time() - began
        one.disk = await one.measure_disk()
        await one.keep_retention_out()
        yield one
