"""Dispatch loop of one process: sends the messages that are due, one background task per shop."""

import asyncio
from functools import partial
from typing import Final

import structlog

from gateway.concurrency.background_task import BackgroundTask, Supervision
from gateway.errors import GatewayError
from gateway.outbox.dispatcher import Dispatcher

#: Seconds between two polls of the outbox when nothing wakes the loop.
POLL: Final = 1.0
#: Seconds that deliveries in progress may take to end when the loop is stopped.
GRACE: Final = 15.0
#: How often the leases of what is being sent are looked at while one lasts.
_RENEWALS: Final = 6

_log = structlog.stdlib.get_logger(__name__)


class DispatchLoop:
    """Runs beside the server; several processes share the outbox by leases."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        *,
        poll: float = POLL,
        grace: float = GRACE,
        supervision: Supervision | None = None,
    ) -> None:
        self._dispatcher = dispatcher
        self._grace = grace
        # One per shop: a slow platform delays no other shop's messages.
        self._tasks = [
            BackgroundTask(
                f"outbox_dispatch/{shop}",
                partial(dispatcher.deliver_due, shop),
                interval=poll,
                wait=partial(dispatcher.woken, shop),
                supervision=supervision,
            )
            for shop in dispatcher.shops
        ]
        self._tasks.append(
            BackgroundTask(
                "outbox_leases",
                dispatcher.renew,
                interval=dispatcher.lease / _RENEWALS,
                supervision=supervision,
            )
        )

    def start(self) -> None:
        """Begin in the background."""
        for task in self._tasks:
            task.start()

    async def stop(self) -> None:
        """Claim no more messages, wait for those being sent, release the rest."""
        self._dispatcher.stop()
        await asyncio.gather(
            *(task.stop() for task in self._tasks), self._dispatcher.waits.drain(self._grace)
        )
        try:
            await self._dispatcher.close(self._grace)
        except GatewayError as error:
            _log.warning(
                "outbox.lease.release_failed",
                message="Leases could not be released; they last until they expire.",
                error=error.message,
            )
