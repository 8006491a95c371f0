"""Rows about reading: lists, counts, pages, the start, and what is counted in the background."""

import time
from collections.abc import Sequence
from typing import Any, Final

from bench.scale.callers import Times, caller, repeated
from bench.scale.figures import Figure, Row
from bench.scale.seed import KEY
from bench.scale.shops import SHOPS
from bench.scale.stage import Stage
from gateway.services.cursor import write_cursor
from gateway.store.store import Store
from schema.key import Key

#: How often each question is asked.
_TIMES: Final = 15
#: How often a command is run; the fastest counts, for a start of Python is not what is measured.
_COMMANDS: Final = 3
_COMMAND: Final = ("pushes", "list", "--most", "20")
#: The share of the orders that are behind the page at depth.
_DEPTH: Final = 0.98
#: A page that deep may take so much of the time of the first.
_AS_FAST: Final = 1.5
#: Milliseconds within which a list has to be read.
_LIST: Final = 100.0
_PUSHES: Final = """
query ($filter: PushFilter) { pushes(first: 20, filter: $filter) { nodes {
  id state operation queuedAt lastError { code } } } }
"""
_COUNT: Final = "query ($filter: PushFilter) { pushes(first: 20, filter: $filter) { totalCount } }"
_ORDERS: Final = """
query ($filter: OrderFilter, $after: String) { orders(first: 20, filter: $filter, after: $after) {
  nodes { id status createdAt total { fen } items { title quantity } shippingAddress { name } }
  pageInfo { endCursor } } }
"""


