"""Rows about bulk operations: files of orders out of the ledger, and into it."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import aiohttp

from bench.scale.callers import Caller, Reply, caller
from bench.scale.figures import Figure, Row
from bench.scale.served_gateway import ServedGateway
from bench.scale.stage import Stage

_EXPORT: Final = """
mutation ($selection: String!, $orders: OrderFilter) { done: bulkExport(
  kind: ORDERS_EXPORT, selection: $selection, orders: $orders) {
  operation { id } userErrors { code message } } }
"""
_LOOK: Final = """
query ($id: ID!) { done: bulkOperation(id: $id) {
  state done failed total resultUrl resultBytes error } }
"""
_SELECTION: Final = (
    "{ id platformId status createdAt total { fen } items { title quantity unitPrice { fen } }"
    " shippingAddress { name city street } }"
)
_ENDED: Final = {"DONE", "FAILED", "CANCELLED"}
#: Orders a second with which a million take ten minutes.
_RATE: Final = 1_667
#: MiB by which memory may grow while one runs.
_LEVEL: Final = 100
#: The part of the year that is exported.
_FROM, _TO, _TO_SHORT = 0.70, 0.80, 0.72
_LONGEST: Final = 200.0


@dataclass(frozen=True, slots=True)
class _Ended:
    """A bulk operation that ended: what it says of itself, how long it took, the memory's peak."""

    operation: dict[str, Any]
    seconds: float
    most: float


async def export(stage: Stage) -> Sequence[Figure]:
    """A tenth of the year's orders with their items, as JSON lines."""
    first = int(stage.size.orders * _FROM)
    last = int(stage.size.orders * (_TO_SHORT if stage.short else _TO))
    start, end = stage.rows.created_at(first), stage.rows.created_at(last)
    expected = sum(
        start <= stage.rows.created_at(number) < end
        for number in range(first - 1_000, last + 1_000)
    )
    chosen = {"createdFrom": _iso(start), "createdTo": _iso(end)}
    async with stage.gateway() as gateway, caller(gateway.url) as asking:
        await asking.ask("{ orders(first: 100) { nodes { id items { title } } } }")
        before = gateway.usage()
        asked = (await export_asked(asking, chosen)).data["done"]
        if asked["userErrors"]:
            raise ValueError(f"refused: {asked['userErrors'][:2]}")
        ended = await _until_ended(gateway, asking, asked["operation"]["id"])
        lines, size = await _fetched(gateway, ended.operation["resultUrl"])
        used = gateway.usage().processor - before.processor
    stage.costs["processor per million orders exported, s"] = used / max(1, lines) * 1e6
    stage.say(f"  {ended.operation}, {lines:,} lines, {size / 2**20:.0f} MiB")
    rate = lines / ended.seconds
    return [
        Figure(what="orders with items, to a file", value=rate, unit="/s", least=_RATE),
        Figure(
            what="memory grew meanwhile by",
            value=max(0.0, ended.most - before.memory),
            unit="MiB",
            most=_LEVEL,
        ),
        Figure(
            what="orders that the file misses or makes up",
            value=abs(lines - expected),
            most=0,
            exact=True,
        ),
    ]


async def export_asked(asking: Caller, orders: dict[str, Any]) -> Reply:
    """Ask for an export of the orders of a filter."""
    return await asking.ask(_EXPORT, {"selection": _SELECTION, "orders": orders})


async def _until_ended(gateway: ServedGateway, asking: Caller, name: str) -> _Ended:
    """Raises RuntimeError if it does not end well, or takes too long."""
    began, most = time.monotonic(), 0.0
    while time.monotonic() - began < _LONGEST:
        operation: dict[str, Any] = (await asking.ask(_LOOK, {"id": name})).data["done"]
        most = max(most, gateway.usage().memory)
        if operation["state"] in _ENDED:
            if operation["state"] != "DONE":
                raise RuntimeError(f"the bulk operation ended as {operation}")
            return _Ended(operation, time.monotonic() - began, most)
        await asyncio.sleep(0.2)
    raise RuntimeError("the bulk operation does not end")


async def _fetched(gateway: ServedGateway, url: str) -> tuple[int, int]:
    """How many lines and bytes a result has."""
    path = "/" + url.split("/", 3)[3]
    lines = size = 0
    async with aiohttp.ClientSession() as http, http.get(f"{gateway.url}{path}") as answer:
        answer.raise_for_status()
        async for part in answer.content.iter_chunked(2**16):
            lines += part.count(b"\n")
            size += len(part)
    return lines, size


def _iso(at: int) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"


ROWS: Final = (Row(name="export", title="bulkExport of orders", measure=export),)
