"""How far the index of each shop reaches."""

import time
from pathlib import Path
from typing import Any

from gateway.cli.doctor import index_findings
from gateway.registry import PLATFORMS
from gateway.settings import Settings
from gateway.store.store import open_ledger
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client, Serve, configuration
from tests.waiting import eventually

INDEX = """{ shops { key index { orders products completeFrom inStepAt backfill } } }"""


async def index_of_shops(client: Client) -> dict[str, Any]:
    """The index of each shop."""
    asked = await client.ask(INDEX)
    return {shop["key"]: shop["index"] for shop in asked.data["shops"]}


async def test_the_ledger_s_shops_are_complete_and_the_platform_s_begins_empty(
    serve: Serve,
) -> None:
    async with serve() as client:

        async def compared() -> bool:
            found = await index_of_shops(client)
            return found["swan"]["inStepAt"] is not None

        await eventually(compared)
        found = await index_of_shops(client)

    swan = found["swan"]
    assert (swan["completeFrom"], swan["backfill"]) == (None, None)
    assert swan["orders"] > 5
    assert swan["products"] > 5
    flagship = found["flagship"]
    assert flagship == {
        "orders": 0,
        "products": 0,
        "completeFrom": None,
        "inStepAt": None,
        "backfill": 0.0,
    }
    # Orders of partner stores are its platform's.
    assert found["mini"]["backfill"] == 0.0


async def test_a_list_that_is_read_is_in_the_index(serve: Serve) -> None:
    async with serve() as client:
        listed = await client.ask(
            '{ orders(first: 7, filter: { shops: ["flagship"] }) { nodes { id } } }'
        )
        assert len(listed.data["orders"]["nodes"]) == 7

        async def recorded() -> bool:
            found: dict[str, Any] = (await index_of_shops(client))["flagship"]
            return bool(found["orders"] == 7)

        await eventually(recorded)
        metrics = (await client.http.get("/metrics")).text
    assert 'gateway_index_recorded_total{kind="orders"} 7.0' in metrics


async def test_without_the_index_nothing_is_kept(serve: Serve) -> None:
    async with serve(index={"enabled": False}) as client:
        await client.ask('{ orders(first: 7, filter: { shops: ["flagship"] }) { nodes { id } } }')
        found = await index_of_shops(client)
    assert found == {"flagship": None, "mini": None, "swan": None}


async def test_doctor_says_how_far_it_reaches(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    async with serve() as client:

        async def compared() -> bool:
            return (await index_of_shops(client))["swan"]["inStepAt"] is not None

        await eventually(compared)
    settings = Settings.from_dict(PLATFORMS, configuration(sandbox, tmp_path))
    async with open_ledger(settings.store, time.time) as store:
        findings = await index_findings(settings, store)
        off = configuration(sandbox, tmp_path, index={"enabled": False})
        assert await index_findings(Settings.from_dict(PLATFORMS, off), store) == []
    assert [str(one) for one in findings] == [
        "ok    index            mini: its past is being read",
        "ok    index            swan: all orders",
    ]
