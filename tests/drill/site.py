"""A gateway's folder: its configuration, keys file and encryption key; and a client of it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.cli.command import gateway
from tests.crash.killed_gateway import toml
from tests.e2e.order_samples import IMPORT, baidu_order
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import KEY, configuration

READ = "query($id: ID!) { order(id: $id) { platformId } }"
PENDING = "{ pushes(first: 1, filter: {states: [PENDING]}) { totalCount } }"
#: What a process answers while it ends, or while its store is away: repeated under the same key.
AGAIN = {"IDEMPOTENCY_IN_PROGRESS", "STORE_UNAVAILABLE", "OVERLOADED"}


def make_site(folder: Path, sandbox: Sandbox, store: str, cache: str = "memory://") -> str:
    """Write a gateway's folder, and migrate its store; answers an API key."""
    sections = configuration(
        sandbox,
        folder,
        auth={"keys_file": "keys.toml"},
        store={"url": store, "encryption_key": KEY},
        cache={"url": cache},
    )
    text = toml(sections)
    (folder / "store_key").write_text(KEY)
    (folder / "store_key").chmod(0o600)
    (folder / "gateway.toml").write_text(text.replace(f'"{KEY}"', '{ file = "store_key" }'))
    assert gateway("migrate", cwd=folder).returncode == 0
    scopes = "orders:read,orders:write,ops:read,pii:read"
    added = gateway(
        *("keys", "add", "shop", "--scopes", scopes, "--shops", "*"),
        cwd=folder,
    )
    assert added.returncode == 0, added.stderr
    return added.stdout.strip()


class Shopkeeper:
    """Writes orders, each under its own idempotency key, and reads them."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http
        #: The id of each order whose import was acknowledged, by the platform's id.
        self.acknowledged: dict[str, str] = {}
        #: Requests that a proxy or a process that ended did not let through.
        self.repeated = 0
        #: Set once nobody waits for answers any more.
        self.gone = threading.Event()

    def write(self, name: str) -> dict[str, Any]:
        """Import an order, however often it takes; answers the whole response, {} once `gone`."""
        while not self.gone.is_set():
            try:
                body = self._post(IMPORT, {"input": baidu_order(name)}, name)
            except (httpx.TransportError, ValueError):
                body = {"errors": []}
            if "errors" in body:
                assert {error["extensions"]["code"] for error in body["errors"]} <= AGAIN, body
                self.repeated += 1
                self.gone.wait(0.05)
                continue
            payload = body["data"]["orderImport"]
            assert payload["userErrors"] == [], payload
            self.acknowledged[name] = payload["order"]["id"]
            return body
        return {}

    def read(self, order: str) -> str:
        """Answer the platform's id of an order."""
        return str(self._post(READ, {"id": order})["data"]["order"]["platformId"])

    def pending(self) -> int:
        """How many pushes wait."""
        total: int = self._post(PENDING, {})["data"]["pushes"]["totalCount"]
        return total

    def is_ready(self) -> bool:
        """Whether the gateway takes requests."""
        try:
            return self._http.get("/readyz").status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    def _post(self, query: str, variables: dict[str, Any], key: str = "") -> dict[str, Any]:
        headers = {"Idempotency-Key": key} if key else {}
        request = {"query": query, "variables": variables}
        answer: dict[str, Any] = self._http.post("/graphql", json=request, headers=headers).json()
        return answer


@contextmanager
def shopkeeper(address: str, key: str, **client: Any) -> Iterator[Shopkeeper]:
    """A client of a gateway, or of a proxy before several."""
    with httpx.Client(
        base_url=address,
        headers={"Authorization": f"Bearer {key}"},
        timeout=60,
        trust_env=False,
        **client,
    ) as http:
        yield Shopkeeper(http)


@contextmanager
def writing(keeper: Shopkeeper, prefix: str) -> Iterator[None]:
    """Write one order after the other meanwhile; what is under way at the end is answered."""
    stop = threading.Event()
    failures: list[BaseException] = []

    def write() -> None:
        try:
            number = 0
            while not (stop.is_set() or keeper.gone.is_set()):
                keeper.write(f"{prefix}{number}")
                number += 1
        except BaseException as failure:
            failures.append(failure)
            raise

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
    assert failures == []
