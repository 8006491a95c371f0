"""Dispatch loop of one process: delivers due pushes of every shop until stopped."""

import asyncio
from typing import Final

import structlog

from gateway.errors import GatewayError
from gateway.outbox.dispatcher import Dispatcher

#: Seconds between two polls of the outbox while no push is signalled.
POLL: Final = 1.0
#: Seconds that running deliveries have to end at shutdown.
GRACE: Final = 15.0

_log = structlog.stdlib.get_logger(__name__)


class DispatchLoop:
    """Runs beside the server; several processes share the outbox by leases."""

    def __init__(self, dispatcher: Dispatcher, *, poll: float = POLL, grace: float = GRACE) -> None:
        self._dispatcher = dispatcher
        self._poll = poll
        self._grace = grace
        self._stopping = False
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Start one task for each shop, so that none waits for another one's platform."""
        self._tasks = [
            asyncio.create_task(self._serve(shop), name=f"outbox of {shop}")
            for shop in self._dispatcher.shops
        ]

    async def stop(self) -> None:
        """Claim nothing more, let running deliveries end, and release the rest."""
        self._stopping = True
        for shop in self._dispatcher.shops:
            self._dispatcher.wake(shop)
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=self._grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
        try:
            await self._dispatcher.release()
        except GatewayError as error:
            _log.warning(
                "outbox.lease.release_failed",
                message="Claimed pushes stay leased until their leases expire.",
                error=error.message,
            )

    async def _serve(self, shop: str) -> None:
        while not self._stopping:
            if not await self._deliver(shop) and not self._stopping:
                await self._dispatcher.woken(shop, self._poll)

    async def _deliver(self, shop: str) -> int:
        try:
            return await self._dispatcher.deliver_due(shop)
        except GatewayError as error:
            _log.warning(
                "outbox.dispatch.store_unavailable",
                message="Due pushes cannot be claimed or recorded; retried at the next poll.",
                shop=shop,
                error=error.message,
            )
        except Exception:  # noqa: BLE001 - a shop's deliveries go on, whatever went wrong
            _log.exception(
                "outbox.dispatch.failed",
                message="The dispatch loop of a shop failed; it goes on at the next poll.",
                shop=shop,
            )
        return 0
