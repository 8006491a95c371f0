"""Rows about bulk operations: files of orders out of the ledger, and into it."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import aiohttp
import orjson

from bench.scale.callers import Caller, Reply, caller
from bench.scale.figures import Figure, Row
from bench.scale.intake_rows import inputs
from bench.scale.order_inputs import OrderInputs
from bench.scale.served_gateway import ServedGateway
from bench.scale.stage import Stage

_EXPORT: Final = """
mutation ($selection: String!, $orders: OrderFilter) { done: bulkExport(
  kind: ORDERS_EXPORT, selection: $selection, orders: $orders) {
  operation { id } userErrors { code message } } }
"""
_IMPORT: Final = """
mutation ($shop: String!, $file: Upload!) { done: bulkImport(
  shop: $shop, kind: ORDERS_IMPORT, file: $file) {
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
#: Orders of a file that is imported, and the seconds until the platform has the last of them.
_LINES, _LINES_SHORT, _DELIVERED_WITHIN = 20_000, 1_000, 120.0
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


async def import_(stage: Stage) -> Sequence[Figure]:
    """A file of orders, which the platform takes ten a call."""
    count = _LINES_SHORT if stage.short else _LINES
    orders = inputs(stage)
    await stage.platform.ask("reset=1&delay=0")
    async with stage.gateway() as gateway, caller(gateway.url) as asking:
        await asking.ask("{ orders(first: 100) { nodes { id items { title } } } }")
        before = gateway.usage()
        reply = await asking.upload(_IMPORT, {"shop": "mini"}, _file(orders, count))
        asked = reply.data["done"]
        if asked["userErrors"]:
            raise ValueError(f"refused: {asked['userErrors'][:2]}")
        ended = await _until_ended(gateway, asking, asked["operation"]["id"])
        used = gateway.usage().processor - before.processor
        delivered = await _all_delivered(stage, count)
    done = await stage.platform.ask()
    stage.costs["processor per million orders imported as a file, s"] = used / count * 1e6
    stage.say(f"  {reply.seconds:.1f} s to send it, {ended.operation}, {done}")
    return [
        Figure(what="orders of a file", value=count / ended.seconds, unit="/s", least=500),
        Figure(what="until the platform has the last of them", value=delivered, unit="s"),
        Figure(
            what="memory grew meanwhile by",
            value=max(0.0, ended.most - before.memory),
            unit="MiB",
            most=_LEVEL,
        ),
        Figure(
            what="orders that the platform lacks",
            value=count - done["orders"],
            most=0,
            exact=True,
        ),
        Figure(what="sent twice", value=done["twice"], most=0, exact=True),
    ]


async def _file(orders: OrderInputs, count: int) -> AsyncIterator[bytes]:
    """JSON lines, a hundred at a time."""
    for begin in range(0, count, 100):
        some = orders.many("mini", min(100, count - begin))
        yield b"".join(orjson.dumps(one) + b"\n" for one in some)


async def _all_delivered(stage: Stage, count: int) -> float:
    """Seconds until the platform has so many orders, or until it is given up."""
    began = time.monotonic()
    while time.monotonic() - began < _DELIVERED_WITHIN:
        if (await stage.platform.ask())["orders"] >= count:
            break
        await asyncio.sleep(0.2)
    return time.monotonic() - began


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


ROWS: Final = (
    Row(name="export", title="bulkExport of orders", measure=export),
    Row(name="import", title="bulkImport of orders", measure=import_),
)
