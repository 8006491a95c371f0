"""After any day, sums and counts are those of the platforms' own orders, each counted once."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from gateway.platforms.baidu.sandbox.state import SWAN
from gateway.platforms.mini_program.sandbox.state import MINI
from gateway.platforms.wechat_store.sandbox.state import FLAGSHIP
from gateway.registry import PLATFORMS
from gateway.settings import Settings
from tests.e2e.order_samples import IMPORT, baidu_order, mini_order
from tests.e2e.test_mirrors import BUYER, BUYERS, MIRROR, PAGES, SHIP, named, shops
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client, configuration, serving
from tests.waiting import eventually

STATS = """
query ($filter: OrderFilter) {
  orderStats(filter: $filter, groupBy: [SHOP, DAY]) {
    rows { shop { key } period orders total { fen } }
  }
}"""
LIST = """
query ($after: String) {
  orders(first: 100, after: $after, filter: {shops: ["flagship"]}) {
    pageInfo { hasNextPage endCursor }
  }
}"""
#: Copies that are sent once their buyer is linked: no platform has them yet.
WAITING = """
query ($shops: [String!]) {
  orders(first: 100, filter: {shops: $shops, copies: true}) {
    nodes { platformId createdAt total { fen } pushes(first: 20) { nodes { operation state } } }
  }
}"""
#: How the ids of imported orders begin.
IMPORTED = "day-"
AFRESH = {"Cache-Control": "no-cache"}
#: The statuses of 6.1: received, and in dispute.
RECEIVED, IN_DISPUTE = 5, 8
CHINA = timedelta(hours=8)
#: The samples of the manual are older.
SINCE = "2020-01-01T00:00:00+08:00"

#: What happens in a day, in its order; a number chooses one of the day's orders.
days = st.lists(
    st.one_of(
        st.tuples(st.just("buy"), st.integers(1, 3)),
        st.tuples(st.just("import mini"), st.integers(1, 500_000)),
        st.tuples(st.just("import swan"), st.integers(1, 500_000)),
        st.tuples(st.just("mirror mini"), st.integers(0, 9)),
        st.tuples(st.just("mirror swan"), st.integers(0, 9)),
        st.tuples(st.just("ship"), st.integers(0, 9)),
        st.tuples(st.just("receive"), st.integers(0, 9)),
        st.tuples(st.just("dispute"), st.integers(0, 9)),
    ),
    min_size=4,
    max_size=12,
)


class Day:
    """What is done on the platforms and through the gateway."""

    def __init__(self, client: Client, sandbox: Sandbox) -> None:
        self._client = client
        self._sandbox = sandbox
        self._bought: list[str] = []

    async def do(self, action: str, number: int) -> None:
        verb, _, shop = action.partition(" ")
        if verb == "buy":
            order = self._sandbox.order(open_id=BUYER, count=number)
            self._bought.append(str(order["order_id"]))
        elif verb == "import":
            await self._import(shop, number)
        elif self._bought:
            await self._change(verb, shop, self._bought[number % len(self._bought)])

    async def _import(self, shop: str, amount: int) -> None:
        make = mini_order if shop == "mini" else baidu_order
        order = make(f"{IMPORTED}{uuid4()}")
        item = order["items"][0] | {"quantity": 1, "unitPrice": {"fen": amount}}
        free = {"shippingFee": {"fen": 0}, "discounts": []}
        given = order | free | {"items": [item], "total": {"fen": amount}}
        asked = await self._client.ask(IMPORT, {"input": given})
        assert asked.data["orderImport"]["userErrors"] == []

    async def _change(self, verb: str, shop: str, order_id: str) -> None:
        given: dict[str, Any] = {"id": named(order_id)}
        if verb == "mirror":
            given |= {"toShop": shop, "openId": BUYERS[shop]}
            given |= {"kind": "PHYSICAL"} if shop == "swan" else {}
            # A second time, or of an order in dispute, it is refused.
            await self._client.ask(MIRROR, given)
        elif verb == "ship":
            # So it is of an order that is shipped already.
            await self._client.ask(SHIP, given)
        else:
            status = RECEIVED if verb == "receive" else IN_DISPUTE
            self._sandbox.set_order_status(order_id, status)


def day_of(created_at: int) -> str:
    return (datetime.fromtimestamp(created_at, UTC) + CHINA).date().isoformat()


def known(sandbox: Sandbox) -> dict[tuple[str, str], tuple[str, int]]:
    """The day and the amount of the platforms' orders, by shop and id."""
    flagship = sandbox.shops("wechat_store")[FLAGSHIP.app_id]["orders"].items()
    mini = sandbox.shops("mini_program")[MINI.app_id]["orders"].items()
    swan = sandbox.shops("baidu")[SWAN.app_id]["orders"].items()
    found = {
        ("flagship", name): (day_of(one["order_create_time"]), one["order_total_price"])
        for name, one in flagship
    }
    found |= {
        ("mini", name): (day_of(one["document"]["create_time"]), one["document"]["fee"])
        for name, one in mini
    }
    found |= {
        ("swan", name): (
            day_of(one["main"]["Ctime"]),
            one["main"]["EXT"]["MainOrder"]["Payment"]["Amount"],
        )
        for name, one in swan
    }
    return {key: one for key, one in found.items() if one[0] >= SINCE[:10]}