async def start(stage: Stage) -> Sequence[Figure]:
    """Seconds until a gateway on the ledger is ready."""
    seconds = []
    for _ in range(1 if stage.short else 3):
        async with stage.gateway(start=False) as gateway:
            seconds.append(await gateway.start())
            stage.costs["memory of a gateway at its start, MiB"] = gateway.usage().memory
    middle = sorted(seconds)[len(seconds) // 2]
    return [
        Figure(what="until ready", value=middle, unit="s", today="14 to 29 s", most=3.0),
    ]


async def pushes(stage: Stage) -> Sequence[Figure]:
    """Lists of pushes, by what operators and the console ask."""
    filters: list[dict[str, Any] | None] = [
        None,
        {"states": ["PENDING"]},
        {"states": ["DELIVERED"]},
        {"shops": ["swan-5"]},
        {"shops": ["mini"], "states": ["REJECTED", "DEAD"]},
        {"orderId": Key("Order", stage.rows.shop(7), stage.rows.platform_id(7)).encode()},
    ]
    variables = [{"filter": one} for one in filters]
    async with stage.gateway() as gateway, caller(gateway.url) as asking:
        pages = await repeated(asking, _PUSHES, variables, _TIMES)
        counts = await repeated(asking, _COUNT, variables, _TIMES)
        (known,) = (await asking.ask(_COUNT, variables[1])).data.values()
    listed, nothing = await _commands(stage)
    return [
        _list("pushes(first: 20), p95", pages, "10 to 29 s"),
        _list("totalCount, p95", counts, "6 to 9 s"),
        Figure(
            what="gateway pushes list, beyond its start",
            value=max(0.0, (listed - nothing) * 1000),
            unit="ms",
            today="6 to 18 s",
            most=_LIST,
        ),
        Figure(
            what="pushes that totalCount misses or makes up",
            value=abs(known["totalCount"] - stage.size.waiting),
            most=0,
            exact=True,
        ),
    ]


async def _commands(stage: Stage) -> tuple[float, float]:
    """Seconds of the command on this ledger, and on an empty one; by turns, the fastest counts."""
    listed, nothing = [], []
    empty = await stage.empty_store()
    async with (
        stage.gateway(start=False) as gateway,
        stage.gateway(store_url=empty, start=False) as other,
    ):
        for _ in range(1 if stage.short else _COMMANDS):
            listed.append(await gateway.run(*_COMMAND))
            nothing.append(await other.run(*_COMMAND))
    return min(listed), min(nothing)


async def orders(stage: Stage) -> Sequence[Figure]:
    """Lists of orders by buyer, by status, and by both."""
    reseller = {"shops": ["mini"], "buyerOpenId": stage.rows.open_id(0)}
    buyer = {"shops": [stage.rows.shop(70)], "buyerOpenId": stage.rows.open_id(70)}
    filters = [
        {"buyerOpenId": buyer["buyerOpenId"]},
        buyer,
        buyer | {"statuses": ["REFUNDED", "CLOSED"]},
        reseller,
        reseller | {"statuses": ["REFUNDED"]},
        reseller | {"statuses": ["IN_DISPUTE"]},
        {"shops": ["mini"], "statuses": ["IN_DISPUTE"]},
        {"statuses": ["SHIPPED", "REFUNDED"]},
    ]
    async with stage.gateway() as gateway, caller(gateway.url) as asking:
        times = await repeated(asking, _ORDERS, [{"filter": one} for one in filters], _TIMES)
        stage.costs["memory of a gateway after its lists, MiB"] = gateway.usage().memory
    return [_list("by buyer and status, p95", times, "up to 17.7 s")]


async def depth(stage: Stage) -> Sequence[Figure]:
    """A page behind 98 % of the orders, of all shops and of the largest."""
    number = int(stage.size.orders * (1 - _DEPTH))
    at = (stage.rows.created_at(number), "")
    first, deep = Times(), Times()
    async with stage.gateway() as gateway, caller(gateway.url) as asking:
        for shops in (list(SHOPS), ["mini"]):
            given: dict[str, Any] = {"filter": {"shops": shops}}
            beyond = given | {"after": write_cursor(dict.fromkeys(shops, at))}
            first.seconds += (await repeated(asking, _ORDERS, [given], _TIMES)).seconds
            deep.seconds += (await repeated(asking, _ORDERS, [beyond], _TIMES)).seconds
            (page,) = (await asking.ask(_ORDERS, beyond)).data.values()
            stage.say(f"  {len(page['nodes'])} orders at depth, of {len(shops)} shops")
    at_first, at_depth = first.percentile(0.5), deep.percentile(0.5)
    return [
        Figure(what="the first page, median", value=at_first, unit="ms"),
        Figure(what="at 98 %, median", value=at_depth, unit="ms", today="520 to 650 ms"),
        Figure(what="of the first page's time", value=at_depth / at_first, most=_AS_FAST),
    ]


async def gauge(stage: Stage) -> Sequence[Figure]:
    """What the metrics count every fifteen seconds."""
    store = await Store.open(stage.store_url, encryption_key=KEY, clock=time.time)
    try:
        seconds = []
        for _ in range(3):
            began = time.perf_counter()
            backlog = await store.pushes.backlog()
            seconds.append(time.perf_counter() - began)
    finally:
        await store.close()
    counted = sum(waiting for waiting, _ in backlog.values())
    return [
        Figure(
            what=f"counting {stage.size.waiting:,} that wait",
            value=sorted(seconds)[1] * 1000,
            unit="ms",
            today="scans all rows",
            most=_LIST,
        ),
        Figure(
            what="pushes that it misses or makes up",
            value=abs(counted - stage.size.waiting),
            most=0,
            exact=True,
        ),
    ]


def _list(what: str, times: Times, today: str) -> Figure:
    return Figure(what=what, value=times.percentile(0.95), unit="ms", today=today, most=_LIST)


ROWS: Final = (
    Row(name="start", title="cold start", measure=start),
    Row(name="pushes", title="lists of pushes", measure=pushes),
    Row(name="orders", title="orders by buyer and status", measure=orders),
    Row(name="paging", title="a page at 98 % depth", measure=depth),
    Row(name="gauge", title="backlog gauge with statistics", measure=gauge),
)
