"""The sandbox as an ASGI application of platform parts."""

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterator
from pathlib import Path

import structlog
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.sandbox.admin import Admin, starlette_routes
from gateway.sandbox.fault_injection import FaultInjection
from gateway.sandbox.faults import Faults
from gateway.sandbox.part import (
    EventSender,
    Incoming,
    Paid,
    Parts,
    accounts_of,
    seeded_state,
    service_of,
    services_of,
)
from gateway.sandbox.request import Wire
from gateway.sandbox.server_state import SandboxState, ServerState, Setting
from gateway.sandbox.state_file import StateFile, StateFileError, load_state
from gateway.sandbox.wire_log import LogLayer, WireLog

ANY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
#: Seconds until the first demo order; a new user should not wait long.
FIRST_DEMO_ORDER = 5.0
#: Seconds between two looks for events to be pushed.
EVENTS_EVERY = 0.1
#: Bounds the orders of a demo that runs for days.
MOST_DEMO_ORDERS = 1_000

_log = structlog.stdlib.get_logger(__name__)


async def unheard(_app_id: str, _order: Wire) -> None:
    """Ignore a paid order."""


def create_sandbox(
    parts: Parts,
    setting: Setting | None = None,
    *,
    state: SandboxState | None = None,
    state_file: Path | None = None,
    paid: Paid = unheard,
) -> Starlette:
    """Create the sandbox: the platforms of `parts` on one address, and its control routes.

    Args:
        parts: the platforms, each path served by the part that has its longest prefix.
        setting: accounts, clock, randomness, pushed events and demo orders.
        state: the initial state; None: the state file, or the sample shop if there is none. An
        unreadable file is also replaced by the sample shop, which is logged.
        state_file: keeps the state between runs.
        paid: called for each order that a buyer pays, with the app id of the shop.
    """
    setting = setting or Setting()
    accounts = accounts_of(parts) if setting.accounts is None else setting.accounts
    if state is None and state_file is not None:
        state = _loaded(state_file, parts)
    if state is None:
        state = seeded_state(parts, accounts, int(setting.base_clock()))
    server = ServerState(accounts, state, setting.base_clock, setting.entropy)
    return _application(parts, server, _PaidOrders(parts, setting, paid), state_file)


def _loaded(path: Path, parts: Parts) -> SandboxState | None:
    try:
        return load_state(path, parts)
    except StateFileError as error:
        _log.warning(
            "sandbox.state_file.unreadable",
            message="The state file cannot be read: starting from the sample shop",
            path=str(path),
            error=str(error),
        )
        return None


class _PaidOrders:
    """Announces paid orders and other events, and places demo orders periodically."""

    def __init__(self, parts: Parts, setting: Setting, heard: Paid) -> None:
        self._parts = parts
        self._heard = heard
        self._every = setting.demo_orders_every
        self._senders: dict[str, EventSender] = {}
        for part in parts:
            url = setting.events_to.get(part.name)
            sender = part.event_sender(url) if url else None
            if sender is not None:
                self._senders[part.name] = sender

    async def paid(self, platform: str, app_id: str, order: Wire) -> None:
        """Announce a paid order."""
        await self._heard(app_id, order)
        if sender := self._senders.get(platform):
            await sender.paid(app_id, order)

    @contextlib.asynccontextmanager
    async def running(self, server: ServerState) -> AsyncIterator[None]:
        """Push events and place demo orders while the context lasts."""
        async with contextlib.AsyncExitStack() as stack:
            for sender in self._senders.values():
                await stack.enter_async_context(sender)
            tasks = [asyncio.create_task(self._push_events(server))] if self._senders else []
            if self._every is not None:
                tasks.append(asyncio.create_task(self._demo_orders(server, self._every)))
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _push_events(self, server: ServerState) -> None:
        while True:
            for part in self._parts:
                if sender := self._senders.get(part.name):
                    for app_id, message in part.pending_events(server):
                        await sender.push(app_id, message)
            await asyncio.sleep(EVENTS_EVERY)

    async def _demo_orders(self, server: ServerState, every: float) -> None:
        await asyncio.sleep(min(FIRST_DEMO_ORDER, every))
        for _ in range(MOST_DEMO_ORDERS):
            for part in self._parts:
                for app_id, order in part.demo_orders(server):
                    await self.paid(part.name, app_id, order)
            await asyncio.sleep(every)


def _application(
    parts: Parts, server: ServerState, orders: _PaidOrders, state_file: Path | None
) -> Starlette:
    services = services_of(parts)
    faults, log = Faults([service.name for service in services]), WireLog()
    file = StateFile(state_file, lambda: server.state) if state_file else None

    async def serve(request: Request) -> Response:
        service = service_of(services, request.url.path)
        if service is None:
            error = f"no platform of the sandbox serves {request.url.path}"
            return JSONResponse({"error": error}, 404)
        response = await service.serve(Incoming(request, await request.body(), server))
        if file:
            file.changed()
        return response

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with file.saving() if file else contextlib.nullcontext(), orders.running(server):
            yield

    admin_routes = [
        *Admin(parts, server, faults, log).routes(),
        *(
            route
            for part in parts
            for route in part.admin_routes(server, functools.partial(orders.paid, part.name))
        ),
    ]
    return Starlette(
        routes=[
            *starlette_routes(admin_routes),
            Route("/{path:path}", serve, methods=ANY_METHOD),
        ],
        middleware=[
            Middleware(LogLayer, log=log, server=server),
            Middleware(FaultInjection, faults=faults, server=server, services=services),
        ],
        lifespan=lifespan,
    )
