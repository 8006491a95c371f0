"""What stands in an answer in place of a platform that fails is told, or is an error."""

import time
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from gateway.concurrency.clock import Clock
from gateway.registry import PLATFORMS
from gateway.settings import Settings
from tests.e2e.storefront_samples import id_of
from tests.feed.subscribers import following
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client, configuration, serving

NO_CACHE: Final = {"cache-control": "no-cache"}
#: Seconds after which no answer is fresh any more, and the token lives still.
LATER: Final = 3_700.0
ORDER, PRODUCT = "7197417460812533543", "pDF3iYwktviE3BzU3BKiSWWi9Nkw"

#: One list that is asked for; all else is read by itself, or is a relation.
EVERYTHING: Final = f"""
{{
  order(id: "{id_of("Order", ORDER)}") {{ id }}
  again: orderByPlatformId(shop: "flagship", platformId: "{ORDER}") {{ status }}
  product(id: "{id_of("Product", PRODUCT)}") {{ title }}
  node(id: "{id_of("Product", PRODUCT)}") {{ id }}
  nodes(ids: ["{id_of("Shop", "")}", "{id_of("Shelf", 22)}"]) {{ id }}
  shelf(id: "{id_of("Shelf", 22)}") {{ name }}
  categories(shop: "flagship") {{ platformId }}
  deliveryTemplates(shop: "flagship") {{ platformId }}
  productGroups(shop: "flagship") {{ platformId }}
  orders(first: 2, filter: {{ shops: ["flagship"] }}) {{
    nodes {{ items {{ product {{ title }} sku {{ id }} }} }}
    sources {{ state }}
  }}
}}
"""
#: Where the answer has what is read by itself.
SINGLE: Final[list[list[str | int]]] = [
    ["again"],
    ["categories"],
    ["deliveryTemplates"],
    ["node"],
    ["nodes", 1],
    ["order"],
    ["orders", "nodes", 0, "items", 0, "product"],
    ["orders", "nodes", 0, "items", 0, "sku"],
    ["orders", "nodes", 1, "items", 0, "product"],
    ["orders", "nodes", 1, "items", 0, "sku"],
    ["product"],
    ["productGroups"],
    ["shelf"],
]
COMPILED: Final = {"compiled": True}
CORE: Final = {"compiled": False}
PASSING: Final = [
    pytest.param("errcode", 45009, COMPILED, "PLATFORM_QUOTA_EXCEEDED", id="quota"),
    pytest.param("errcode", 45009, CORE, "PLATFORM_QUOTA_EXCEEDED", id="quota-core"),
    pytest.param("http_status", 503, COMPILED, "PLATFORM_UNAVAILABLE", id="503"),
    pytest.param("reset", None, COMPILED, "PLATFORM_UNAVAILABLE", id="reset"),
]
REFUSED: Final = [("errcode", 48001), ("errcode", 40164), ("http_status", 403)]


@dataclass
class Hand:
    """Moves the gateway's clock."""

    ahead: float = 0.0

    def clock(self) -> Clock:
        return Clock(monotonic=lambda: time.monotonic() + self.ahead)


def served(
    sandbox: Sandbox, folder: Path, hand: Hand, **sections: Any
) -> AbstractAsyncContextManager[Client]:
    """Serve a gateway whose clock the hand moves."""
    configured = configuration(sandbox, folder, **sections)
    return serving(Settings.from_dict(PLATFORMS, configured), hand.clock())


async def asked_before(gateway: Client, query: str, **variables: Any) -> dict[str, Any]:
    """So often that the operation is compiled where it can be, and all of it is kept."""
    answers = [await gateway.ask(query, variables) for _ in range(3)]
    assert [answer.body.get("extensions", {}).get("stale") for answer in answers] == [None] * 3
    data: dict[str, Any] = answers[-1].data
    return data


def paths(body: dict[str, Any]) -> list[list[str | int]]:
    """Where an answer tells of stale reads."""
    return [told["path"] for told in body["extensions"]["stale"]]


