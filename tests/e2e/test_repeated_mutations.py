"""A mutation under an `Idempotency-Key` is done once, however often it is sent."""

import asyncio
import secrets
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest

from gateway.auth.key_manager import KeyManager
from schema.scope import Scope
from tests.e2e.order_samples import baidu_order
from tests.e2e.storefront_samples import CREATE_GROUP, DELETE_GROUP, RENAME_GROUP, id_of, new_group
from tests.e2e.uploads import JPEG, PNG, upload
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Asked, Client, Serve
from tests.waiting import eventually

ADD: Final = "/merchant/group/add"
KEY: Final = {"Idempotency-Key": "first"}
RETRY: Final = "mutation ($id: ID!) { pushRetry(id: $id) { push { state } } }"
IMPORTS: Final = """
mutation ($one: OrderImportInput!, $many: [OrderImportInput!]!) {
  first: orderImport(input: $one) { order { platformId } delivery: push { ...Told } }
  rest: ordersImport(input: $many) { ...Rest userErrors { code } }
}
fragment Rest on OrdersPayload { orders { platformId } pushes { ...Told } }
fragment Told on Push { id state attempts }
"""


async def _create(gateway: Client, headers: dict[str, str] = KEY, **changes: Any) -> Asked:
    return await gateway.ask(CREATE_GROUP, {"input": {**new_group(), **changes}}, headers)


def _codes(asked: Asked) -> list[str]:
    return [error["code"] for error in asked.data["done"]["userErrors"]]


async def _in_store(folder: Path, *statements: str) -> list[Any]:
    """Run SQL beside the gateway; in a thread, because both write to one file."""

    def run() -> list[Any]:
        with closing(sqlite3.connect(folder / "gateway.db", isolation_level=None)) as database:
            return [row for one in statements for row in database.execute(one).fetchall()]

    return await asyncio.to_thread(run)


async def test_the_first_outcome_is_given_again(gateway: Client, sandbox: Sandbox) -> None:
    first = await _create(gateway)
    again = await _create(gateway, {**KEY, "X-Request-Id": "another"})

    assert again.body == {**first.body, "extensions": {"idempotentReplay": True}}
    assert "extensions" not in first.body
    assert sandbox.counts()[ADD] == 1


async def test_without_a_key_it_is_done_again(gateway: Client, sandbox: Sandbox) -> None:
    first, second = await _create(gateway, {}), await _create(gateway, {})

    assert first.data["done"]["productGroup"]["id"] != second.data["done"]["productGroup"]["id"]
    assert sandbox.counts()[ADD] == 2


async def test_the_outcome_outlives_the_process(serve: Serve, sandbox: Sandbox) -> None:
    async with serve() as gateway:
        first = await _create(gateway)
    async with serve() as gateway:
        again = await _create(gateway)

    assert again.data == first.data
    assert again.body["extensions"] == {"idempotentReplay": True}
    assert sandbox.counts()[ADD] == 1


@pytest.mark.parametrize("change", [{"name": "别的"}, {"productIds": []}, {"shop": "swan"}])
async def test_another_operation_is_refused(
    gateway: Client, sandbox: Sandbox, change: dict[str, Any]
) -> None:
    await _create(gateway)
    other = await _create(gateway, **change)

    assert other.codes == ["IDEMPOTENCY_MISMATCH"]
    assert "data" not in other.body
    assert sandbox.counts()[ADD] == 1


async def test_another_document_is_another_operation(gateway: Client) -> None:
    variables = {"input": new_group()}
    await gateway.ask(CREATE_GROUP, variables, KEY)
    other = await gateway.ask(f"# again\n{CREATE_GROUP}", variables, KEY)

    assert other.codes == ["IDEMPOTENCY_MISMATCH"]


async def test_variables_in_another_order_are_the_same_operation(gateway: Client) -> None:
    variables = {"id": id_of("ProductGroup", 28), "name": "新"}
    await gateway.ask(RENAME_GROUP, variables, KEY)
    again = await gateway.ask(RENAME_GROUP, dict(reversed(variables.items())), KEY)

    assert again.body["extensions"] == {"idempotentReplay": True}


