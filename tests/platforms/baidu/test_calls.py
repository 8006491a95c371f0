"""The rows against the sandbox, over real HTTP: what goes out and how refusals come back."""

from typing import Any

import msgspec
import pytest

from gateway.errors import PlatformRejected
from gateway.platform_kit.connection import PlatformClients, ShopConnection
from gateway.platforms.baidu.endpoints import (
    ADD_ORDER,
    APPEND_AFTER_SALES,
    ENDPOINTS,
    UPDATE_AFTER_SALE_STATUS,
    UPDATE_ORDER_STATUS,
)
from gateway.platforms.baidu.errors import ERRORS
from gateway.platforms.baidu.sandbox.state import SWAN
from gateway.platforms.baidu.tokens import client_tokens
from gateway.platforms.baidu.wire import calls
from gateway.upstream.endpoint import Endpoint
from tests.fixtures_sandbox import Sandbox
from tests.platforms.baidu.samples import sample


@pytest.fixture
def line(sandbox: Sandbox, clients: PlatformClients) -> ShopConnection:
    tokens = client_tokens(SWAN.app_id, SWAN.secret)
    return clients.connect("swan", sandbox.base_url, ERRORS, tokens)


def request(row: Endpoint[Any, Any], **query: Any) -> Any:
    """Answer the manual's sample of a row, as one buyer's."""
    return msgspec.convert(
        sample(f"{row.name}.request") | {"open_id": "buyer"} | query, row.request
    )


async def test_every_row_is_taken_by_the_platform(line: ShopConnection, sandbox: Sandbox) -> None:
    other = sample("add.main.info.request")
    other["Data"][0]["ResourceID"] = "3221554346520"
    await line.client.call(ADD_ORDER, request(ADD_ORDER, **other))
    second = sample("append.sub.info.request")
    second["Data"][0]["EXT"]["SubsOrder"]["Items"][0]["SubOrderID"] = "another"

    # The update replaces all after-sales; the statuses are of both.
    rows = sorted(ENDPOINTS, key=lambda row: row in {APPEND_AFTER_SALES, UPDATE_AFTER_SALE_STATUS})
    for row in rows:
        sent = second if row is APPEND_AFTER_SALES else {}
        answer = await line.client.call(row, request(row, **sent))
        assert {str(record.rows_affected) for record in answer.value.data} == {"1"}, row.name

    (shop,) = sandbox.shops("baidu").values()
    kept = shop["orders"]["2221554346520"]
    assert kept["open_id"] == "buyer"
    assert kept["main"]["Status"] == 200


async def test_what_is_sent_is_the_sample(line: ShopConnection, sandbox: Sandbox) -> None:
    await line.client.call(ADD_ORDER, request(ADD_ORDER, scene_type=2, pm_app_key="pm"))

    (sent,) = sandbox.requests(ADD_ORDER.path)
    assert sent["body"] == sample("add.main.info.request")
    query = {name: value for name, value in sent["query"].items() if name != "access_token"}
    assert query == {"open_id": "buyer", "scene_type": "2", "pm_app_key": "pm"}


async def test_an_update_of_an_order_that_is_not_there_failed(line: ShopConnection) -> None:
    missing = calls.UpdateOrderStatus(
        open_id="buyer",
        data=(request(UPDATE_ORDER_STATUS).data[0],),
    )
    changed = msgspec.structs.replace(missing.data[0], resource_id="nowhere")

    with pytest.raises(PlatformRejected, match="rows_affected 0"):
        await line.client.call(
            UPDATE_ORDER_STATUS, msgspec.structs.replace(missing, data=(changed,))
        )


async def test_a_batch_of_which_one_is_there_tells_which(line: ShopConnection) -> None:
    await line.client.call(ADD_ORDER, request(ADD_ORDER))

    answer = await line.client.call(UPDATE_ORDER_STATUS, request(UPDATE_ORDER_STATUS))

    assert [(record.resource_id, record.rows_affected) for record in answer.value.data] == [
        ("2221554346520", "1"),
        ("3221554346520", "0"),
    ]


async def test_a_void_token_is_renewed_once(line: ShopConnection, sandbox: Sandbox) -> None:
    await line.client.call(ADD_ORDER, request(ADD_ORDER))
    sandbox.fault("expired_token", path=ADD_ORDER.path)

    await line.client.call(ADD_ORDER, request(ADD_ORDER))

    assert sandbox.counts()["/oauth/2.0/token"] == 2


async def test_a_refusal_of_the_order_centre_is_the_platforms_word(line: ShopConnection) -> None:
    tree = sample("add.main.info.request")
    tree["Data"][0]["EXT"]["MainOrder"]["Payment"]["Amount"] = 1

    with pytest.raises(PlatformRejected, match="Amount should be 2390"):
        await line.client.call(ADD_ORDER, request(ADD_ORDER, **tree))
