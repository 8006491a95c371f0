"""Follows subscriptions as a client of event streams does."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx


class Events:
    """One open stream of events."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._lines = answer.aiter_lines()

    async def take(self) -> tuple[str, Any]:
        """The next event: its kind and its data."""
        kind = ""
        async with asyncio.timeout(60):
            async for line in self._lines:
                name, _, value = line.partition(": ")
                if name == "event":
                    kind = value
                elif name == "data" and kind:
                    return kind, json.loads(value) if value else None
        raise AssertionError("the stream ended")

    async def next(self) -> Any:
        """The data of the next answer."""
        kind, payload = await self.take()
        assert kind == "next", kind
        assert "errors" not in payload, payload
        return payload["data"]


@asynccontextmanager
async def following(
    http: httpx.AsyncClient, query: str, variables: Mapping[str, Any] | None = None
) -> AsyncIterator[Events]:
    """Open a stream, and close it at the end."""
    async with http.stream(
        "POST",
        "/graphql/stream",
        json={"query": query, "variables": variables or {}},
        headers={"Accept": "text/event-stream"},
    ) as answer:
        yield Events(answer)
