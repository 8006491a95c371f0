"""The Mini Program's and Baidu's platforms as far as orders go: each call takes its time.

Served in a process of its own. It counts how often each order came as an import, so that one that
was sent twice is found, and answers `GET /_scale` with what it counted; `?delay=` sets the seconds
that a call takes from then on, `?down=1` says that it is busy to all calls until `?down=0`.
"""

import asyncio
import json
import re
from collections import Counter
from typing import Final, cast
from urllib.parse import parse_qs

import uvloop

from bench.place import Place

_END: Final = b"\r\n\r\n"
_TOKEN: Final = b'{"access_token":"scale","expires_in":2592000}'
_DONE: Final = b'{"errcode":0,"errmsg":"ok","errno":0,"data":[]}'
_ADMIN: Final = "/_scale"
_TOKENS: Final = ("/cgi-bin/stable_token", "/oauth/2.0/token")
#: The calls that bring an order in, and how their bodies name it.
_IMPORTS: Final = ("/mall/importorder?action=add-order", "/rest/2.0/smartapp/ordercenter/app/add/")
_ORDER_ID: Final = re.compile(rb'"(?:order_id|ResourceID)":\s*"([^"]+)"')


class Calls:
    """What was asked so far, how long a call takes, and how many were under way at once."""

    def __init__(self, delay: float) -> None:
        self.delay = delay
        self.down = False
        self.calls: Counter[str] = Counter()
        self.under_way = 0
        self._imports: Counter[bytes] = Counter()
        self._most = 0

    def begin(self, target: str, body: bytes) -> None:
        """Note a call that has come."""
        self.under_way += 1
        self._most = max(self._most, self.under_way)
        self.calls[target.partition("?")[0]] += 1
        if target.startswith(_IMPORTS) and not self.down:
            self._imports.update(_ORDER_ID.findall(body))

    def report(self) -> bytes:
        """As JSON: `orders` that were imported, and those of them that came more than once."""
        twice = [name.decode() for name, count in self._imports.items() if count > 1]
        return json.dumps(
            {
                "calls": sum(self.calls.values()),
                "orders": len(self._imports),
                "twice": len(twice),
                "such_as": twice[:5],
                "most_at_once": self._most,
            }
        ).encode()

    def has(self, platform_id: str) -> bool:
        """Whether an order was imported."""
        return platform_id.encode() in self._imports

    def configure(self, query: str) -> None:
        """Do what an admin's query asks for."""
        given = parse_qs(query)
        if "delay" in given:
            self.delay = float(given["delay"][0])
        if "down" in given:
            self.down = given["down"][0] == "1"
        if "reset" in given:
            self.calls.clear()
            self._imports.clear()
            self._most = self.under_way


class _Connection(asyncio.Protocol):
    """HTTP/1.1 as far as it is needed: keep-alive, bodies with a length, one call at a time."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are not registered as asyncio's.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(_END)
        if end < 0:
            return
        head = self._buffer[:end]
        size = end + len(_END) + _length(head)
        if len(self._buffer) < size:
            return
        body, self._buffer = self._buffer[end + len(_END) : size], self._buffer[size:]
        self._answer(head.split(b" ", 2)[1].decode(), body)

    def _answer(self, target: str, body: bytes) -> None:
        path, _, query = target.partition("?")
        if path == _ADMIN:
            self._calls.configure(query)
            self._write(self._calls.report())
            return
        if path in _TOKENS:
            self._write(_TOKEN)
            return
        self._calls.begin(target, body)
        asyncio.get_running_loop().call_later(self._calls.delay, self._end, self._calls.down)

    def _end(self, down: bool) -> None:  # noqa: FBT001 - the state when the call came
        self._calls.under_way -= 1
        if down:
            self._write(b"{}", b"429 Too Many Requests\r\nretry-after: 1")
        else:
            self._write(_DONE)

    def _write(self, body: bytes, status: bytes = b"200 OK") -> None:
        head = b"HTTP/1.1 %b\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
        self._transport.write(head % (status, len(body)) + body)


def _length(head: bytes) -> int:
    lowered = head.lower()
    start = lowered.find(b"content-length:")
    return 0 if start < 0 else int(lowered[start + 15 :].split(b"\r\n", 1)[0])


async def _serve(port: int, calls: Calls) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(calls), "127.0.0.1", port, backlog=1000)
    await server.serve_forever()


def run(place: Place, delay: str = "0") -> None:
    """Serve until the process is ended; a call takes `delay` seconds."""
    uvloop.run(_serve(place.port, Calls(float(delay))))
