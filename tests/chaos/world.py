"""What a run plays its rows in: the sandbox, the stores, one gateway, one follower."""

import asyncio
import contextlib
import sqlite3
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from gateway.platforms.mini_program.sandbox.state import MINI
from gateway.platforms.wechat_store.sandbox.state import FLAGSHIP
from gateway.registry import sandbox_parts
from gateway.sandbox.app import create_sandbox
from gateway.store import migrate
from tests.chaos.fault_proxy import FaultProxy
from tests.chaos.follower import Follower
from tests.chaos.gateway_process import PAUSES, GatewayProcess
from tests.chaos.invariants import Ledger
from tests.chaos.journal import Journal, OrderKey
from tests.chaos.load import ORDERS, PRODUCTS, WAIT_LIMIT, id_of
from tests.fixtures_postgres import PostgresServer
from tests.fixtures_redis import RedisServer
from tests.fixtures_sandbox import Sandbox, served

SQLITE, POSTGRES = "SQLite", "PostgreSQL and Redis"
SET_UPS = (SQLITE, POSTGRES)
NODES = """
query ($ids: [ID!]!) { nodes(ids: $ids) {
  ... on Order { id status } ... on Push { id state } } }
"""
COUNT = "{ pushes(first: 1, filter: {states: [PENDING]}) { totalCount } }"
PENDING = "{ pushes(first: 50, filter: {states: [PENDING]}) { nodes { id } } }"
RETRY = "mutation ($id: ID!) { pushRetry(id: $id) { push { state } userErrors { code } } }"
LIMITS = httpx.Limits(max_connections=100)
#: How many nodes are asked for at once.
CHUNK = 50


@dataclass(slots=True)
class World:
    """One set-up, with everything in it running."""

    set_up: str
    folder: Path
    sandbox: Sandbox
    proxy: FaultProxy
    gateway: GatewayProcess
    follower: Follower
    store_url: str
    postgres: PostgresServer | None = None
    redis: RedisServer | None = None
    #: Bytes of the log that earlier rows left.
    log_read: int = 0
    _tokens: set[str] = field(default_factory=set)

    @asynccontextmanager
    async def client(self) -> AsyncIterator[httpx.AsyncClient]:
        """Ask the gateway outside of the load."""
        async with httpx.AsyncClient(
            base_url=self.gateway.url, timeout=WAIT_LIMIT, trust_env=False, limits=LIMITS
        ) as http:
            yield http

    async def ask(self, query: str, *, fresh: bool = False, **variables: Any) -> dict[str, Any]:
        """Answer the body of one operation; nothing where there is none."""
        headers = {"Cache-Control": "no-cache"} if fresh else {}
        async with self.client() as http:
            try:
                answer = await http.post(
                    "/graphql", json={"query": query, "variables": variables}, headers=headers
                )
                body: dict[str, Any] = answer.json()
            except (httpx.TransportError, ValueError):
                return {}
        return body

    async def told(self, query: str, **variables: Any) -> dict[str, Any]:
        """Answer the data of one operation, asked again while an answer has none.

        Raises:
            RuntimeError: it has none for a minute.
        """
        body: dict[str, Any] = {}
        for _ in range(int(WAIT_LIMIT / 0.25)):
            body = await self.ask(query, **variables)
            data: dict[str, Any] | None = body.get("data")
            if data is not None and None not in data.values():
                return data
            await asyncio.sleep(0.25)
        raise RuntimeError(f"no data: {body}")

    async def heal(self) -> None:
        """End every fault of the platforms and of the way to them."""
        await asyncio.to_thread(self.sandbox.clear_faults)
        await self.proxy.up()

    async def works_again(self) -> str:
        """Wait until every shop answers afresh; what does not, in words, else nothing.

        A pause of half a minute, of a circuit breaker or after a refused token, is let pass on
        the gateway's clock.
        """
        missing = ""
        for attempt in range(60):
            if attempt in (4, 20, 40):
                await self.gateway.move_clocks(monotonic=PAUSES)
            missing = await self._missing()
            if not missing:
                return ""
            await asyncio.sleep(0.25)
        return missing

    async def _missing(self) -> str:
        for query in (ORDERS, PRODUCTS):
            body = await self.ask(query, fresh=True)
            (listed,) = (body.get("data") or {"": None}).values()
            if listed is None:
                return f"no answer: {body.get('errors')}"
            for source in listed["sources"]:
                if source["state"] != "LIVE":
                    return f"{source['shop']['key']} is {source['state']}: {source['error']}"
        return ""

    async def drained(self) -> int:
        """Wait until no push is pending; how many still are, where it takes too long."""
        pending = 0
        for _ in range(int(WAIT_LIMIT / 0.25)):
            pending = (await self.told(COUNT))["pushes"]["totalCount"]
            if pending == 0:
                break
            await asyncio.sleep(0.25)
        return pending

    async def retry_pending(self) -> int:
        """Send again what waits for a platform's quota, as an operator does; how many."""
        waiting = [push["id"] for push in (await self.told(PENDING))["pushes"]["nodes"]]
        for push in waiting:
            await self.ask(RETRY, id=push)
        return len(waiting)

    async def announced(self, journal: Journal) -> None:
        """Wait until the follower was told of every event and write, or it takes too long."""
        wanted = {id_of(order): len(told) for order, told in journal.acknowledged.items()}
        wanted |= {self.store_order(order): 1 for order in journal.events}
        for attempt in range(120):
            seen: dict[str, set[str]] = {}
            for change in self.follower.changes:
                seen.setdefault(change.order_id, set()).add(change.cursor)
            if all(len(seen.get(order, ())) >= count for order, count in wanted.items()):
                return
            if attempt in (8, 40):
                # An event whose platform failed is looked at again after minutes, and by then the
                # circuit breaker of the call for its order lets a probe through.
                await self.gateway.move_clocks(wall=400, monotonic=PAUSES)
            await asyncio.sleep(0.25)

    @staticmethod
    def store_order(number: str) -> str:
        """The id of an order of the store in the API."""
        return id_of(OrderKey("flagship", number))

    async def ledger(self, journal: Journal, pending: int) -> Ledger:
        """What the gateway says of everything that the journal names."""
        orders = [id_of(order) for order in (*journal.acknowledged, *journal.refused)]
        nodes = await self._nodes([*orders, *set(journal.pushes.values())])
        return Ledger(
            {one: (nodes.get(one) or {}).get("status") for one in orders},
            {one: (nodes.get(one) or {}).get("state") for one in set(journal.pushes.values())},
            pending,
        )

    async def _nodes(self, ids: list[str]) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for place in range(0, len(ids), CHUNK):
            data = await self.told(NODES, ids=ids[place : place + CHUNK])
            found |= {node["id"]: node for node in data["nodes"] if node}
        return found

    def platforms(self) -> dict[str, dict[str, Any]]:
        """The orders of the shops that take orders in, as their platforms have them."""
        (swan,) = self.sandbox.shops("baidu").values()
        (mini,) = self.sandbox.shops("mini_program").values()
        return {"swan": swan["orders"], "mini": mini["orders"]}

    def tokens(self) -> list[str]:
        """The access tokens that were in use until now."""
        for account in (FLAGSHIP, MINI):
            body = {"grant_type": "client_credential"}
            body |= {"appid": account.app_id, "secret": account.secret}
            answer = self.sandbox.client.post("/cgi-bin/stable_token", json=body).json()
            if "access_token" in answer:
                self._tokens.add(answer["access_token"])
        return sorted(self._tokens)

    def artefacts(self) -> dict[str, bytes]:
        """What the gateway left behind: its log since the last row, its store, its cache's keys."""
        log = self.gateway.log.read_bytes()
        left = {"the log": log[self.log_read :]}
        self.log_read = len(log)
        if self.postgres is None:
            files = self.folder.glob("gateway.db*")
            return left | {file.name: file.read_bytes() for file in files}
        if self.redis is not None:
            with contextlib.suppress(Exception), self.redis.client() as client:
                keys: Any = client.keys("*")
                left["the keys of Redis"] = b"\n".join(keys)
        left["the dump of PostgreSQL"] = dump(self.postgres, self.store_url)
        return left


