"""The admin calls under `/_sandbox/`, by which tests and people steer the sandbox."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import msgspec
import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.sandbox.faults import BadFaultError, Faults
from gateway.sandbox.new_orders import NoSuchOrderError, Purchase, place_order, set_status
from gateway.sandbox.orders import TO_SHIP
from gateway.sandbox.seed.shop import DEFAULT_SEED
from gateway.sandbox.seeding import seeded_state
from gateway.sandbox.state import StoreShop, Wire
from gateway.sandbox.wire_log import WireLog
from gateway.sandbox.world import World

Paid = Callable[[str, Wire], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class NewStart:
    """A reset: the time that the sample shop is relative to (None: now), and its seed."""

    now: int | None = None
    seed: int = DEFAULT_SEED


@dataclass(frozen=True, slots=True)
class Passing:
    """Time that passes at once, in seconds."""

    advance: float


@dataclass(frozen=True, slots=True)
class StatusChange:
    """An order's new status, in the store of an app (None: the first one)."""

    status: int
    app_id: str | None = None


class BadAdminCallError(ValueError):
    """An admin call that cannot be understood."""


class Admin:
    """The admin calls of one sandbox; `paid(app_id, order)` hears of every paid order."""

    def __init__(self, world: World, faults: Faults, log: WireLog, paid: Paid) -> None:
        self._world = world
        self._faults = faults
        self._log = log
        self._paid = paid

    def routes(self) -> list[Route]:
        """Give the routes."""
        return [
            Route("/_sandbox/faults", self._answered(self.add_fault), methods=["POST"]),
            Route("/_sandbox/faults", self._answered(self.list_faults), methods=["GET"]),
            Route("/_sandbox/faults", self._answered(self.clear_faults), methods=["DELETE"]),
            Route("/_sandbox/log", self._answered(self.read_log), methods=["GET"]),
            Route("/_sandbox/log", self._answered(self.clear_log), methods=["DELETE"]),
            Route("/_sandbox/reset", self._answered(self.reset), methods=["POST"]),
            Route("/_sandbox/state", self._answered(self.read_state), methods=["GET"]),
            Route("/_sandbox/clock", self._answered(self.advance), methods=["POST"]),
            Route("/_sandbox/orders", self._answered(self.order), methods=["POST"]),
            Route("/_sandbox/orders/{order_id}", self._answered(self.status), methods=["POST"]),
        ]

    async def add_fault(self, _request: Request, body: dict[str, Any]) -> Any:
        """Take a fault (fields of `faults.Fault`) and give it with its number."""
        return self._faults.add(body)

    async def list_faults(self, _request: Request, _body: dict[str, Any]) -> Any:
        """Give the faults that wait."""
        return {"faults": self._faults.waiting()}

    async def clear_faults(self, _request: Request, _body: dict[str, Any]) -> Any:
        """Forget all faults."""
        self._faults.clear()
        return {"faults": []}

    async def read_log(self, _request: Request, _body: dict[str, Any]) -> Any:
        """Give the counts, the most that were under way at once, and the last requests."""
        log = self._log
        return {"counts": log.counts, "peaks": log.peaks, "requests": list(log.requests)}

    async def clear_log(self, _request: Request, _body: dict[str, Any]) -> Any:
        """Start the log anew."""
        self._log.clear()
        return {}

    async def reset(self, _request: Request, body: dict[str, Any]) -> Any:
        """Start anew from the sample shop: `now` and `seed` may be given; no fault, no log."""
        self._world.clock.restart()
        start = msgspec.convert(body, NewStart)
        now = int(self._world.clock.now()) if start.now is None else start.now
        self._world.restore(seeded_state(self._world.setting.accounts, now, start.seed))
        self._faults.clear()
        self._log.clear()
        return {"seeded_at": now}

    async def read_state(self, _request: Request, _body: dict[str, Any]) -> Any:
        """Give all that the platforms remember, without the tokens."""
        state = self._world.state
        return {
            "now": self._world.clock.now(),
            "seeded_at": state.seeded_at,
            "stores": state.stores,
            "minis": state.minis,
            "swans": state.swans,
        }

    async def advance(self, _request: Request, body: dict[str, Any]) -> Any:
        """Let `advance` seconds pass."""
        self._world.clock.advance(msgspec.convert(body, Passing).advance)
        return {"now": self._world.clock.now()}

    async def order(self, _request: Request, body: dict[str, Any]) -> Any:
        """Place an order in a WeChat Store (fields of `Purchase`, and `app_id`)."""
        app_id, shop = self._store(body.pop("app_id", None))
        purchase = msgspec.convert(body, Purchase)
        now = int(self._world.clock.now())
        order = place_order(shop, purchase, self._world.setting.invented.statuses, now)
        if purchase.paid:
            await self._paid(app_id, order)
        return {"order": order}

    async def status(self, request: Request, body: dict[str, Any]) -> Any:
        """Bring an order to `status`: 2 is paid, which is announced."""
        change = msgspec.convert(body, StatusChange)
        app_id, shop = self._store(change.app_id)
        order = set_status(shop, request.path_params["order_id"], change.status)
        if change.status == TO_SHIP:
            await self._paid(app_id, order)
        return {"order": order}

    def _store(self, app_id: str | None) -> tuple[str, StoreShop]:
        stores = self._world.state.stores
        found = app_id or next(iter(stores), "")
        if found not in stores:
            raise BadAdminCallError(f"no WeChat Store has the app id {found!r}")
        return found, stores[found]

    def _answered(
        self, call: Callable[[Request, dict[str, Any]], Awaitable[Any]]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            raw = await request.body()
            try:
                result = await call(request, _object(raw))
            except (BadFaultError, BadAdminCallError, msgspec.ValidationError) as error:
                return _json({"error": str(error)}, 400)
            except NoSuchOrderError as error:
                return _json({"error": str(error)}, 404)
            return _json(result)

        return answer


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
