"""From a mutation to an integrator's receiver: signed messages, and what the API shows of them."""

import asyncio
import json
from typing import Any, Final

import pytest
from standardwebhooks import Webhook

from gateway.auth.key_manager import KeyManager
from schema.scope import Scope
from tests.e2e.api_keys import key
from tests.e2e.order_samples import IMPORT, baidu_order
from tests.e2e.test_webhook_endpoints import ALLOW, CREATE, NEW, ROTATE
from tests.fixtures_served import Client, Serve
from tests.upstream.server import Platform, Received, answer, platform
from tests.waiting import eventually

DELIVERIES: Final = """
query ($id: ID!, $endpoint: ID!) {
  order: node(id: $id) {
    ... on Order {
      deliveries { totalCount nodes { subject topic state lastStatus endpoint { id } } }
    }
  }
  endpoint: node(id: $endpoint) {
    ... on WebhookEndpoint { deliveries(states: [PENDING]) { totalCount } }
  }
}"""
TEST: Final = """
mutation ($id: ID!) { done: webhookEndpointTest(id: $id) { endpoint { id } userErrors { code } } }
"""


def verified(received: Received, *secrets: str) -> Any:
    """What a message says, which has a signature by each of the secrets."""
    told = [Webhook(secret).verify(received.body, received.headers) for secret in secrets]
    assert all(one == told[0] for one in told)
    return told[0]


def samples_to(played: Platform) -> list[Received]:
    """The messages with invented contents that a receiver has."""
    return [one for one in played.received if json.loads(one.body)["data"].get("test")]


async def waited(gateway: Client, given: dict[str, Any], headers: dict[str, str]) -> Any:
    """The order's deliveries, once nothing waits."""
    while True:
        asked = await gateway.ask(DELIVERIES, given, headers)
        if asked.data["endpoint"]["deliveries"]["totalCount"] == 0:
            return asked.data["order"]["deliveries"]
        await asyncio.sleep(0.05)


async def test_a_change_of_an_order_is_posted_and_shown(
    serve: Serve, keys: dict[str, Any], book: KeyManager
) -> None:
    mine = key(book, list(Scope))
    async with platform(lambda _: answer("", 204)) as played, serve(**keys, **ALLOW) as gateway:
        given = {"url": f"{played.url}/path-7f3a", "topics": ["ORDER_CHANGED"], "shops": ["swan"]}
        made = (await gateway.ask(CREATE, {"input": given}, mine)).data["done"]
        endpoint, secret = made["endpoint"]["id"], made["secret"]
        imported = await gateway.ask(IMPORT, {"input": baidu_order("told")}, mine)
        order = imported.data["orderImport"]["order"]["id"]
        await eventually(lambda: len(played.received) > 0)
        message = verified(played.received[0], secret)
        assert message["type"] == "order.changed"
        assert (message["data"]["id"], message["data"]["shop"]) == (order, "swan")
        assert played.received[0].target == "/path-7f3a"

        shown = await waited(gateway, {"id": order, "endpoint": endpoint}, mine)
        assert shown == {
            "totalCount": 1,
            "nodes": [
                {
                    "subject": order,
                    "topic": "ORDER_CHANGED",
                    "state": "DELIVERED",
                    "lastStatus": 204,
                    "endpoint": {"id": endpoint},
                }
            ],
        }

        newer = (await gateway.ask(ROTATE, {"id": endpoint}, mine)).data["done"]["secret"]
        tested = await gateway.ask(TEST, {"id": endpoint}, mine)
        assert tested.data["done"] == {"endpoint": {"id": endpoint}, "userErrors": []}
        await eventually(lambda: len(samples_to(played)) > 0)
        sample = verified(samples_to(played)[0], newer, secret)
        assert (sample["type"], sample["data"]["test"]) == ("order.changed", True)


async def test_a_call_that_fails_shows_its_url_nowhere(
    serve: Serve, keys: dict[str, Any], book: KeyManager, capfd: pytest.CaptureFixture[str]
) -> None:
    mine = key(book, list(Scope))
    failed = """query ($id: ID!) { node(id: $id) {
      ... on WebhookEndpoint { deliveries { nodes { state lastStatus lastError } } } } }"""
    async with serve(**keys, **ALLOW) as gateway:
        given = {"input": {**NEW, "enabled": True}}
        endpoint = (await gateway.ask(CREATE, given, mine)).data["done"]["endpoint"]["id"]
        await gateway.ask(TEST, {"id": endpoint}, mine)
        shown: dict[str, Any] = {"lastError": None}
        while shown["lastError"] is None:
            asked = await gateway.ask(failed, {"id": endpoint}, mine)
            (shown,) = asked.data["node"]["deliveries"]["nodes"]
            await asyncio.sleep(0.05)
        metrics = (await gateway.http.get("/metrics", headers=mine)).text
    assert shown == {
        "state": "PENDING",
        "lastStatus": None,
        "lastError": "no connection: Connection refused",
    }
    assert "gateway_webhook_delivery_attempts_total" in metrics
    assert "7f3a" not in metrics
    assert "7f3a" not in "".join(capfd.readouterr())
