"""The audit log: each mutation leaves its event, in the transaction of what it did."""

import asyncio
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest

from gateway.auth.key_manager import KeyManager
from schema.key import Key
from schema.scope import Scope
from tests.e2e.api_keys import key
from tests.e2e.order_samples import IMPORT, baidu_order
from tests.e2e.storefront_samples import CREATE_GROUP, RENAME_GROUP, id_of, new_group
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client, Serve

EVENTS: Final = """
query ($filter: AuditFilter, $first: Int, $after: String) {
  auditEvents(filter: $filter, first: $first, after: $after) {
    totalCount
    pageInfo { hasNextPage hasPreviousPage endCursor }
    edges { cursor }
    nodes {
      id at actor action shops subject revealed outcome requestId remoteAddress
    }
  }
}
"""
ALL: Final = tuple(Scope)


async def events(
    gateway: Client, headers: Mapping[str, str] | None = None, **wanted: Any
) -> list[dict[str, Any]]:
    """The events that the log shows, newest first."""
    answer = await gateway.ask(EVENTS, {"filter": wanted or None}, headers)
    nodes: list[dict[str, Any]] = answer.data["auditEvents"]["nodes"]
    return nodes


def told(event: Mapping[str, Any]) -> tuple[Any, ...]:
    return event["action"], event["outcome"], event["shops"], event["subject"]


async def in_store(folder: Path, statement: str) -> list[Any]:
    """The rows of SQL beside the gateway; in a thread, because both use one file."""

    def run() -> list[Any]:
        with closing(sqlite3.connect(folder / "gateway.db", isolation_level=None)) as database:
            return database.execute(statement).fetchall()

    return await asyncio.to_thread(run)


async def test_a_change_of_the_ledger_has_one_event(gateway: Client, tmp_path: Path) -> None:
    headers = {"X-Request-Id": "the-import"}
    done = await gateway.ask(IMPORT, {"input": baidu_order("audited")}, headers)
    # Written with it: nothing has to be waited for.
    rows = await in_store(tmp_path, "SELECT action, outcome, request_id FROM audit_events")

    assert rows == [("orderImport", "OK", "the-import")]
    order = done.data["orderImport"]["order"]["id"]
    (event,) = await events(gateway, actions=["orderImport"])
    assert told(event) == ("orderImport", "OK", ["swan"], order)
    assert (event["actor"], event["remoteAddress"], event["revealed"]) == ("open", "127.0.0.1", 0)


async def test_a_change_that_is_rolled_back_has_no_event_of_success(
    gateway: Client, tmp_path: Path
) -> None:
    await in_store(
        tmp_path,
        "CREATE TRIGGER broken BEFORE INSERT ON order_changes"
        " BEGIN SELECT RAISE(ABORT, 'broken'); END",
    )
    await gateway.ask(IMPORT, {"input": baidu_order("rolled-back")})

    (event,) = await events(gateway, actions=["orderImport"])
    assert event["outcome"] != "OK"
    assert await in_store(tmp_path, "SELECT 1 FROM orders WHERE platform_id = 'rolled-back'") == []