def dump(server: PostgresServer, url: str) -> bytes:
    """All rows of a database, as text."""
    done = subprocess.run(
        [server.program("pg_dump"), "--data-only", url], capture_output=True, check=True
    )
    return done.stdout


@contextlib.contextmanager
def locked(folder: Path) -> Any:
    """Hold SQLite's lock for writing, as another process may."""
    with contextlib.closing(sqlite3.connect(folder / "gateway.db", isolation_level=None)) as held:
        held.execute("PRAGMA busy_timeout=10000")
        held.execute("BEGIN IMMEDIATE")
        yield
        held.execute("ROLLBACK")


@asynccontextmanager
async def opened(set_up: str) -> AsyncIterator[World]:
    """Start everything of a set-up; end it with the context."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chaos-")))
        sandbox = stack.enter_context(served(create_sandbox(sandbox_parts())))
        port = int(sandbox.base_url.rsplit(":", 1)[1])
        proxy = await stack.enter_async_context(FaultProxy(port))
        postgres = redis = None
        store, cache = f"sqlite:///{folder}/gateway.db", "memory://"
        if set_up == POSTGRES:
            postgres, redis = _servers(stack)
            store, cache = postgres.create_database(), redis.url
            await migrate.upgrade(store)
        behind = Sandbox(proxy.url, sandbox.client)
        gateway = GatewayProcess(behind, folder, store, cache)
        stack.push_async_callback(gateway.kill)
        await gateway.start()
        follower = Follower(gateway.url)
        await follower.start()
        stack.push_async_callback(follower.stop)
        yield World(set_up, folder, sandbox, proxy, gateway, follower, store, postgres, redis)


def _servers(stack: AsyncExitStack) -> tuple[PostgresServer, RedisServer]:
    # A socket's path has room for some hundred characters.
    name = stack.enter_context(
        tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True)
    )
    postgres, redis = PostgresServer(Path(name)), RedisServer()
    postgres.start()
    stack.callback(postgres.stop)
    redis.start()
    stack.callback(redis.kill)
    return postgres, redis
