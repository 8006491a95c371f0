"""A gateway in a process of its own that is killed again and again, and its one client."""

import asyncio
import os
import random
import signal
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.e2e.bulk_files import GET, HEADERS, TAIL, head, lines_of
from tests.e2e.order_samples import IMPORT, SET_STATUS, baidu_order
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import KEY, configuration

MAIN = "import sys; from gateway.cli import main; sys.exit(main())"
#: How an order goes on after it was imported; each status comes once.
LIFE = ("SHIPPED", "COMPLETED")
#: Seconds that the gateway lives between two kills.
SHORTEST, LONGEST = 0.15, 0.9
#: Orders that are under way at once.
CLIENTS = 6
#: Bulk imports that are under way at once, one after the other by as many clients, and their lines.
IMPORTS, LINES = 3, 400


def free_port() -> int:
    """Answer a port that nobody listens on just now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@dataclass
class Journal:
    """What the client was told, kept outside of the gateway."""

    #: Order → the statuses that were acknowledged, in their order.
    acknowledged: dict[str, list[str]] = field(default_factory=dict)
    #: The push that a key's request was told to have made, one for each.
    pushes: dict[str, str] = field(default_factory=dict)
    #: Requests that got no answer, because the gateway was killed.
    unanswered: int = 0
    #: Of these, how many were told when they were repeated what was done, and how many were done.
    told: int = 0
    done: int = 0
    kills: int = 0
    #: By the id of its operation, the orders of a file whose import was acknowledged.
    imports: dict[str, list[str]] = field(default_factory=dict)


class KilledGateway:
    """`gateway serve` on a fixed port."""

    def __init__(self, sandbox: Sandbox, folder: Path, store_url: str, **sections: Any) -> None:
        """`sections` of the configuration beside those that are always there."""
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: asyncio.subprocess.Process | None = None
        self._log = folder / "gateway.log"
        self._file = folder / "gateway.toml"
        sections = configuration(
            sandbox,
            folder,
            store={"url": store_url, "encryption_key": KEY},
            server={"host": "127.0.0.1", "port": self.port},
            # Short calls make short claims: what a killed process held is soon taken over.
            upstream={"connect_timeout": 0.5, "read_timeout": 0.5},
            **sections,
        )
        self._file.write_text(toml(sections))

    async def start(self) -> None:
        """Start it, and wait until it is ready."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-c", MAIN, "serve", "--config", str(self._file)),
                stdout=log,
                stderr=log,
            )
        async with httpx.AsyncClient(base_url=self.url, trust_env=False) as http:
            while not await is_ready(http):
                assert self._process.returncode is None, self._log.read_text()[-2000:]
                await asyncio.sleep(0.02)

    async def kill(self) -> None:
        """Kill it without any warning, unless it has ended by itself."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGKILL)
            await self._process.wait()

    async def stop(self) -> int:
        """Stop it as a service manager does; answer its exit status."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return await self._process.wait()


async def is_ready(http: httpx.AsyncClient) -> bool:
    """Tell whether the gateway serves."""
    try:
        return (await http.get("/readyz")).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


async def run_orders(
    url: str, journal: Journal, stop: asyncio.Event, name: str, lives: asyncio.TaskGroup
) -> None:
    """Import orders and let them go on; write down what is acknowledged.

    The next one begins once this one was answered or cut off: what was cut off is repeated beside
    it, for it takes a while until the key of a killed request is free.
    """
    number = 0
    while not stop.is_set():
        number += 1
        free = asyncio.Event()
        lives.create_task(one_order(url, journal, f"{name}-{number}", free))
        await free.wait()


async def one_order(url: str, journal: Journal, order_id: str, free: asyncio.Event) -> None:
    """Import one order and set its statuses, each until it is answered."""
    async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as http:
        payload = await ask(http, journal, IMPORT, baidu_order(order_id), f"{order_id}-0", free)
        assert payload["userErrors"] == [], payload
        journal.pushes[f"{order_id}-0"] = payload["push"]["id"]
        journal.acknowledged[order_id] = ["AWAITING_SHIPMENT"]
        for place, status in enumerate(LIFE, 1):
            given = [{"id": payload["order"]["id"], "status": status}]
            key = f"{order_id}-{place}"
            answer = await ask(http, journal, SET_STATUS, given, key, free)
            assert answer["userErrors"] == [], answer
            (push,) = answer["pushes"]
            journal.pushes[key] = push["id"]
            journal.acknowledged[order_id].append(status)
    free.set()


async def run_imports(url: str, journal: Journal, stop: asyncio.Event, name: str) -> None:
    """Import one file after the other, each once its operation was acknowledged and has ended."""
    number = 0
    async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as http:
        while not stop.is_set():
            number += 1
            orders = [f"{name}-{number}-{line}" for line in range(LINES)]
            id_ = await send_file(http, orders, f"{name}-{number}")
            journal.imports[id_] = orders
            while not stop.is_set() and not await has_ended(http, id_):  # noqa: ASYNC110 - as below
                await asyncio.sleep(0.2)


