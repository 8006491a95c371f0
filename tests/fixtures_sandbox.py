"""The sandbox platforms over real HTTP: one server a session, the sample shop for each test."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette

from gateway.registry import sandbox_parts
from gateway.sandbox.app import create_sandbox
from gateway.sandbox.server import SandboxProtocol
from gateway.sandbox.server_state import Account
from tests.prompt_server import PromptServer

#: Seconds in which the server has to start, and to end.
TIMEOUT = 20.0


class Sandbox:
    """The running sandbox: its address, and the admin calls by which a test steers it."""

    def __init__(self, base_url: str, client: httpx.Client) -> None:
        self.base_url = base_url
        self.client = client

    def reset(self, **body: int) -> None:
        """Start anew from the sample shop, without faults, log or tokens; `now` may be given."""
        self._admin("POST", "reset", body)

    def fault(self, kind: str, value: Any = None, **more: Any) -> None:
        """Ask for a fault: `times` (None: until cleared), `platform`, `path`, `app_id`, `after`."""
        self._admin("POST", "faults", {"kind": kind, "value": value, **more})

    def clear_faults(self) -> None:
        """End all faults."""
        self._admin("DELETE", "faults")

    def requests(self, endpoint: str | None = None) -> list[dict[str, Any]]:
        """Give the last requests, oldest first: of one path, `?action=` with it, or of all."""
        logged: list[dict[str, Any]] = self._admin("GET", "log")["requests"]
        return [one for one in logged if endpoint in (None, one["endpoint"])]

    def counts(self) -> dict[str, int]:
        """Give how often each path was asked."""
        counts: dict[str, int] = self._admin("GET", "log")["counts"]
        return counts

    def peaks(self) -> dict[str, int]:
        """Give how many requests of each path were under way at once."""
        peaks: dict[str, int] = self._admin("GET", "log")["peaks"]
        return peaks

    def clear_log(self) -> None:
        """Start counting anew."""
        self._admin("DELETE", "log")

    def state(self) -> dict[str, Any]:
        """Give all that the platforms remember: `shops` by platform and app id."""
        state: dict[str, Any] = self._admin("GET", "state")
        return state

    def shops(self, platform: str) -> dict[str, Any]:
        """Give the shops of a platform by app id."""
        shops: dict[str, Any] = self.state()["shops"][platform]
        return shops

    def advance(self, seconds: float) -> None:
        """Let the platforms' clock run ahead."""
        self._admin("POST", "clock", {"advance": seconds})

    def order(self, **body: Any) -> dict[str, Any]:
        """Let a buyer place an order in the WeChat Store (fields of `Purchase`), as in 6.2."""
        order: dict[str, Any] = self._admin("POST", "orders", body)["order"]
        return order

    def set_order_status(self, order_id: str, status: int) -> None:
        """Let a WeChat Store order change without a call of ours: 5 received, 8 disputed."""
        self._admin("POST", f"orders/{order_id}", {"status": status})

    def token(self, account: Account) -> str:
        """Give a token of an account, as the platform issues it."""
        if account.issuer == "baidu":
            names = ("/oauth/2.0/token", "client_credentials", "client_id", "client_secret")
        else:
            names = ("/cgi-bin/token", "client_credential", "appid", "secret")
        path, grant, name, secret = names
        query = {"grant_type": grant, name: account.app_id, secret: account.secret}
        answer = self.client.get(path, params=query)
        token: str = answer.json()["access_token"]
        return token

    def admin(self, call: str, **body: Any) -> Any:
        """Make a control call of a platform's own."""
        return self._admin("POST", call, body)

    def _admin(self, method: str, call: str, body: dict[str, Any] | None = None) -> Any:
        answer = self.client.request(method, f"/_sandbox/{call}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()


def _server(app: Starlette) -> PromptServer:
    config = uvicorn.Config(
        app,
        loop="asyncio",
        http=SandboxProtocol,
        lifespan="on",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=1,
        # Longer than a client keeps a connection: none is closed while a request is on its way.
        timeout_keep_alive=60,
    )
    return PromptServer(config)


@contextlib.contextmanager
def served(app: Starlette) -> Iterator[Sandbox]:
    """Serve a sandbox on a free port while the context lasts."""
    server = _server(app)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        # No proxy of the environment may stand between a test and this machine.
        with httpx.Client(base_url=base_url, timeout=TIMEOUT, trust_env=False) as client:
            yield Sandbox(base_url, client)
        server.stop()
        thread.join(TIMEOUT)
        assert not thread.is_alive(), "the sandbox did not end"


@pytest.fixture(scope="session")
def sandbox_server() -> Iterator[Sandbox]:
    """Serve one sandbox for the whole session; what a test changed in it stays."""
    with served(create_sandbox(sandbox_parts())) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(sandbox_server: Sandbox) -> Sandbox:
    """Give the sandbox as new: the sample shop, no fault, no token, an empty log."""
    sandbox_server.reset()
    return sandbox_server
