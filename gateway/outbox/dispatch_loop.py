"""The worker of one process: delivers what is due, shop by shop, until it is told to stop."""

import asyncio
from typing import Final

import structlog

from gateway.errors import GatewayError
from gateway.outbox.dispatcher import Dispatcher

#: Seconds after which the outbox is looked at even where nobody said that there is anything.
POLL: Final = 1.0
#: Seconds that deliveries under way have to end.
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
        """Begin in the background: one task a shop, so that none waits for another's platform."""
        self._tasks = [
            asyncio.create_task(self._serve(shop), name=f"outbox of {shop}")
            for shop in self._dispatcher.shops
        ]

    async def stop(self) -> None:
        """Claim nothing more, let what is under way end, and give back the rest."""
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
            _log.warning("leases stay until they run out", error=error.message)

    async def _serve(self, shop: str) -> None:
        while not self._stopping:
            if not await self._deliver(shop) and not self._stopping:
                await self._dispatcher.woken(shop, self._poll)

    async def _deliver(self, shop: str) -> int:
        try:
            return await self._dispatcher.deliver_due(shop)
        except GatewayError as error:
            _log.warning("the outbox is out of reach", shop=shop, error=error.message)
        except Exception:  # noqa: BLE001 - a shop's deliveries go on, whatever went wrong
            _log.exception("the outbox's worker failed", shop=shop)
        return 0
