"""The call for an access token fails, and nothing else: nothing was sent, and nothing is lost."""

from typing import Any

import pytest

from tests.e2e.order_samples import IMPORT, baidu_order, mini_order
from tests.e2e.storefront_samples import CREATE_GROUP, new_group
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client
from tests.waiting import eventually

TOKENS = {"flagship": "/cgi-bin/stable_token", "mini": "/cgi-bin/stable_token"} | {
    "swan": "/oauth/2.0/token"
}
KEY = {"Idempotency-Key": "once"}
PUSH = "query ($id: ID!) { node(id: $id) { ... on Push { state attempts lastError { message } } } }"

fails = pytest.mark.parametrize(
    "fault",
    [
        ("reset", None),
        ("http_status", 502),
        ("http_status", 404),
        ("html", None),
        ("body", {"access_token": "", "expires_in": 7200}),
    ],
    ids=["reset", "502", "404", "HTML", "empty token"],
)


@fails
async def test_a_write_at_once_changed_nothing_and_its_key_is_free(
    gateway: Client, sandbox: Sandbox, fault: tuple[str, Any]
) -> None:
    sandbox.fault(*fault, times=None, path=TOKENS["flagship"])
    failed = await gateway.ask(CREATE_GROUP, {"input": new_group()}, KEY)
    sandbox.clear_faults()

    (error,) = failed.data["done"]["userErrors"]
    assert error["code"] == "PLATFORM_UNAVAILABLE"
    assert error["message"].endswith("Nothing was changed: try again later.")
    assert "/merchant/group/add" not in sandbox.counts()

    async def done() -> Any:
        # A token that could not be had is asked for again after a pause.
        again = await gateway.ask(CREATE_GROUP, {"input": new_group()}, KEY)
        return again.data["done"]["productGroup"]

    assert await eventually(done)
    assert sandbox.counts()["/merchant/group/add"] == 1


@fails
@pytest.mark.parametrize(
    ("shop", "order", "path"),
    [
        ("mini", mini_order("m1"), "/mall/importorder?action=add-order"),
        ("swan", baidu_order("b1"), "/rest/2.0/smartapp/ordercenter/app/add/main/info"),
    ],
    ids=["mini", "swan"],
)
async def test_a_push_waits(
    gateway: Client,
    sandbox: Sandbox,
    fault: tuple[str, Any],
    shop: str,
    order: dict[str, Any],
    path: str,
) -> None:
    sandbox.fault(*fault, times=None, path=TOKENS[shop])
    accepted = (await gateway.ask(IMPORT, {"input": order})).data["orderImport"]
    assert accepted["userErrors"] == []
    assert accepted["push"]["state"] == "PENDING"
    assert sandbox.requests(path) == []
    sandbox.clear_faults()

    async def delivered() -> bool:
        push = (await gateway.ask(PUSH, {"id": accepted["push"]["id"]})).data["node"]
        assert push["state"] in {"PENDING", "DELIVERED"}
        return bool(push["state"] == "DELIVERED")

    assert await eventually(delivered)
    assert len(sandbox.requests(path)) == 1