async def test_a_change_at_a_platform_is_begun_before_it_is_asked(
    gateway: Client, sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.fault("latency", 0.5, path="/merchant/group/add")
    asking = asyncio.create_task(gateway.ask(CREATE_GROUP, {"input": new_group()}))
    while not sandbox.counts().get("/merchant/group/add"):  # noqa: ASYNC110 - another process
        await asyncio.sleep(0.02)
    begun = await in_store(tmp_path, "SELECT action, outcome, shops FROM audit_events")
    done = await asking

    assert begun == [("productGroupCreate", "BEGUN", ",flagship,")]
    group = done.data["done"]["productGroup"]["id"]
    after, before = await events(gateway, actions=["productGroupCreate"])
    assert told(before) == ("productGroupCreate", "BEGUN", ["flagship"], None)
    assert told(after) == ("productGroupCreate", "OK", ["flagship"], group)
    assert before["requestId"] == after["requestId"]


async def test_what_a_platform_refuses_is_told(gateway: Client, sandbox: Sandbox) -> None:
    group = id_of("ProductGroup", 28)
    sandbox.fault("errcode", 43002, path="/merchant/group/propertymod")
    await gateway.ask(RENAME_GROUP, {"id": group, "name": "新"})

    after, before = await events(gateway, actions=["productGroupRename"])
    assert told(before) == ("productGroupRename", "BEGUN", ["flagship"], group)
    assert told(after)[:3] == ("productGroupRename", "REJECTED_BY_PLATFORM", ["flagship"])


async def test_without_the_log_no_platform_is_changed(
    gateway: Client, sandbox: Sandbox, tmp_path: Path
) -> None:
    await in_store(tmp_path, "ALTER TABLE audit_events RENAME TO elsewhere")
    refused = await gateway.ask(CREATE_GROUP, {"input": new_group()})

    assert refused.codes == ["STORE_UNAVAILABLE"]
    assert "/merchant/group/add" not in sandbox.counts()


async def test_what_is_refused_changes_nothing_and_is_told(
    serve: Serve, keys: dict[str, Any], book: KeyManager
) -> None:
    reader, auditor = key(book, ["orders:read"]), key(book, ["audit:read"])
    async with serve(**keys) as gateway:
        await gateway.ask(IMPORT, {"input": baidu_order("never")}, reader)
        (event,) = await events(gateway, auditor, actions=["orderImport"])

    assert told(event) == ("orderImport", "FORBIDDEN", ["swan"], None)


async def test_an_unknown_shop_is_not_repeated_in_the_log(gateway: Client) -> None:
    await gateway.ask(IMPORT, {"input": baidu_order("x") | {"shop": "13800138000"}})

    (event,) = await events(gateway, actions=["orderImport"])
    assert event["shops"] == []


async def test_the_log_needs_its_scope(
    serve: Serve, keys: dict[str, Any], book: KeyManager
) -> None:
    blind = key(book, [scope for scope in ALL if scope is not Scope.AUDIT_READ])
    async with serve(**keys) as gateway:
        await gateway.ask(IMPORT, {"input": baidu_order("seen")}, blind)
        listed = await gateway.ask("{ auditEvents { totalCount } }", headers=blind)

    assert listed.codes == ["FORBIDDEN"]
    assert listed.body["data"] == {"auditEvents": None}


async def test_a_key_sees_the_events_of_its_shops(
    serve: Serve, keys: dict[str, Any], book: KeyManager
) -> None:
    everything = key(book, ALL)
    swan, mini = key(book, ALL, ["swan"]), key(book, ALL, ["mini"])
    async with serve(**keys) as gateway:
        await gateway.ask(IMPORT, {"input": baidu_order("of-swan")}, everything)
        (seen,) = await events(gateway, swan, actions=["orderImport"])
        unseen = await events(gateway, mini, actions=["orderImport"])
        named = await gateway.ask(EVENTS, {"filter": {"shops": ["swan"]}}, mini)
        again = [
            (await gateway.ask(f'{{ node(id: "{seen["id"]}") {{ id }} }}', headers=one)).data
            for one in (swan, mini)
        ]

    assert seen["shops"] == ["swan"]
    assert unseen == []
    assert named.codes == ["BAD_USER_INPUT"]
    assert again == [{"node": {"id": seen["id"]}}, {"node": None}]


async def test_pages_of_the_log(gateway: Client) -> None:
    for number in range(3):
        await gateway.ask(IMPORT, {"input": baidu_order(f"n{number}")})
    chosen = {"actions": ["orderImport"], "from": "2020-01-01T00:00:00Z"}
    first = (await gateway.ask(EVENTS, {"filter": chosen, "first": 2})).data["auditEvents"]
    after = first["pageInfo"]["endCursor"]
    rest = (await gateway.ask(EVENTS, {"filter": chosen, "after": after})).data["auditEvents"]
    none = await gateway.ask(EVENTS, {"filter": {"to": "2020-01-01T00:00:00Z"}})

    assert first["totalCount"] == rest["totalCount"] == 3
    assert (len(first["nodes"]), len(rest["nodes"])) == (2, 1)
    assert first["pageInfo"]["hasNextPage"] is True
    assert rest["pageInfo"] == {
        "hasNextPage": False,
        "hasPreviousPage": True,
        "endCursor": rest["edges"][0]["cursor"],
    }
    assert len({node["id"] for node in first["nodes"] + rest["nodes"]}) == 3
    assert none.data["auditEvents"]["nodes"] == []


@pytest.mark.parametrize("after", ["x", "0x1p+2000_1", "0x1.0p+3_ffffffffffffffff", "1_2"])
async def test_a_wrong_cursor_is_refused(gateway: Client, after: str) -> None:
    answer = await gateway.ask(EVENTS, {"after": after})

    assert answer.codes == ["BAD_USER_INPUT"]


async def test_an_id_that_is_none_finds_nothing(gateway: Client) -> None:
    ids = [Key("AuditEvent", shop, "0x1.8p+3_1").encode() for shop in ("*", "swan")]
    answer = await gateway.ask("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ids})

    assert answer.data == {"nodes": [None, None]}


async def test_a_log_that_is_off_is_empty(serve: Serve) -> None:
    async with serve(audit={"enabled": False}) as gateway:
        await gateway.ask(IMPORT, {"input": baidu_order("unseen")})

        assert await events(gateway) == []


ORDERS: Final = """
query { orders(filter: { shops: ["mini", "swan"] }) { nodes { id buyer { openId } } } }
"""


def shown(answer: Any) -> set[str]:
    """The ids of the orders whose buyers an answer shows."""
    return {node["id"] for node in answer.data["orders"]["nodes"] if node["buyer"] is not None}


@pytest.mark.parametrize("compiled", [True, False])
async def test_an_answer_with_personal_data_is_counted(serve: Serve, *, compiled: bool) -> None:
    headers = {"X-Request-Id": "read"}
    async with serve(graphql={"compiled": compiled}) as gateway:
        answers = [await gateway.ask(ORDERS, headers=headers) for _ in range(3)]
        await gateway.ask("{ orders { nodes { id status } } }")
        found = await events(gateway)

    records = len(shown(answers[0]))
    assert records > 2
    assert [(one["action"], one["revealed"], one["outcome"]) for one in found] == [
        ("orders", records, "OK")
    ] * 3
    assert {tuple(one["shops"]) for one in found} == {("mini", "swan")}
    assert {one["requestId"] for one in found} == {"read"}


async def test_one_record_is_counted_once(gateway: Client) -> None:
    await gateway.ask(ORDERS)
    answer = await gateway.ask(
        """{
          orders(filter: { shops: ["mini"] }) { nodes { ...Whole } }
          again: orders(filter: { shops: ["mini"] }) { nodes { ...Whole } }
          shops { orders(filter: {}) { totalCount } }
        }
        fragment Whole on Order {
          id buyer { openId } to: shippingAddress { phone }
          details { ... on MiniProgramOrderDetails { invoice { title } } }
        }"""
    )
    records = {
        node["id"]
        for node in answer.body["data"]["orders"]["nodes"]
        if node["buyer"] or node["to"] or node["details"]["invoice"]
    }

    event = (await events(gateway))[0]
    assert (event["action"], event["revealed"]) == ("orders+shops", len(records))


async def test_each_reader_of_a_shared_execution_has_its_event(
    serve: Serve, sandbox: Sandbox, keys: dict[str, Any], book: KeyManager
) -> None:
    reader, auditor = key(book, ["orders:read", "pii:read"]), key(book, ["audit:read"])
    query = '{ orders(filter: { shops: ["flagship"] }) { nodes { id buyer { openId } } } }'
    async with serve(**keys) as gateway:
        sandbox.fault("latency", 0.3, path="/merchant/order/getbyfilter", times=None)
        await asyncio.gather(
            *(gateway.ask(query, headers=reader | {"X-Request-Id": f"r{n}"}) for n in range(4))
        )
        found = await events(gateway, auditor)

    assert sandbox.peaks()["/merchant/order/getbyfilter"] == 1
    assert {one["requestId"] for one in found} == {"r0", "r1", "r2", "r3"}
    assert len({one["revealed"] for one in found}) == 1
    assert found[0]["revealed"] > 0


async def test_a_missing_scope_is_told_once_an_answer(
    serve: Serve, keys: dict[str, Any], book: KeyManager
) -> None:
    reader, auditor = key(book, ["orders:read"]), key(book, ["audit:read"])
    async with serve(**keys) as gateway:
        await gateway.ask(ORDERS, headers=reader)
        await gateway.ask("{ a: products { totalCount } pushes { totalCount } }", headers=reader)
        await gateway.ask("{ orders(first: 0) { totalCount } }", headers=reader)
        found = await events(gateway, auditor)

    assert [told(one)[:3] for one in found] == [
        ("products+pushes", "FORBIDDEN", []),
        ("orders", "FORBIDDEN", []),
    ]
    assert {one["revealed"] for one in found} == {0}


async def test_the_answer_of_a_mutation_is_told_as_well(gateway: Client) -> None:
    query = IMPORT.replace("order {", "order { buyer { openId } ")
    answer = await gateway.ask(query, {"input": baidu_order("shown")})

    assert answer.data["orderImport"]["order"]["buyer"]["openId"]
    found = await events(gateway, actions=["orderImport"])
    assert sorted((one["revealed"], one["outcome"]) for one in found) == [(0, "OK"), (1, "OK")]


async def test_a_repeated_outcome_is_told_to_each_who_gets_it(
    serve: Serve, keys: dict[str, Any], book: KeyManager
) -> None:
    writer = key(book, ["orders:write", "orders:read", "pii:read"])
    auditor = key(book, ["audit:read"])
    query = IMPORT.replace("order {", "order { buyer { openId } ")
    once = writer | {"Idempotency-Key": "one"}
    async with serve(**keys) as gateway:
        for number in range(3):
            headers = once | {"X-Request-Id": f"r{number}"}
            await gateway.ask(query, {"input": baidu_order("repeated")}, headers)
        found = await events(gateway, auditor, actions=["orderImport"])

    told_as = sorted((one["requestId"], one["revealed"], tuple(one["shops"])) for one in found)
    assert told_as == [
        ("r0", 0, ("swan",)),
        ("r0", 1, ("swan",)),
        ("r1", 1, ("swan",)),
        ("r2", 1, ("swan",)),
    ]


async def test_refused_keys_are_told_and_slowed_down(
    serve: Serve, keys: dict[str, Any], book: KeyManager
) -> None:
    auditor = key(book, ["audit:read", "ops:read"])
    wrong = {"Authorization": f"Bearer cgw_{'0' * 49}", "X-Request-Id": "wrong"}
    async with serve(**keys) as gateway:
        refused = [await gateway.ask("{ viewer { name } }", headers=wrong) for _ in range(22)]
        without = await gateway.ask("{ viewer { name } }")
        valid = await gateway.ask("{ viewer { name } }", headers=auditor)
        found = await events(gateway, auditor, actions=["authenticate"])
        metrics = (await gateway.http.get("/metrics", headers=auditor)).text

    assert [one.status for one in refused] == [401] * 20 + [429] * 2
    assert int(refused[-1].headers["Retry-After"]) in {1, 2, 3}
    assert without.status == 401
    assert valid.status == 200
    assert len(found) == 20
    assert {(one["actor"], one["outcome"], one["remoteAddress"]) for one in found} == {
        ("(unknown)", "UNAUTHENTICATED", "127.0.0.1")
    }
    assert {one["requestId"] for one in found} == {"wrong"}
    assert 'gateway_refused_keys_total{outcome="refused"} 20.0' in metrics
    assert 'gateway_refused_keys_total{outcome="throttled"} 2.0' in metrics


async def test_metrics_without_their_scope_are_told(
    serve: Serve, keys: dict[str, Any], book: KeyManager
) -> None:
    auditor = key(book, ["audit:read"])
    async with serve(**keys) as gateway:
        headers = {**auditor, "Via": "a proxy"}
        refused = await gateway.http.get("/metrics", headers=headers)
        (event,) = await events(gateway, auditor)

    assert refused.status_code == 403
    assert told(event) == ("metrics", "FORBIDDEN", [], None)
