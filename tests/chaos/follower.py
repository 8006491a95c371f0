"""One client that follows every change of an order, and comes back where it was cut off."""

import asyncio
from dataclasses import dataclass
from typing import Any

import httpx

from tests.feed.subscribers import following
from tests.waiting import eventually

#: Seconds without anything on the stream, after which the follower comes back.
WAIT_LIMIT = 90.0

CHANGES = """
subscription ($since: String) { orderChanged(since: $since) {
  cursor orderId previousStatus cause order { status } } }
"""


@dataclass(frozen=True, slots=True)
class Change:
    """One change as the follower was told of it; `status` is None where the order was not read."""

    cursor: str
    order_id: str
    previous: str | None
    cause: str
    status: str | None


class Follower:
    """Follows until it is stopped; `changes` are in the order in which they came."""

    def __init__(self, *urls: str) -> None:
        self.changes: list[Change] = []
        self.errors: list[dict[str, Any]] = []
        self.connections = 0
        self._urls = urls
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to follow, and wait until the gateway answers."""
        self._task = asyncio.create_task(self._follow())
        await eventually(lambda: self.connections)

    async def stop(self) -> None:
        """Follow no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _follow(self) -> None:
        while True:
            url = self._urls[self.connections % len(self._urls)]
            try:
                async with httpx.AsyncClient(
                    base_url=url, timeout=WAIT_LIMIT, trust_env=False
                ) as http:
                    await self._listen(http)
            except (httpx.TransportError, TimeoutError, AssertionError, KeyError):
                await asyncio.sleep(0.1)

    async def _listen(self, http: httpx.AsyncClient) -> None:
        since = self.changes[-1].cursor if self.changes else None
        async with following(http, CHANGES, {"since": since}) as events:
            self.connections += 1
            while True:
                kind, payload = await events.take()
                if kind != "next":
                    return
                self.errors += payload.get("errors", ())
                if payload.get("data"):
                    self._note(payload["data"]["orderChanged"])

    def _note(self, told: dict[str, Any]) -> None:
        order = told["order"]
        self.changes.append(
            Change(
                told["cursor"],
                told["orderId"],
                told["previousStatus"],
                told["cause"],
                order and order["status"],
            )
        )
