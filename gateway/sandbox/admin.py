"""Control routes of the sandbox, below `/_sandbox/`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.sandbox.faults import BadFaultError, Faults
from gateway.sandbox.part import (
    AdminRoute,
    BadAdminCallError,
    FreshStates,
    NotInTheSandboxError,
    Parts,
)
from gateway.sandbox.sample_shop import DEFAULT_SEED
from gateway.sandbox.server_state import ServerState
from gateway.sandbox.wire_log import WireLog


@dataclass(frozen=True, slots=True)
class Reset:
    """The time that the sample shop is relative to (None: now), and its seed."""

    now: int | None = None
    seed: int = DEFAULT_SEED


@dataclass(frozen=True, slots=True)
class Advance:
    """Seconds to move the clock ahead by."""

    advance: float


class Admin:
    """The control routes of one sandbox, without those of its parts."""

    def __init__(self, parts: Parts, server: ServerState, faults: Faults, log: WireLog) -> None:
        self._states = FreshStates(parts)
        self._server = server
        self._faults = faults
        self._log = log

    def routes(self) -> list[AdminRoute]:
        """Return the admin calls."""
        return [
            AdminRoute("POST", "faults", self.add_fault),
            AdminRoute("GET", "faults", self.list_faults),
            AdminRoute("DELETE", "faults", self.clear_faults),
            AdminRoute("GET", "log", self.read_log),
            AdminRoute("DELETE", "log", self.clear_log),
            AdminRoute("POST", "reset", self.reset),
            AdminRoute("GET", "state", self.read_state),
            AdminRoute("POST", "clock", self.advance),
        ]

    async def add_fault(self, _request: Request, body: dict[str, Any]) -> Any:
        """Add a fault (fields of `faults.Fault`) and return it with its number."""
        return self._faults.add(body)

    async def list_faults(self, _request: Request, _body: dict[str, Any]) -> Any:
        """Return the pending faults."""
        return {"faults": self._faults.waiting()}

    async def clear_faults(self, _request: Request, _body: dict[str, Any]) -> Any:
        """Clear all faults."""
        self._faults.clear()
        return {"faults": []}

    async def read_log(self, _request: Request, _body: dict[str, Any]) -> Any:
        """Return the counts, the most that were in flight at once, and the last requests."""
        log = self._log
        return {"counts": log.counts, "peaks": log.peaks, "requests": list(log.requests)}

    async def clear_log(self, _request: Request, _body: dict[str, Any]) -> Any:
        """Empty the log."""
        self._log.clear()
        return {}

    async def reset(self, _request: Request, body: dict[str, Any]) -> Any:
        """Restore the sample shop, with optional `now` and `seed`; clear faults and log."""
        server = self._server
        server.clock.restart()
        start = msgspec.convert(body, Reset)
        now = int(server.clock.now()) if start.now is None else start.now
        server.restore(self._states.fresh([*server.accounts.values()], now, start.seed))
        self._faults.clear()
        self._log.clear()
        return {"seeded_at": now}

    async def read_state(self, _request: Request, _body: dict[str, Any]) -> Any:
        """Return the state of the platforms, without the tokens."""
        state = self._server.state
        return {
            "now": self._server.clock.now(),
            "seeded_at": state.seeded_at,
            "shops": state.shops,
        }

    async def advance(self, _request: Request, body: dict[str, Any]) -> Any:
        """Move the clock ahead by `advance` seconds."""
        self._server.clock.advance(msgspec.convert(body, Advance).advance)
        return {"now": self._server.clock.now()}


def starlette_routes(routes: Sequence[AdminRoute]) -> list[Route]:
    """Return the routes below `/_sandbox/`; responses are JSON, errors 400 or 404."""
    return [
        Route(f"/_sandbox/{route.path}", _endpoint(route), methods=[route.method])
        for route in routes
    ]


def _endpoint(route: AdminRoute) -> Any:
    async def endpoint(request: Request) -> Response:
        raw = await request.body()
        try:
            result = await route.call(request, _object(raw))
        except (BadFaultError, BadAdminCallError, msgspec.ValidationError) as error:
            return _json({"error": str(error)}, 400)
        except NotInTheSandboxError as error:
            return _json({"error": str(error)}, 404)
        return _json(result)

    return endpoint


def _object(raw: bytes) -> dict[str, Any]:
    try:
        body = orjson.loads(raw) if raw else {}
    except orjson.JSONDecodeError as error:
        raise BadAdminCallError("the body is no JSON") from error
    if not isinstance(body, dict):
        raise BadAdminCallError("the body is no JSON object")
    return body


def _json(body: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(body), status, media_type="application/json")
