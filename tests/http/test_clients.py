"""The clients of npm that most front ends use follow the gateway's subscriptions."""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from gateway.store.order_changes import NewOrderChange
from gateway.store.store import Store
from schema.key import Key
from tests.fixtures_served import KEY, Client

NODE = Path(sys.executable).parent / "node"
COUNT = 200


async def change_orders(folder: Path, count: int) -> None:
    """Let so many orders change, some at a time."""
    url = f"sqlite:///{folder}/gateway.db"
    store = await Store.open(url, encryption_key=KEY, clock=time.time)
    for begin in range(0, count, 50):
        changes = [
            NewOrderChange(
                shop="swan",
                platform_id=f"order-{number}",
                status="SHIPPED",
                previous_status="AWAITING_SHIPMENT",
                cause="MUTATION",
            )
            for number in range(begin, min(count, begin + 50))
        ]
        async with store.transaction() as transaction:
            await store.order_changes.append(transaction, changes)
    await store.close()


async def told(packages: Path, *arguments: str) -> list[Any]:
    """What the client was told, in its order."""
    client = await asyncio.create_subprocess_exec(
        NODE, "follow.js", *arguments, cwd=packages, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await asyncio.wait_for(client.communicate(), 60)
    assert client.returncode == 0
    return [json.loads(line) for line in said.splitlines()]


@pytest.mark.parametrize("protocol", ["sse", "ws"])
async def test_many_changes_come_in_order(
    protocol: str, node_packages: Path, gateway: Client, tmp_path: Path
) -> None:
    url = str(gateway.http.base_url)
    await change_orders(tmp_path, 1)
    [first] = await told(node_packages, protocol, url, "1", "b3JkZXItY2hhbmdlOjA")
    since = first["data"]["orderChanged"]["cursor"]

    answers, _ = await asyncio.gather(
        told(node_packages, protocol, url, str(COUNT), since), change_orders(tmp_path, COUNT)
    )

    assert [answer["data"]["orderChanged"]["orderId"] for answer in answers] == [
        Key("Order", "swan", f"order-{number}").encode() for number in range(COUNT)
    ]
    assert len({answer["data"]["orderChanged"]["cursor"] for answer in answers}) == COUNT


@pytest.mark.parametrize("protocol", ["sse", "ws"])
async def test_a_refusal_reaches_the_client(
    protocol: str, node_packages: Path, gateway: Client
) -> None:
    [answer] = await told(node_packages, protocol, str(gateway.http.base_url), "1", "nonsense")

    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