async def test_an_upload_is_told_by_its_content(gateway: Client, sandbox: Sandbox) -> None:
    first = await upload(gateway, PNG, headers=KEY)
    again = await upload(gateway, PNG, headers=KEY)
    other = await upload(gateway, JPEG, headers=KEY)

    assert again.data == first.data
    assert again.body["extensions"] == {"idempotentReplay": True}
    assert other.codes == ["IDEMPOTENCY_MISMATCH"]
    assert sandbox.counts()["/merchant/common/upload_img"] == 1


async def test_the_second_waits_for_the_first(gateway: Client, sandbox: Sandbox) -> None:
    sandbox.fault("latency", 0.5, path=ADD)
    first = asyncio.create_task(_create(gateway))
    await asyncio.sleep(0.2)
    meanwhile = await _create(gateway)
    done = await first
    again = await _create(gateway)

    assert meanwhile.codes == ["IDEMPOTENCY_IN_PROGRESS"]
    assert meanwhile.body["errors"][0]["extensions"]["retryAfter"] == 1
    assert meanwhile.headers["retry-after"] == "1"
    assert again.data == done.data
    assert sandbox.counts()[ADD] == 1


async def test_of_many_at_once_one_is_done(gateway: Client, sandbox: Sandbox) -> None:
    answers = await asyncio.gather(*(_create(gateway) for _ in range(8)))

    done = [one for one in answers if not one.codes]
    assert {one.codes[0] for one in answers if one.codes} <= {"IDEMPOTENCY_IN_PROGRESS"}
    assert len({one.data["done"]["productGroup"]["id"] for one in done}) == 1
    assert sandbox.counts()[ADD] == 1


@pytest.mark.parametrize(
    ("given", "code"),
    [
        pytest.param({"name": " "}, "INVALID", id="invalid"),
        pytest.param({"shop": "nowhere"}, "NOT_FOUND", id="no-such-shop"),
        pytest.param({"shop": "swan"}, "UNSUPPORTED_BY_PLATFORM", id="unsupported"),
    ],
)
async def test_what_was_refused_before_any_work_is_not_kept(
    gateway: Client, given: dict[str, Any], code: str
) -> None:
    refused = await _create(gateway, **given)
    repaired = await _create(gateway)

    assert _codes(refused) == [code]
    assert _codes(repaired) == []
    assert "extensions" not in repaired.body


async def test_what_no_schema_allows_leaves_no_key(gateway: Client) -> None:
    refused = await gateway.ask("mutation { nothing }", None, KEY)
    variables = await gateway.ask(CREATE_GROUP, {}, KEY)
    repaired = await _create(gateway)

    assert refused.codes == ["GRAPHQL_VALIDATION_FAILED"]
    assert variables.codes == ["BAD_USER_INPUT"]
    assert "extensions" not in repaired.body


@pytest.mark.parametrize(
    ("kind", "value"),
    [pytest.param("errcode", -1, id="busy"), pytest.param("errcode", 45009, id="quota")],
)
async def test_a_platform_that_did_nothing_is_asked_again(
    gateway: Client, sandbox: Sandbox, kind: str, value: int
) -> None:
    sandbox.fault(kind, value, path=ADD)
    refused = await _create(gateway)
    again = await _create(gateway)

    assert _codes(refused) in (["PLATFORM_UNAVAILABLE"], ["RATE_LIMITED"])
    assert _codes(again) == []
    assert "extensions" not in again.body


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        pytest.param("errcode", 79999, "REJECTED_BY_PLATFORM", id="refused"),
        pytest.param("reset", None, "OUTCOME_UNKNOWN", id="lost"),
    ],
)
async def test_what_the_platform_did_or_refused_is_given_again(
    gateway: Client, sandbox: Sandbox, kind: str, value: int | None, code: str
) -> None:
    sandbox.fault(kind, value, path=ADD, after=kind == "reset")
    first = await _create(gateway)
    again = await _create(gateway)

    assert _codes(first) == _codes(again) == [code]
    assert again.body["extensions"] == {"idempotentReplay": True}
    assert sandbox.counts()[ADD] == 1


