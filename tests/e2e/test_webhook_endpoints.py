"""Webhook endpoints over HTTP: scopes, ids, secrets, the audit log, repeated mutations."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest

from gateway.auth.key_manager import KeyManager
from schema.key import Key
from schema.scope import Scope
from tests.e2e.api_keys import key
from tests.fixtures_served import Asked, Client, Serve

ALL: Final = tuple(Scope)
ALLOW: Final = {"webhooks": {"allow": ["127.0.0.0/8"]}}
#: Port 9 is closed; the path is a secret that nothing may show.
URL: Final = "http://127.0.0.1:9/path-7f3a"
ENDPOINT: Final = "id url topics shops enabled createdAt disabledReason"
CREATE: Final = f"""
mutation ($input: WebhookEndpointInput!) {{
  done: webhookEndpointCreate(input: $input) {{
    endpoint {{ {ENDPOINT} }} secret userErrors {{ code field message }}
  }}
}}"""
UPDATE: Final = f"""
mutation ($id: ID!, $input: WebhookEndpointInput!) {{
  done: webhookEndpointUpdate(id: $id, input: $input) {{
    endpoint {{ {ENDPOINT} }} secret userErrors {{ code field message }}
  }}
}}"""
ROTATE: Final = """
mutation ($id: ID!) {
  done: webhookEndpointRotateSecret(id: $id) { endpoint { id } secret userErrors { code } }
}"""
DELETE: Final = """
mutation ($id: ID!) { done: webhookEndpointDelete(id: $id) { deletedId userErrors { code } } }"""
RETRY: Final = """
mutation ($id: ID!) {
  done: webhookDeliveryRetry(id: $id) { endpoint { id } userErrors { code field } }
}"""
LIST: Final = f"{{ webhookEndpoints {{ {ENDPOINT} deliveries {{ totalCount nodes {{ id }} }} }} }}"
#: Turned off, so that nothing is sent while a test looks.
NEW: Final = {"url": URL, "topics": ["ORDER_CHANGED"], "enabled": False}


async def create(gateway: Client, headers: dict[str, str], **changes: Any) -> Asked:
    return await gateway.ask(CREATE, {"input": {**NEW, **changes}}, headers)


def made(asked: Asked) -> dict[str, Any]:
    assert asked.data["done"]["userErrors"] == []
    endpoint: dict[str, Any] = asked.data["done"]["endpoint"]
    return endpoint


async def in_store(folder: Path, statement: str) -> list[Any]:
    """The rows of SQL beside the gateway; in a thread, because both use one file."""

    def run() -> list[Any]:
        with closing(sqlite3.connect(folder / "gateway.db", isolation_level=None)) as database:
            return database.execute(statement).fetchall()

    return await asyncio.to_thread(run)


def in_files(folder: Path) -> bytes:
    """All that the database keeps."""
    return b"".join(file.read_bytes() for file in folder.glob("gateway.db*"))


async def test_an_endpoint_lives_from_its_secret_to_its_deletion(
    serve: Serve, keys: dict[str, Any], book: KeyManager
) -> None:
    mine = key(book, ALL)
    async with serve(**keys, **ALLOW) as gateway:
        asked = await create(gateway, mine, shops=["mini", "flagship"])
        endpoint, secret = made(asked), asked.data["done"]["secret"]
        assert secret.startswith("whsec_")
        assert endpoint == {
            "id": endpoint["id"],
            "url": URL,
            "topics": ["ORDER_CHANGED"],
            "shops": ["flagship", "mini"],
            "enabled": False,
            "createdAt": endpoint["createdAt"],
            "disabledReason": None,
        }
        listed = await gateway.ask(LIST, headers=mine)
        deliveries = {"totalCount": 0, "nodes": []}
        assert listed.data == {"webhookEndpoints": [{**endpoint, "deliveries": deliveries}]}

        id_ = {"id": endpoint["id"]}
        node = f"query ($id: ID!) {{ node(id: $id) {{ ... on WebhookEndpoint {{ {ENDPOINT} }} }} }}"
        assert (await gateway.ask(node, id_, mine)).data == {"node": endpoint}
        changes = {"topics": ["PUSH_FAILED", "PRODUCT_CHANGED"], "shops": None}
        changed = await gateway.ask(UPDATE, {**id_, "input": changes}, mine)
        assert changed.data["done"] == {
            "endpoint": {**endpoint, "topics": ["PRODUCT_CHANGED", "PUSH_FAILED"], "shops": None},
            "secret": None,
            "userErrors": [],
        }
        rotated = (await gateway.ask(ROTATE, id_, mine)).data["done"]
        assert rotated["secret"].startswith("whsec_")
        assert rotated["secret"] != secret

        gone = await gateway.ask(DELETE, id_, mine)
        assert gone.data["done"] == {"deletedId": endpoint["id"], "userErrors": []}
        again = await gateway.ask(DELETE, id_, mine)
        assert again.data["done"] == {"deletedId": None, "userErrors": [{"code": "NOT_FOUND"}]}
        assert (await gateway.ask(node, id_, mine)).data == {"node": None}
        assert (await gateway.ask(LIST, headers=mine)).data == {"webhookEndpoints": []}


async def test_a_url_is_refused_with_its_path_and_repeated_nowhere(
    serve: Serve, keys: dict[str, Any], book: KeyManager, capfd: pytest.CaptureFixture[str]
) -> None:
    mine = key(book, ALL)
    refused = {
        "http://127.0.0.1:9/path-7f3a": "The URL cannot be called: the host is not on the public",
        "https://127.0.0.1/path-7f3a": "The URL cannot be called: the host is not on the public",
        "https://localhost/path-7f3a": "The URL cannot be called: the host is not on the public",
        "https://[::ffff:10.0.0.1]/path-7f3a": "The URL cannot be called: the host is not on the",
        "https://169.254.169.254/path-7f3a": "The URL cannot be called: the host is not on the",
        "https://2130706433/path-7f3a": "The URL cannot be called: expected a host name",
        "https://me:path-7f3a@shop.example/": "The URL cannot be called: expected a URL without",
        "ftp://shop.example/path-7f3a": "The URL cannot be called: expected an https:// URL.",
    }
    async with serve(**keys) as gateway:
        for url, words in refused.items():
            asked = await create(gateway, mine, url=url)
            (error,) = asked.data["done"]["userErrors"]
            assert (error["code"], error["field"]) == ("INVALID", ["url"])
            assert error["message"].startswith(words)
            assert "7f3a" not in str(asked.body)
            assert asked.data["done"]["endpoint"] is asked.data["done"]["secret"] is None
        assert (await gateway.ask(LIST, headers=mine)).data == {"webhookEndpoints": []}
    assert "7f3a" not in "".join(capfd.readouterr())


async def test_a_key_sees_and_changes_its_own_endpoints_alone(
    serve: Serve, keys: dict[str, Any], book: KeyManager
) -> None:
    one, other = key(book, ALL, ["mini"]), key(book, ALL, ["mini"])
    admin, reader = key(book, ALL), key(book, ["ops:read"])
    async with serve(**keys, **ALLOW) as gateway:
        endpoint = made(await create(gateway, one))
        ids = {}
        for headers, seen in ((one, 1), (other, 0), (admin, 1), (reader, 1)):
            listed = await gateway.ask("{ webhookEndpoints { id } }", headers=headers)
            assert len(listed.data["webhookEndpoints"]) == seen
            ids = {"id": endpoint["id"]}
            node = await gateway.ask("query ($id: ID!) { node(id: $id) { id } }", ids, headers)
            assert (node.data["node"] is not None) == bool(seen)
        for operation in (ROTATE, DELETE):
            refused = await gateway.ask(operation, ids, other)
            assert refused.data["done"]["userErrors"] == [{"code": "NOT_FOUND"}]
        turned = await gateway.ask(UPDATE, {**ids, "input": {"topics": ["PUSH_FAILED"]}}, admin)
        assert made(turned)["topics"] == ["PUSH_FAILED"]
        unknown = await create(gateway, one, shops=["flagship"])
        (error,) = unknown.data["done"]["userErrors"]
        assert (error["code"], error["field"]) == ("NOT_FOUND", ["shops", "0"])


async def test_what_reads_and_what_writes_need_the_scopes_of_operators(
    serve: Serve, keys: dict[str, Any], book: KeyManager
) -> None:
    mine = key(book, ALL)
    lacking = key(book, [scope for scope in ALL if scope is not Scope.OPS_READ])
    async with serve(**keys, **ALLOW) as gateway:
        endpoint = made(await create(gateway, mine))
        query = "query ($id: ID!) { node(id: $id) { id } webhookEndpoints { id } }"
        asked = await gateway.ask(query, {"id": endpoint["id"]}, lacking)
        assert asked.body["data"] == {"node": None, "webhookEndpoints": None}
        assert asked.codes == ["FORBIDDEN", "FORBIDDEN"]
        orders = "{ orders(first: 2) { nodes { id deliveries { totalCount } } } }"
        asked = await gateway.ask(orders, headers=lacking)
        assert [node["deliveries"] for node in asked.body["data"]["orders"]["nodes"]] == [None] * 2
        assert asked.codes == ["FORBIDDEN"]
        asked = await gateway.ask(orders, headers=mine)
        assert {node["deliveries"]["totalCount"] for node in asked.data["orders"]["nodes"]} == {0}
        created = """mutation ($input: WebhookEndpointInput!) {
          webhookEndpointCreate(input: $input) { endpoint { url deliveries { totalCount } } }
        }"""
        asked = await gateway.ask(created, {"input": NEW}, lacking)
        assert asked.body["data"]["webhookEndpointCreate"] == {
            "endpoint": {"url": URL, "deliveries": None}
        }


async def test_a_gateway_that_asks_for_no_key_has_endpoints_of_everyone(serve: Serve) -> None:
    async with serve(**ALLOW) as gateway:
        endpoint = made(await create(gateway, {}))
        listed = await gateway.ask(LIST)
    assert [one["id"] for one in listed.data["webhookEndpoints"]] == [endpoint["id"]]


async def test_a_secret_is_sealed_at_rest(
    serve: Serve, keys: dict[str, Any], book: KeyManager, tmp_path: Path
) -> None:
    mine = key(book, ALL) | {"Idempotency-Key": "first"}
    async with serve(**keys, **ALLOW) as gateway:
        secret: str = (await create(gateway, mine)).data["done"]["secret"]
    stored = in_files(tmp_path)
    assert secret.encode() not in stored
    assert secret.removeprefix("whsec_").encode() not in stored


async def test_a_repeated_mutation_tells_the_secret_again_and_makes_no_other(
    serve: Serve, keys: dict[str, Any], book: KeyManager
) -> None:
    mine = key(book, ALL)
    async with serve(**keys, **ALLOW) as gateway:
        first = await create(gateway, mine | {"Idempotency-Key": "first"})
        again = await create(gateway, mine | {"Idempotency-Key": "first"})
        assert again.body == {**first.body, "extensions": {"idempotentReplay": True}}
        listed = await gateway.ask("{ webhookEndpoints { id } }", headers=mine)
        assert listed.data == {"webhookEndpoints": [{"id": made(first)["id"]}]}


async def test_a_mutation_that_was_cut_short_is_answered_and_not_done_again(
    serve: Serve, keys: dict[str, Any], book: KeyManager, tmp_path: Path
) -> None:
    mine = key(book, ALL)
    async with serve(**keys, **ALLOW) as gateway:
        id_ = {"id": made(await create(gateway, mine))["id"]}
        operations: list[tuple[str, dict[str, Any], int]] = [
            (CREATE, {"input": NEW}, 2),
            (UPDATE, {**id_, "input": {"topics": ["PUSH_FAILED"]}}, 2),
            (ROTATE, id_, 2),
            (DELETE, id_, 1),
        ]
        for number, (query, given, left) in enumerate(operations):
            once = mine | {"Idempotency-Key": f"key {number}"}
            first = await gateway.ask(query, given, once)
            # What a process leaves that was killed after its transaction, a while ago.
            await in_store(tmp_path, "UPDATE idempotency_keys SET outcome = NULL, lease_until = 1")
            again = await gateway.ask(query, given, once)
            assert again.data == first.data
            assert first.data["done"]["userErrors"] == []
            listed = await gateway.ask("{ webhookEndpoints { id } }", headers=mine)
            assert len(listed.data["webhookEndpoints"]) == left


async def test_each_mutation_leaves_an_event_in_the_audit_log(
    serve: Serve, keys: dict[str, Any], book: KeyManager
) -> None:
    mine = key(book, ALL)
    async with serve(**keys, **ALLOW) as gateway:
        endpoint = made(await create(gateway, mine))["id"]
        await create(gateway, mine, url="http://10.0.0.1/path-7f3a")
        await gateway.ask(UPDATE, {"id": endpoint, "input": {"enabled": True}}, mine)
        await gateway.ask(ROTATE, {"id": endpoint}, mine)
        delivery = Key("WebhookDelivery", "*", "AAAAAAAAAAA").encode()
        await gateway.ask(RETRY, {"id": delivery}, mine)
        await gateway.ask(DELETE, {"id": endpoint}, mine)
        asked = await gateway.ask(
            "{ auditEvents { nodes { action outcome subject } } }", None, mine
        )
    assert "7f3a" not in str(asked.body)
    told = [tuple(event.values()) for event in asked.data["auditEvents"]["nodes"]]
    assert [event for event in told if event[0].startswith("webhook")] == [
        ("webhookEndpointDelete", "OK", endpoint),
        ("webhookDeliveryRetry", "NOT_FOUND", None),
        ("webhookEndpointRotateSecret", "OK", endpoint),
        ("webhookEndpointUpdate", "OK", endpoint),
        ("webhookEndpointCreate", "INVALID", None),
        ("webhookEndpointCreate", "OK", endpoint),
    ]
