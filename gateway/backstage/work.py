"""What one process does in the background as long as it serves."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

from gateway.backstage.opened import Backstage
from gateway.inbox.office import inbox_open
from gateway.inbox.receiver import Receiver
from gateway.inbox.worker import Worker as Rounds
from gateway.outbox.backlog import Backlog, Observer
from gateway.outbox.housekeeping import Housekeeping
from gateway.outbox.worker import Worker
from gateway.services.mirroring.follower import MirrorFollower
from gateway.settings import Settings, StoreSettings
from gateway.upstream.clock import Clock
from schema.platform import Platform

#: Seconds after which changes of orders that may have copies are looked at.
_MIRROR_POLL: Final = 1.0


@asynccontextmanager
async def at_work(
    opened: Backstage, settings: Settings, clock: Clock, observer: Observer
) -> AsyncIterator[Mapping[str, Receiver]]:
    """Delivers, mirrors and takes events in, as long as the context lasts.

    Gives the doors of the shops whose platforms send messages.
    """
    async with (
        _delivering(opened, settings.store),
        _counting(Backlog(opened.store, opened.adapters, clock.wall, observer)),
        _mirroring(opened, clock),
        inbox_open(settings.shops, opened.store, opened.adapters, opened.bell.ring, clock) as doors,
    ):
        yield doors


@asynccontextmanager
async def _delivering(opened: Backstage, kept: StoreSettings) -> AsyncIterator[None]:
    """Delivers what is due and lets go of what is old."""
    worker = Worker(opened.courier)
    rounds = Housekeeping(
        opened.store,
        opened.courier.shops,
        retention_days=kept.retention_days,
        changes_days=kept.changes_days,
    )
    worker.start()
    going_round = asyncio.create_task(rounds.run(), name="housekeeping")
    try:
        yield
    finally:
        going_round.cancel()
        await asyncio.gather(going_round, return_exceptions=True)
        await worker.stop()


@asynccontextmanager
async def _counting(backlog: Backlog) -> AsyncIterator[None]:
    """Tells how much waits."""
    looking = asyncio.create_task(backlog.run(), name="backlog")
    try:
        yield
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)


@asynccontextmanager
async def _mirroring(opened: Backstage, clock: Clock) -> AsyncIterator[None]:
    """Keeps copies of orders in step with them."""
    sources = [
        key
        for key, adapter in opened.adapters.items()
        if adapter.shop.platform is Platform.WECHAT_STORE
    ]
    keeper = opened.services.mirror_keeper
    follower = MirrorFollower(opened.store, keeper, sources, clock.wall)
    worker = Rounds("mirrors", follower.work, pause=_MIRROR_POLL)
    if sources and any(adapter.order_writes for adapter in opened.adapters.values()):
        worker.start()
    try:
        yield
    finally:
        await worker.stop()
        await follower.stop()