@pytest.mark.parametrize(("kind", "value", "graphql", "code"), PASSING)
async def test_a_failure_that_passes_is_told_or_under_no_cache_an_error(
    sandbox: Sandbox, tmp_path: Path, kind: str, value: int | None, graphql: Any, code: str
) -> None:
    hand = Hand()
    async with served(sandbox, tmp_path, hand, graphql=graphql) as gateway:
        before = await asked_before(gateway, EVERYTHING)
        hand.ahead = LATER
        sandbox.fault(kind, value, path="/merchant/", times=None)

        told = await gateway.ask(EVERYTHING)
        afresh = await gateway.ask(EVERYTHING, headers=NO_CACHE)

    source = [{"state": "STALE"}]
    assert told.data == before | {"orders": before["orders"] | {"sources": source}}
    assert paths(told.body) == SINGLE
    assert {each["shop"] for each in told.body["extensions"]["stale"]} == {"flagship"}
    assert sorted(error["path"] for error in afresh.body["errors"]) == SINGLE
    assert set(afresh.codes) <= {code, "PLATFORM_UNAVAILABLE"}
    assert "stale" not in afresh.body.get("extensions", {})
    assert afresh.body["data"]["orders"]["sources"] == source
    assert afresh.body["data"]["order"] is None


@pytest.mark.parametrize("headers", [{}, NO_CACHE], ids=["cached", "afresh"])
@pytest.mark.parametrize(("kind", "value"), REFUSED)
async def test_refused_credentials_are_an_error_everywhere(
    sandbox: Sandbox, tmp_path: Path, kind: str, value: int, headers: dict[str, str]
) -> None:
    hand = Hand()
    async with served(sandbox, tmp_path, hand) as gateway:
        await asked_before(gateway, EVERYTHING)
        hand.ahead = LATER
        sandbox.fault(kind, value, path="/merchant/", times=None)

        answer = await gateway.ask(EVERYTHING, headers=headers)

    roots = {str(path[0]) for path in SINGLE}
    assert {error["path"][0] for error in answer.body["errors"]} == roots
    assert set(answer.codes) == {"PLATFORM_CREDENTIALS"}
    assert "extensions" not in answer.body


async def test_only_what_is_stale_is_told(sandbox: Sandbox, tmp_path: Path) -> None:
    hand = Hand()
    query = f"""
      {{
        one: order(id: "{id_of("Order", ORDER)}") {{ id }}
        product(id: "{id_of("Product", PRODUCT)}") {{ id }}
        shelves: shelf(id: "{id_of("Shelf", 22)}") {{ id }}
      }}"""
    async with served(sandbox, tmp_path, hand) as gateway:
        before = await asked_before(gateway, query)
        hand.ahead = LATER
        sandbox.fault("http_status", 503, path="/merchant/order/getbyid", times=None)

        told = await gateway.ask(query)
        sandbox.clear_faults()
        hand.ahead += 60
        after = await gateway.ask(query)

    assert told.data == before
    assert paths(told.body) == [["one"]]
    assert after.body == {"data": before}


async def test_who_shares_an_execution_is_told_too_and_nobody_may_keep_the_answer(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    hand = Hand()
    query = f'{{ order(id: "{id_of("Order", ORDER)}") {{ id }} }}'
    async with served(sandbox, tmp_path, hand) as gateway:
        await asked_before(gateway, query)
        kept = await gateway.http.get("/graphql", params={"query": query})
        hand.ahead = LATER
        sandbox.fault("http_status", 503, path="/merchant/", times=None)

        got = await gateway.http.get("/graphql", params={"query": query})
        answers = [await gateway.ask(query) for _ in range(2)]

    assert [paths(answer.body) for answer in answers] == [[["order"]]] * 2
    assert paths(got.json()) == [["order"]]
    assert got.headers["etag"] != kept.headers["etag"]
    assert "max-age" not in got.headers["cache-control"]


async def test_a_stream_tells_it_with_the_answer(sandbox: Sandbox, tmp_path: Path) -> None:
    hand = Hand()
    query = f'{{ order(id: "{id_of("Order", ORDER)}") {{ id }} }}'
    async with served(sandbox, tmp_path, hand) as gateway:
        await asked_before(gateway, query)
        hand.ahead = LATER
        sandbox.fault("http_status", 503, path="/merchant/", times=None)

        async with following(gateway.http, query) as events:
            kind, payload = await events.take()

    assert kind == "next"
    assert paths(payload) == [["order"]]
