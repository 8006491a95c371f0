"""What a platform's words say of a person is shown with pii:read only; its secrets never."""

import asyncio
import io
import json
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pytest

from gateway.auth.key_manager import KeyManager
from gateway.logs import configure_logging
from gateway.platforms.mini_program.sandbox.state import MINI
from gateway.platforms.wechat_store.sandbox.state import FLAGSHIP
from gateway.settings import LogSettings
from schema.scope import Scope
from tests.e2e.api_keys import key
from tests.e2e.order_samples import mini_order
from tests.e2e.storefront_samples import CREATE_GROUP, new_group
from tests.e2e.test_outcomes_given_again import change_key
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Serve

PERSON: Final = "收件人王小明,手机+86 138-0013-8000,电话010-62345678,身份证11010119900307123X"
HIDDEN: Final = "收件人[…],手机[…],电话[…],身份证[…]"
CANARIES: Final = ("王小明", "138-0013-8000", "62345678", "11010119900307123X")
REPEATED: Final = {"Idempotency-Key": "first"}
IMPORT: Final = """
mutation ($input: OrderImportInput!) { done: orderImport(input: $input) {
    push { id state lastError { message } }
    userErrors { message platformError { message } }
} }
"""
PUSHES: Final = "{ pushes(first: 1) { nodes { lastError { message } } } }"
HEALTH: Final = """
{ orders(first: 1, filter: {shops: ["flagship"]}) { sources { error { message } } }
  shop(key: "flagship") { health { lastError { message } } } }
"""
LACKING: Final = [scope for scope in Scope if scope is not Scope.PII_READ]


def refusal(secret: str, code: int = 9_001_001) -> dict[str, Any]:
    """A platform's refusal that names a person, and repeats the shop's secret."""
    words = f"{PERSON} {secret} {quote(secret, safe='')} {json.dumps(secret)}"
    return {"errcode": code, "errmsg": words}


def store_files(folder: Path) -> bytes:
    """All bytes of the database and the files beside it."""
    return b"".join(path.read_bytes() for path in folder.glob("gateway.db*"))


@pytest.fixture
def log() -> io.StringIO:
    """The log of the gateway, as it is written."""
    stream = io.StringIO()
    configure_logging(LogSettings(level="debug", format="json"), stream=stream)
    return stream


async def test_a_refused_write(
    serve: Serve, sandbox: Sandbox, keys: dict[str, Any], book: KeyManager, log: io.StringIO
) -> None:
    with_pii, without = key(book, list(Scope)) | REPEATED, key(book, LACKING)
    sandbox.fault("body", refusal(FLAGSHIP.secret), path="/merchant/group/add", times=None)
    async with serve(**keys) as client:
        shown = await client.ask(CREATE_GROUP, {"input": new_group()}, with_pii)
        again = await client.ask(CREATE_GROUP, {"input": new_group()}, with_pii)
        hidden = await client.ask(CREATE_GROUP, {"input": new_group()}, without)

    (error,) = shown.data["done"]["userErrors"]
    assert error["message"].startswith(PERSON)
    assert FLAGSHIP.secret not in str(shown.body)
    assert again.data == shown.data
    (error,) = hidden.data["done"]["userErrors"]
    assert error["message"].startswith(HIDDEN)
    assert not any(one in str(hidden.body) + log.getvalue() for one in CANARIES)
    assert FLAGSHIP.secret not in str(hidden.body) + log.getvalue()


async def test_an_outcome_without_pii_read(
    serve: Serve, sandbox: Sandbox, keys: dict[str, Any], book: KeyManager, tmp_path: Path
) -> None:
    header = key(book, list(Scope)) | REPEATED
    sandbox.fault("body", refusal(FLAGSHIP.secret), path="/merchant/group/add", times=None)
    async with serve(**keys) as client:
        shown = await client.ask(CREATE_GROUP, {"input": new_group()}, header)
    change_key(tmp_path, LACKING, ["*"])
    async with serve(**keys) as client:
        hidden = await client.ask(CREATE_GROUP, {"input": new_group()}, header)

    assert shown.data["done"]["userErrors"][0]["message"].startswith(PERSON)
    assert hidden.data["done"]["userErrors"][0]["message"].startswith(HIDDEN)
    assert hidden.body["extensions"] == {"idempotentReplay": True}
    assert not any(one in str(hidden.body) for one in CANARIES)


async def test_a_refused_push(
    serve: Serve,
    sandbox: Sandbox,
    keys: dict[str, Any],
    book: KeyManager,
    log: io.StringIO,
    tmp_path: Path,
) -> None:
    with_pii, without = key(book, list(Scope)) | REPEATED, key(book, LACKING)
    sandbox.fault("body", refusal(MINI.secret), path="/mall/importorder", times=None)
    async with serve(**keys) as client:
        shown = await client.ask(IMPORT, {"input": mini_order("M1")}, with_pii)
        hidden = await client.ask(IMPORT, {"input": mini_order("M2")}, without)
        listed = await client.ask(PUSHES, headers=with_pii)
        not_listed = await client.ask(PUSHES, headers=without)
        stored = await asyncio.to_thread(store_files, tmp_path)

    assert shown.data["done"]["push"]["state"] == "REJECTED"
    assert shown.data["done"]["push"]["lastError"]["message"].startswith(PERSON)
    assert shown.data["done"]["userErrors"][0]["message"].startswith(PERSON)
    assert listed.data["pushes"]["nodes"][0]["lastError"]["message"].startswith(PERSON)
    assert hidden.data["done"]["push"]["lastError"]["message"].startswith(HIDDEN)
    assert hidden.data["done"]["userErrors"][0]["message"].startswith(HIDDEN)
    assert not_listed.data["pushes"]["nodes"][0]["lastError"]["message"].startswith(HIDDEN)
    seen = f"{hidden.body}{not_listed.body}{log.getvalue()}".encode() + stored
    assert not any(one.encode() in seen for one in (*CANARIES, MINI.secret))
    assert MINI.secret not in f"{shown.body}{listed.body}"


async def test_a_refused_order_among_others(
    serve: Serve, sandbox: Sandbox, keys: dict[str, Any], book: KeyManager
) -> None:
    failed = [{"order_id": "M1", "error_code": -2, "msg": f"{PERSON} {MINI.secret}"}]
    body = {"errcode": 9_009_301, "errmsg": "x", "fail_order_list": failed}
    sandbox.fault("body", body, path="/mall/importorder", times=None)
    without = key(book, LACKING)
    async with serve(**keys) as client:
        hidden = await client.ask(IMPORT, {"input": mini_order("M1")}, without)

    assert hidden.data["done"]["userErrors"][0]["message"] == f"{HIDDEN} […]"


async def test_a_failed_read_and_health(
    serve: Serve, sandbox: Sandbox, keys: dict[str, Any], book: KeyManager, log: io.StringIO
) -> None:
    sandbox.fault("body", refusal(FLAGSHIP.secret, -1), path="/merchant/order", times=None)
    with_pii, without = key(book, list(Scope)), key(book, LACKING)
    async with serve(**keys) as client:
        answers = [await client.ask(HEALTH, headers=header) for header in (with_pii, without)]

    for answer in answers:
        assert HIDDEN in str(answer.body)
        assert not any(one in str(answer.body) for one in (*CANARIES, FLAGSHIP.secret))
    assert not any(one in log.getvalue() for one in (*CANARIES, FLAGSHIP.secret))