async def test_errors_that_are_given_again_bear_this_request_s_id(
    gateway: Client, sandbox: Sandbox
) -> None:
    document = """
    mutation ($group: ProductGroupCreateInput!) {
      productGroupCreate(input: $group) { productGroup { products(first: 0) { totalCount } } }
    }"""
    variables = {"group": new_group()}
    first = await gateway.ask(document, variables, {**KEY, "X-Request-Id": "one"})
    again = await gateway.ask(document, variables, {**KEY, "X-Request-Id": "two"})

    assert first.codes == again.codes == ["BAD_USER_INPUT"]
    assert first.body["errors"][0]["extensions"]["requestId"] == "one"
    assert again.body["errors"][0]["extensions"]["requestId"] == "two"
    assert sandbox.counts()[ADD] == 1


async def test_a_key_belongs_to_its_caller(serve: Serve, sandbox: Sandbox, tmp_path: Path) -> None:
    book = KeyManager(tmp_path / "keys.toml", lambda: datetime.now(UTC), secrets.token_bytes)
    made = [book.add(name, frozenset(Scope), frozenset("*")) for name in ("one", "other")]
    one, other = ({"Authorization": f"Bearer {key.get_secret_value()}", **KEY} for key in made)
    keys = {"auth": {"mode": "keys", "keys_file": str(tmp_path / "keys.toml")}}
    async with serve(**keys) as gateway:
        first, second = await _create(gateway, one), await _create(gateway, other)

    assert "extensions" not in second.body
    assert first.data["done"]["productGroup"]["id"] != second.data["done"]["productGroup"]["id"]
    assert sandbox.counts()[ADD] == 2


