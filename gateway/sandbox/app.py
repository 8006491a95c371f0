"""The sandbox as an ASGI application."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.sandbox.admin import Admin, Paid
from gateway.sandbox.announcing import Announcer
from gateway.sandbox.faults import Faults
from gateway.sandbox.keeping import StateFile, load_state
from gateway.sandbox.platforms import Platforms
from gateway.sandbox.seed.shop import DEFAULT_SEED
from gateway.sandbox.seeding import seeded_state
from gateway.sandbox.state import SandboxState, Wire
from gateway.sandbox.striking import FaultLayer
from gateway.sandbox.trickle import trickle
from gateway.sandbox.wire_log import LogLayer, WireLog
from gateway.sandbox.world import Setting, World

ANY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


async def unheard(_app_id: str, _order: Wire) -> None:
    """Let a paid order go unannounced."""


def create_sandbox(
    state: SandboxState | None = None,
    setting: Setting | None = None,
    *,
    state_file: Path | None = None,
    paid: Paid = unheard,
    events_to: str | None = None,
    pays_every: float | None = None,
) -> Starlette:
    """Make the sandbox: all three platforms on one address, and `/_sandbox/` to steer them.

    Without a `state` it goes on from the file, and where there is none from the sample shop.
    `paid(app_id, order)` hears of each order that a buyer pays in a WeChat Store; with
    `events_to`, the address of a message push does. With `pays_every` a buyer pays one every so
    many seconds.
    """
    setting = setting or Setting()
    if state is None and state_file is not None:
        state = load_state(state_file)
    if state is None:
        state = seeded_state(setting.accounts, int(setting.base_clock()), DEFAULT_SEED)
    events = Events(paid, Announcer(events_to) if events_to else None, pays_every)
    return _application(World(setting, state), state_file, events)


@dataclass(frozen=True, slots=True)
class Events:
    """Who hears of paid orders, and how often one is paid without an admin call."""

    heard: Paid
    announcer: Announcer | None
    pays_every: float | None

    async def paid(self, app_id: str, order: Wire) -> None:
        """Let everybody hear of a paid order."""
        await self.heard(app_id, order)
        if self.announcer is not None:
            await self.announcer.paid(app_id, order)

    @contextlib.asynccontextmanager
    async def happening(self, world: World) -> AsyncIterator[None]:
        """Announce and trickle while the context lasts."""
        async with self.announcer or contextlib.nullcontext():
            if self.pays_every is None:
                yield
                return
            task = asyncio.create_task(trickle(world, self.paid, self.pays_every))
            try:
                yield
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)


def _application(world: World, state_file: Path | None, events: Events) -> Starlette:
    faults, log, platforms = Faults(), WireLog(), Platforms(world)
    file = StateFile(state_file, lambda: world.state) if state_file else None

    async def serve(request: Request) -> Response:
        response = await platforms.serve(request)
        if file:
            file.touch()
        return response

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with file.kept() if file else contextlib.nullcontext(), events.happening(world):
            yield

    def owner(token: str) -> str | None:
        return world.tokens.owner(token)

    def expire(token: str) -> None:
        world.tokens.expire(token)

    admin = Admin(world, faults, log, events.paid)
    return Starlette(
        routes=[*admin.routes(), Route("/{path:path}", serve, methods=ANY_METHOD)],
        middleware=[
            Middleware(LogLayer, log=log, now=world.clock.now, owner=owner),
            Middleware(
                FaultLayer,
                faults=faults,
                owner=owner,
                expire=expire,
            ),
        ],
        lifespan=lifespan,
    )