async def send_file(http: httpx.AsyncClient, orders: list[str], key: str) -> str:
    """Answer the id of the import of a file, sent until it is acknowledged."""
    content = lines_of([baidu_order(order) for order in orders])
    body = head("swan", "ORDERS_IMPORT") + content + TAIL
    while True:
        try:
            headers = {**HEADERS, "Idempotency-Key": key}
            answer = (await http.post("/graphql", content=body, headers=headers)).json()
        except (httpx.TransportError, ValueError):
            await asyncio.sleep(0.05)
            continue
        if "errors" not in answer:
            done = answer["data"]["bulkImport"]
            assert done["userErrors"] == [], done
            id_: str = done["operation"]["id"]
            return id_
        (code,) = (error["extensions"]["code"] for error in answer["errors"])
        assert code in {"IDEMPOTENCY_IN_PROGRESS", "STORE_UNAVAILABLE", "OVERLOADED"}, answer
        await asyncio.sleep(1)


async def operation_of(http: httpx.AsyncClient, id_: str) -> dict[str, Any] | None:
    """Answer a bulk operation; None where the gateway was killed meanwhile."""
    try:
        answer = await http.post("/graphql", json={"query": GET, "variables": {"id": id_}})
        found: dict[str, Any] | None = answer.json()["data"]["bulkOperation"]
    except (httpx.TransportError, ValueError, KeyError, TypeError):
        return None
    return found


async def has_ended(http: httpx.AsyncClient, id_: str) -> bool:
    """Tell whether a bulk operation has ended."""
    found = await operation_of(http, id_)
    return found is not None and found["state"] not in {"WAITING", "RUNNING"}


async def imported(url: str, journal: Journal) -> list[dict[str, Any]]:
    """Wait until all bulk imports have ended; answer their operations."""
    async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as http:
        for id_ in journal.imports:
            while not await has_ended(http, id_):  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.2)
        found = [await operation_of(http, id_) for id_ in journal.imports]
        return [one for one in found if one is not None]


async def ask(
    http: httpx.AsyncClient,
    journal: Journal,
    operation: str,
    given: Any,
    key: str,
    free: asyncio.Event,
) -> dict[str, Any]:
    """Answer a mutation's payload, however often the gateway is killed meanwhile."""
    request = {"query": operation, "variables": {"input": given}}
    cut_off = repeated = False
    while True:
        try:
            answer = await http.post("/graphql", json=request, headers={"Idempotency-Key": key})
            body = answer.json()
        except httpx.ConnectError:
            await asyncio.sleep(0.05)
            continue
        except (httpx.TransportError, ValueError):
            journal.unanswered += not cut_off
            cut_off = True
            free.set()
            continue
        if "errors" not in body:
            break
        # Until the lease of whoever was killed runs out; a busy disk may keep the store for longer
        # than the gateway waits.
        (code,) = (error["extensions"]["code"] for error in body["errors"])
        assert code in {"IDEMPOTENCY_IN_PROGRESS", "STORE_UNAVAILABLE", "OVERLOADED"}, body
        repeated = True
        await asyncio.sleep(1)
    again = "idempotentReplay" in body.get("extensions", {})
    assert cut_off or repeated or not again, body
    journal.told += cut_off and again
    journal.done += cut_off and not again
    (payload,) = body["data"].values()
    done: dict[str, Any] = payload
    return done


async def torment(gateway: KilledGateway, journal: Journal, kills: int, seed: int) -> None:
    """Let clients work while the gateway is killed and started again, until all is answered."""
    chance, stop = random.Random(seed), asyncio.Event()
    await gateway.start()
    async with asyncio.TaskGroup() as lives:
        clients = [
            lives.create_task(run_orders(gateway.url, journal, stop, f"client{number}", lives))
            for number in range(CLIENTS)
        ]
        clients += [
            lives.create_task(run_imports(gateway.url, journal, stop, f"bulk{number}"))
            for number in range(IMPORTS)
        ]
        for _ in range(kills):
            await asyncio.sleep(chance.uniform(SHORTEST, LONGEST))
            await gateway.kill()
            journal.kills += 1
            await gateway.start()
        stop.set()
        await asyncio.gather(*clients)


async def drained(url: str) -> dict[str, int]:
    """Wait until nothing is pending; answer how many pushes stand in each other state."""
    async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as http:
        while await count(http, "PENDING"):  # noqa: ASYNC110 - it is another process
            await asyncio.sleep(0.2)
        states = ("DELIVERED", "SUPERSEDED", "REJECTED", "OUTCOME_UNKNOWN", "DEAD", "DISCARDED")
        return {state: await count(http, state) for state in states}


async def count(http: httpx.AsyncClient, state: str) -> int:
    """Answer how many pushes stand so."""
    question = "query($s: [PushState!]) { pushes(first: 1, filter: {states: $s}) { totalCount } }"
    answer = await http.post("/graphql", json={"query": question, "variables": {"s": [state]}})
    total: int = answer.json()["data"]["pushes"]["totalCount"]
    return total


def toml(sections: Mapping[str, Any]) -> str:
    """Write a configuration: sections, and lists of them."""
    lines = []
    for name, section in sections.items():
        for one in section if isinstance(section, list) else [section]:
            lines.append(f"[[{name}]]" if isinstance(section, list) else f"[{name}]")
            lines += [f"{key} = {value(given)}" for key, given in one.items()]
    return "\n".join(lines) + "\n"


def value(given: Any) -> str:
    """Write a value."""
    return f'"{given}"' if isinstance(given, str) else str(given).lower()


#: How often the gateway is killed on each database: few times in a run of the whole suite.
KILLS = int(os.environ.get("CRASH_KILLS", "4"))