async def test_after_a_crash_nobody_knows_and_nothing_is_done_again(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    async with serve() as gateway:
        await _create(gateway)
    # As a process leaves it that was killed before it could keep the outcome, a while ago.
    await _in_store(tmp_path, "UPDATE idempotency_keys SET outcome = NULL, lease_until = 1")
    async with serve() as gateway:
        lost, again = await _create(gateway), await _create(gateway)

    assert lost.data["done"]["productGroup"] is None
    assert _codes(lost) == _codes(again) == ["OUTCOME_UNKNOWN"]
    assert lost.body["extensions"] == again.body["extensions"] == {"idempotentReplay": True}
    assert sandbox.counts()[ADD] == 1


async def test_until_its_lease_runs_out_a_killed_mutation_is_under_way(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    async with serve() as gateway:
        await _create(gateway)
        await _in_store(tmp_path, "UPDATE idempotency_keys SET outcome = NULL")
        again = await _create(gateway)

    assert again.codes == ["IDEMPOTENCY_IN_PROGRESS"]
    assert sandbox.counts()[ADD] == 1


async def test_a_client_that_leaves_finds_the_outcome(gateway: Client, sandbox: Sandbox) -> None:
    sandbox.fault("latency", 0.4, path=ADD)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(_create(gateway), 0.2)
    again = await _create(gateway)
    while again.codes == ["IDEMPOTENCY_IN_PROGRESS"]:
        await asyncio.sleep(0.05)
        again = await _create(gateway)

    assert _codes(again) == []
    assert again.body["extensions"] == {"idempotentReplay": True}
    assert sandbox.counts()[ADD] == 1


@pytest.mark.parametrize(("length", "status"), [(0, 400), (255, 200), (256, 400)])
async def test_a_key_has_1_to_255_characters(gateway: Client, length: int, status: int) -> None:
    asked = await _create(
        gateway,
        {"Idempotency-Key": "k" * length, "Accept": "application/graphql-response+json"},
    )

    assert asked.status == status


async def test_a_query_needs_no_key_and_keeps_none(gateway: Client) -> None:
    first = await gateway.ask("{ shops { key } }", None, KEY)
    again = await gateway.ask("{ shops { key } }", None, KEY)
    mutation = await gateway.ask(DELETE_GROUP, {"id": id_of("ProductGroup", 19)}, KEY)

    assert first.body == again.body
    assert _codes(mutation) == []


async def test_the_outcome_is_kept_unreadable(gateway: Client, tmp_path: Path) -> None:
    await _create(gateway)
    ((outcome,),) = await _in_store(tmp_path, "SELECT outcome FROM idempotency_keys")

    assert b"productGroup" not in outcome


async def test_without_the_store_nothing_is_done(
    gateway: Client, sandbox: Sandbox, tmp_path: Path
) -> None:
    # Another writer keeps the store for longer than the gateway waits.
    database = await asyncio.to_thread(
        sqlite3.connect, tmp_path / "gateway.db", isolation_level=None, check_same_thread=False
    )
    await asyncio.to_thread(database.execute, "BEGIN IMMEDIATE")
    asked = await _create(gateway)
    database.close()
    again = await _create(gateway)

    assert (asked.status, asked.codes) == (503, ["OVERLOADED"])
    assert asked.headers["retry-after"] == "1"
    assert _codes(again) == []
    assert "extensions" not in again.body
    assert sandbox.counts()[ADD] == 1


async def test_a_pending_push_is_told_as_it_is_now(gateway: Client, sandbox: Sandbox) -> None:
    variables = {"one": baidu_order("B1"), "many": [baidu_order("B2"), baidu_order("B3")]}
    sandbox.fault("http_status", 503, path="/rest/", times=None)
    first = await gateway.ask(IMPORTS, variables, KEY)
    waiting = await gateway.ask(IMPORTS, variables, KEY)
    sandbox.clear_faults()
    pushes = [first.data["first"]["delivery"], *first.data["rest"]["pushes"]]

    async def delivered() -> Asked | None:
        # One that is under way cannot be retried.
        for push in pushes:
            await gateway.ask(RETRY, {"id": push["id"]})
        done = await gateway.ask(IMPORTS, variables, KEY)
        told = [done.data["first"]["delivery"], *done.data["rest"]["pushes"]]
        return done if all(push["state"] == "DELIVERED" for push in told) else None

    done = await eventually(delivered)

    assert {push["state"] for push in pushes} == {"PENDING"}
    assert waiting.data["first"]["delivery"]["state"] == "PENDING"
    assert done.body["extensions"] == {"idempotentReplay": True}
    told = [done.data["first"]["delivery"], *done.data["rest"]["pushes"]]
    assert [push["id"] for push in told] == [push["id"] for push in pushes]
    assert {push["state"] for push in told} == {"DELIVERED"}
    assert done.data["first"]["order"] == {"platformId": "B1"}
    assert done.data["rest"]["orders"] == [{"platformId": "B2"}, {"platformId": "B3"}]
    assert done.data["rest"]["userErrors"] == first.data["rest"]["userErrors"]
    assert len(sandbox.shops("baidu").popitem()[1]["orders"]) >= 3


async def test_an_import_that_is_a_conflict_can_be_mended(gateway: Client) -> None:
    document = """
    mutation ($o: OrderImportInput!) {
      done: orderImport(input: $o) { userErrors { code } push { state } }
    }"""
    await gateway.ask(document, {"o": baidu_order("B1")})
    refused = await gateway.ask(document, {"o": baidu_order("B1")}, KEY)
    repaired = await gateway.ask(document, {"o": baidu_order("B1", overwrite=True)}, KEY)

    assert _codes(refused) == ["CONFLICT"]
    assert repaired.data["done"] == {"userErrors": [], "push": {"state": "DELIVERED"}}


async def test_a_mutation_over_an_event_stream_is_done_once(
    gateway: Client, sandbox: Sandbox
) -> None:
    body = {"query": CREATE_GROUP, "variables": {"input": new_group()}}
    headers = {**KEY, "Accept": "text/event-stream"}
    first = await gateway.http.post("/graphql", json=body, headers=headers)
    again = await gateway.http.post("/graphql", json=body, headers=headers)

    assert '"idempotentReplay":true' not in first.text
    assert '"idempotentReplay":true' in again.text
    assert sandbox.counts()[ADD] == 1