def added_up(orders: dict[tuple[str, str], tuple[str, int]]) -> dict[tuple[str, str], Any]:
    """How many orders there are by shop and day, and what they cost."""
    counts: Counter[tuple[str, str]] = Counter()
    totals: Counter[tuple[str, str]] = Counter()
    for (shop, _), (day, amount) in orders.items():
        counts[shop, day] += 1
        totals[shop, day] += amount
    return {group: (counts[group], totals[group]) for group in counts}


async def stats(client: Client, **chosen: Any) -> dict[tuple[str, str], Any]:
    asked = await client.ask(STATS, {"filter": chosen | {"createdFrom": SINCE}})
    rows = asked.data["orderStats"]["rows"]
    return {
        (row["shop"]["key"], row["period"]): (row["orders"], row["total"]["fen"]) for row in rows
    }


async def waiting(client: Client, shop: str) -> dict[tuple[str, str], tuple[str, int]]:
    """The day and the amount of a shop's copies that its platform does not have yet."""
    nodes = (await client.ask(WAITING, {"shops": [shop]})).data["orders"]["nodes"]
    return {
        (shop, one["platformId"]): (
            day_of(int(datetime.fromisoformat(one["createdAt"]).timestamp())),
            one["total"]["fen"],
        )
        for one in nodes
        if ("ORDER_IMPORT", "PENDING")
        in {(push["operation"], push["state"]) for push in one["pushes"]["nodes"]}
    }


async def read_all(client: Client) -> None:
    """Read every order of the platform that keeps them."""
    after, more = None, True
    while more:
        page = (await client.ask(LIST, {"after": after}, AFRESH)).data["orders"]["pageInfo"]
        after, more = page["endCursor"], page["hasNextPage"]


@pytest.fixture
async def mirroring(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[Client]:
    """Ask a gateway that mirrors; its ledger is empty, so that it knows what it imports."""
    mirrors = [{"from": "flagship", "to": target, **PAGES} for target in ("mini", "swan")]
    chosen = configuration(sandbox, tmp_path, mirrors=mirrors, shops=shops(sandbox, tmp_path))
    async with serving(Settings.from_dict(PLATFORMS, chosen)) as client:
        yield client


@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
    # What a smaller day would show is not worth the minutes that finding it takes.
    phases=[Phase.generate],
)
@given(actions=days)
async def test_sums_are_those_of_the_platforms(
    mirroring: Client, sandbox: Sandbox, actions: list[tuple[str, int]]
) -> None:
    day = Day(mirroring, sandbox)
    for action, number in actions:
        await day.do(action, number)
    await read_all(mirroring)

    async def in_step() -> bool:
        found = known(sandbox)
        originals = {
            (shop, name): one
            for (shop, name), one in found.items()
            if shop == "flagship" or name.startswith(IMPORTED)
        }
        sums = added_up(originals)
        return await stats(mirroring) == sums == await stats(mirroring, copies=False)

    async def each_in_step() -> bool:
        found = known(sandbox)
        bought = {name for shop, name in found if shop == "flagship"}
        for shop in ("flagship", "mini", "swan"):
            # With its copies, as it is asked alone; without the sandbox's own samples, which were
            # not brought by the gateway.
            mine = await waiting(mirroring, shop) if shop != "flagship" else {}
            mine |= {
                (of, name): one
                for (of, name), one in found.items()
                if of == shop and (name.startswith(IMPORTED) or name in bought)
            }
            if await stats(mirroring, shops=[shop]) != added_up(mine):
                return False
        return True

    await eventually(in_step)
    await eventually(each_in_step)
