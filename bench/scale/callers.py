"""Callers of the gateway: what they ask, how long each answer took, and what it said."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp
import orjson

_TIMEOUT: Final = aiohttp.ClientTimeout(total=120)
_OK: Final = "OK"
_BOUNDARY: Final = b"a-boundary-of-the-benchmark"
_NO_ANSWER: Final = "NO_ANSWER"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: its code, `OK` unless it has errors, its body, and the seconds it took."""

    code: str
    body: dict[str, Any]
    seconds: float

    @property
    def data(self) -> Any:
        """The data of an answer without errors.

        Raises:
            ValueError: it has some.
        """
        if self.code != _OK:
            raise ValueError(f"{self.code}: {orjson.dumps(self.body)[:300].decode()}")
        return self.body["data"]


#: Asks the question of a number.
Ask = Callable[[int], Awaitable[Reply]]


@dataclass(slots=True)
class Caller:
    """Asks one gateway, over as many connections as there are questions at a time."""

    _http: aiohttp.ClientSession
    _url: str

    async def ask(
        self, query: str, variables: Mapping[str, Any] | None = None, key: str = ""
    ) -> Reply:
        """Ask once, with an idempotency key if one is given."""
        headers = {"Idempotency-Key": key} if key else {}
        asked = orjson.dumps({"query": query, "variables": variables or {}})
        headers["Content-Type"] = "application/json"
        began = time.perf_counter()
        try:
            async with self._http.post(
                f"{self._url}/graphql", data=asked, headers=headers
            ) as answer:
                body = orjson.loads(await answer.read())
        except (aiohttp.ClientError, TimeoutError, orjson.JSONDecodeError):
            return Reply(_NO_ANSWER, {}, time.perf_counter() - began)
        return Reply(_code(body), body, time.perf_counter() - began)

    async def upload(
        self, query: str, variables: Mapping[str, Any], content: AsyncIterator[bytes]
    ) -> Reply:
        """Ask with a file, the variable `file`, which is sent as it comes."""
        operations = {"query": query, "variables": {**variables, "file": None}}
        fields = {"operations": operations, "map": {"0": ["variables.file"]}}
        parts = [
            b'--%b\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n'
            % (_BOUNDARY, name.encode(), orjson.dumps(value))
            for name, value in fields.items()
        ]
        file = b'--%b\r\nContent-Disposition: form-data; name="0"; filename="lines.jsonl"\r\n\r\n'

        async def body() -> AsyncIterator[bytes]:
            yield b"".join(parts) + file % _BOUNDARY
            async for part in content:
                yield part
            yield b"\r\n--%b--\r\n" % _BOUNDARY

        headers = {
            "Content-Type": f"multipart/form-data; boundary={_BOUNDARY.decode()}",
            "GraphQL-Require-Preflight": "1",
        }
        began = time.perf_counter()
        async with self._http.post(f"{self._url}/graphql", data=body(), headers=headers) as answer:
            told: dict[str, Any] = orjson.loads(await answer.read())
        return Reply(_code(told), told, time.perf_counter() - began)

    async def status(self, path: str) -> int:
        """The status of a page; 0 where there was no answer."""
        try:
            async with self._http.get(f"{self._url}{path}") as answer:
                return answer.status
        except (aiohttp.ClientError, TimeoutError):
            return 0


def _code(body: Mapping[str, Any]) -> str:
    errors = body.get("errors")
    return str(errors[0]["extensions"]["code"]) if errors else _OK


@asynccontextmanager
async def caller(url: str) -> AsyncIterator[Caller]:
    """Ask the gateway at an address."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, timeout=_TIMEOUT) as http:
        yield Caller(http, url)


@dataclass(slots=True)
class Times:
    """How long answers took, in seconds, and what their codes were."""

    seconds: list[float] = field(default_factory=list)
    codes: Counter[str] = field(default_factory=Counter)

    def note(self, reply: Reply) -> Reply:
        """Add an answer."""
        self.seconds.append(reply.seconds)
        self.codes[reply.code] += 1
        return reply

    def percentile(self, share: float) -> float:
        """Milliseconds that so large a share stayed within; 0 where nothing was asked."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000 if ordered else 0.0

    @property
    def failed(self) -> int:
        """How many answers had an error."""
        return self.codes.total() - self.codes[_OK]


async def repeated(caller_: Caller, query: str, variables: Sequence[Any], times: int) -> Times:
    """Ask one question after the other, so many times each; the first of each is not counted.

    Raises:
        ValueError: an answer has errors.
    """
    found = Times()
    for one in variables:
        for number in range(times + 1):
            reply = await caller_.ask(query, one)
            _ = reply.data
            if number:
                found.note(reply)
    return found


async def paced(ask: Ask, times: Times, pace: float, over: asyncio.Event) -> None:
    """Begin `pace` questions a second until `over`, whether or not answers keep up.

    Returns when the last answer has come.
    """
    begun: set[asyncio.Task[Reply]] = set()
    started, number = time.monotonic(), 0

    def ended(task: asyncio.Task[Reply]) -> None:
        begun.discard(task)
        if not task.cancelled() and task.exception() is None:
            times.note(task.result())

    try:
        while not over.is_set():
            task = asyncio.ensure_future(ask(number))
            begun.add(task)
            task.add_done_callback(ended)
            number += 1
            await asyncio.sleep(max(0.0, started + number / pace - time.monotonic()))
        if begun:
            await asyncio.wait(begun)
    finally:
        for task in list(begun):
            task.cancel()
