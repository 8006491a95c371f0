"""Pushes paid orders to the address of the console's message settings."""

import asyncio
import secrets
import time
from collections.abc import Callable
from typing import Self

import httpx

from gateway.sandbox.event_message import delivery, merchant_order
from gateway.sandbox.state import Wire

#: Seconds in which the other side has to answer.
PATIENCE = 5.0
#: Seconds before each further try; the platform's own take hours.
PAUSES = (0.5, 2.0, 10.0)


class Announcer:
    """Sends the event of each order that it is told of, in the background, until it is taken."""

    def __init__(
        self,
        url: str,
        *,
        now: Callable[[], float] = time.time,
        entropy: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._url = url
        self._now = now
        self._entropy = entropy
        self._client: httpx.AsyncClient | None = None
        self._sending: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        """Open the client."""
        self._client = httpx.AsyncClient(timeout=PATIENCE, trust_env=False)
        return self

    async def __aexit__(self, *_error: object) -> None:
        """Give up what is not taken yet."""
        for task in self._sending:
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()

    async def paid(self, app_id: str, order: Wire) -> None:
        """Announce a paid order; it may take a while until it is taken."""
        task = asyncio.create_task(self._send(app_id, merchant_order(order, int(self._now()))))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _send(self, app_id: str, message: str) -> None:
        for pause in (*PAUSES, 0.0):
            if await self._taken(app_id, message):
                return
            await asyncio.sleep(pause)

    async def _taken(self, app_id: str, message: str) -> bool:
        if self._client is None:
            return False
        query, body = delivery(message, app_id, int(self._now()), self._entropy)
        headers = {"content-type": "text/xml"}
        try:
            answer = await self._client.post(f"{self._url}?{query}", content=body, headers=headers)
        except httpx.HTTPError:
            return False
        return answer.status_code == httpx.codes.OK and answer.text in {"", "success"}
