"""Follows changes of orders over many connections at a time, in a process of its own.

    python -m bench.scale.followers URL COUNT

Half of the connections are event streams, half WebSockets; a connection that ends comes back with
the cursor of the last change that it had. `ready` is printed once all of them follow; a line on
the standard input ends it, and what each order's change met is printed as JSON.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp
import orjson
import uvloop

#: Three selections: followers of one share its execution.
_FIELDS: Final = (
    "id status total { fen } items { title quantity }",
    "id status createdAt shippingAddress { name city } paymentMethod",
    "id status shipments { trackingNumber } buyer { openId }",
)
_QUERY: Final = """
subscription ($since: String, $filter: OrderFilter) {
  orderChanged(since: $since, filter: $filter) { cursor orderId cause order { %s } } }
"""
#: Connections that are opened at a time.
_OPENING: Final = 50
_PROTOCOL: Final = "graphql-transport-ws"
#: Seconds until a connection that ended comes back.
_PAUSE: Final = 0.2


@dataclass(slots=True)
class Seen:
    """How many followers had the change of an order, and when the last of them had it."""

    followers: int = 0
    last: float = 0.0


@dataclass
class Followers:
    """What all connections saw together."""

    url: str
    seen: dict[str, Seen] = field(default_factory=dict)
    following: int = 0
    #: Ends of connections, by their reason.
    ends: Counter[str] = field(default_factory=Counter)
    #: Events without data that name no error, and changes that came again after a return.
    without_data: int = 0
    again: int = 0
    #: Events with an error, by its code.
    errors: Counter[str] = field(default_factory=Counter)

    async def follow(
        self, http: aiohttp.ClientSession, number: int, opening: asyncio.Semaphore
    ) -> None:
        """Follow until it is cancelled."""
        since: str | None = None
        known: set[str] = set()
        listen = self._by_socket if number % 2 else self._by_stream
        first = True
        while True:
            request = {
                "query": _QUERY % _FIELDS[number % len(_FIELDS)],
                "variables": {
                    "since": since,
                    "filter": {"shops": ["mini"]} if number % 4 else None,
                },
            }
            try:
                async with opening:
                    events = listen(http, request)
                    await anext(events)
                if first:
                    first = False
                    self.following += 1
                async for payload in events:
                    since = self._note(payload, known) or since
                self.ends["ended"] += 1
            except (aiohttp.ClientError, OSError, StopAsyncIteration) as error:
                self.ends[type(error).__name__] += 1
            await asyncio.sleep(_PAUSE)

    def _note(self, payload: Mapping[str, Any], known: set[str]) -> str | None:
        """Write an event down; the cursor of its change, or the one that its error names."""
        change = (payload.get("data") or {}).get("orderChanged")
        errors = payload.get("errors") or ()
        if change is None:
            self.without_data += not errors
            for error in errors:
                extensions = error.get("extensions") or {}
                self.errors[str(extensions.get("code"))] += 1
                if extensions.get("since"):
                    return str(extensions["since"])
            return None
        cursor = str(change["cursor"])
        if cursor in known:
            self.again += 1
            return cursor
        known.add(cursor)
        seen = self.seen.setdefault(change["orderId"], Seen())
        seen.followers += 1
        seen.last = time.time()
        return cursor

    async def _by_stream(self, http: aiohttp.ClientSession, request: dict[str, Any]) -> Any:
        headers = {"Accept": "text/event-stream"}
        async with http.post(f"{self.url}/graphql/stream", json=request, headers=headers) as answer:
            answer.raise_for_status()
            yield None
            kind = b""
            async for line in answer.content:
                name, _, value = line.rstrip(b"\n").partition(b": ")
                if name == b"event":
                    kind = value
                elif name == b"data" and kind == b"next":
                    yield orjson.loads(value)

    async def _by_socket(self, http: aiohttp.ClientSession, request: dict[str, Any]) -> Any:
        async with http.ws_connect(f"{self.url}/graphql", protocols=[_PROTOCOL]) as socket:
            await socket.send_json({"type": "connection_init"})
            await socket.receive_json()
            await socket.send_json({"id": "1", "type": "subscribe", "payload": request})
            yield None
            async for message in socket:
                told = orjson.loads(message.data)
                if told["type"] == "ping":
                    await socket.send_json({"type": "pong"})
                elif told["type"] == "next":
                    yield told["payload"]
                elif told["type"] == "error":
                    yield {"errors": told["payload"]}
                elif told["type"] == "complete":
                    return
            self.ends[f"closed with {socket.close_code}"] += 1

    def report(self) -> str:
        """All of it as JSON; `seen` by order: how many had it, and the unix second of the last."""
        return json.dumps(
            {
                "seen": {order: [one.followers, one.last] for order, one in self.seen.items()},
                "without_data": self.without_data,
                "again": self.again,
                "ends": self.ends,
                "errors": self.errors,
            }
        )


async def run(url: str, count: int) -> None:
    """Follow over so many connections until a line comes in."""
    followers = Followers(url)
    opening = asyncio.Semaphore(_OPENING)
    connector = aiohttp.TCPConnector(limit=0)
    timeout = aiohttp.ClientTimeout(total=None, sock_read=None)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as http:
        tasks = [
            asyncio.create_task(followers.follow(http, number, opening)) for number in range(count)
        ]
        while followers.following < count:  # noqa: ASYNC110 - counted by all of them
            await asyncio.sleep(0.05)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.readline)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    sys.stdout.write(f"{followers.report()}\n")


if __name__ == "__main__":
    uvloop.run(run(sys.argv[1], int(sys.argv[2])))
