"""500 orders at once: answered in time at a slow platform, beside callers who are not held up."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from gateway.registry import PLATFORMS
from gateway.settings import Settings
from gateway.store import migrate
from tests.e2e.order_samples import IMPORT, IMPORT_MANY, mini_order
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import KEY, Client, configuration, serving
from tests.waiting import eventually

MANY = 500
IMPORTS = "/mall/importorder"
STATES = """
query($ids: [ID!]!) { nodes(ids: $ids) { ... on Push { state attempts } } }
"""


@asynccontextmanager
async def gateway_of(
    sandbox: Sandbox, folder: Path, store_url: str | None = None, **limits: float
) -> AsyncIterator[Client]:
    points = {"cost_per_minute": 10_000_000, "max_cost": 100_000}
    sections: dict[str, Any] = {"limits": points | limits}
    if store_url is not None:
        await migrate.upgrade(store_url)
        sections["store"] = {"url": store_url, "encryption_key": KEY}
    settings = Settings.from_dict(PLATFORMS, configuration(sandbox, folder, **sections))
    async with serving(settings) as gateway:
        yield gateway


async def states_of(gateway: Client, ids: list[str]) -> Counter[str]:
    """Answer how many of the pushes are in each state."""
    asked = [
        await gateway.ask(STATES, {"ids": ids[start : start + 100]})
        for start in range(0, len(ids), 100)
    ]
    return Counter(push["state"] for one in asked for push in one.data["nodes"])


async def test_a_large_import_at_a_slow_platform_answers_with_what_is_pending(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    given = [mini_order(f"M{number:03}") for number in range(MANY)]
    async with gateway_of(sandbox, tmp_path, timeout=4.0) as gateway:
        # Nothing is delivered within the operation's four seconds.
        sandbox.fault("latency", 4, times=None, path=IMPORTS)
        answer = (await gateway.ask(IMPORT_MANY, {"input": given})).data["ordersImport"]
        assert answer["userErrors"] == []
        assert [order["platformId"] for order in answer["orders"]] == [
            order["platformId"] for order in given
        ]
        assert len({push["id"] for push in answer["pushes"]}) == MANY
        assert {push["state"] for push in answer["pushes"]} == {"PENDING"}
        sandbox.clear_faults()

        ids = [push["id"] for push in answer["pushes"]]

        async def delivered() -> bool:
            return await states_of(gateway, ids) == {"DELIVERED": MANY}

        await eventually(delivered)
    (shop,) = sandbox.shops("mini_program").values()
    assert len(shop["orders"]) >= MANY


async def test_an_order_that_is_delivered_later_is_accepted_only(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    async with gateway_of(sandbox, tmp_path) as gateway:
        sandbox.fault("latency", 0.5, times=None, path=IMPORTS)
        later = mini_order("later", deliverLater=True)
        answer = (await gateway.ask(IMPORT, {"input": later})).data["orderImport"]
        assert (answer["userErrors"], answer["push"]["state"]) == ([], "PENDING")
        sandbox.clear_faults()

        async def delivered() -> bool:
            return await states_of(gateway, [answer["push"]["id"]]) == {"DELIVERED": 1}

        await eventually(delivered)


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgres", marks=pytest.mark.long)])
async def test_two_large_imports_at_once_refuse_nobody(
    database: str, sandbox: Sandbox, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = None if database == "sqlite" else request.getfixturevalue("postgres_url")
    codes: Counter[str] = Counter()
    ready: Counter[int] = Counter()
    over = asyncio.Event()
    async with gateway_of(sandbox, tmp_path, url) as gateway:

        async def live() -> None:
            number = 0
            while not over.is_set():
                number += 1
                asked = await gateway.ask(IMPORT, {"input": mini_order(f"live{number}")})
                codes.update(asked.codes or [asked.data["orderImport"]["push"]["state"]])
                ready[(await gateway.http.get("/readyz")).status_code] += 1

        async def many(name: str) -> list[dict[str, Any]]:
            given = [mini_order(f"{name}{number}") for number in range(MANY)]
            answer = await gateway.ask(IMPORT_MANY, {"input": given})
            assert answer.data["ordersImport"]["userErrors"] == []
            pushes: list[dict[str, Any]] = answer.data["ordersImport"]["pushes"]
            return pushes

        beside = asyncio.create_task(live())
        first, second = await asyncio.gather(many("A"), many("B"))
        over.set()
        await beside
    assert {push["state"] for push in [*first, *second]} == {"DELIVERED"}
    assert len({push["id"] for push in [*first, *second]}) == 2 * MANY
    assert set(codes) == {"DELIVERED"}
    assert set(ready) == {200}
