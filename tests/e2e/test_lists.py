"""Orders and products of all three platforms in one answer."""

import asyncio
from typing import Any

import pytest

from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Asked, Client, Serve

ORDERS = """
query Orders($first: Int, $after: String, $filter: OrderFilter) {
  orders(first: $first, after: $after, filter: $filter) {
    nodes {
      id platform platformId status createdAt total { amount fen }
      items { title quantity product { title } }
    }
    pageInfo { hasNextPage endCursor }
    totalCount
    sources { shop { key } state count error { endpoint message } }
  }
}
"""


async def test_orders_of_all_platforms_come_with_their_products(gateway: Client) -> None:
    asked = await gateway.ask(ORDERS, {"first": 100})

    orders = asked.data["orders"]
    assert {order["platform"] for order in orders["nodes"]} == {
        "WECHAT_STORE",
        "MINI_PROGRAM",
        "BAIDU",
    }
    times = [order["createdAt"] for order in orders["nodes"]]
    assert times == sorted(times, reverse=True)
    for order in orders["nodes"]:
        for item in order["items"]:
            assert item["product"] is None or item["product"]["title"] == item["title"]
    assert [source["state"] for source in orders["sources"]] == ["LIVE", "LIVE", "LIVE"]


async def test_fifty_orders_with_their_products_take_two_calls(
    gateway: Client, sandbox: Sandbox
) -> None:
    asked = await gateway.ask(ORDERS, {"first": 50, "filter": {"shops": ["flagship"]}})

    assert len(asked.data["orders"]["nodes"]) == 50
    counts = sandbox.counts()
    assert counts.pop("/cgi-bin/stable_token") == 1
    # On a busy machine a batch may go in parts, and the last part may be one product.
    counts.pop("/merchant/get", None)
    assert counts == {"/merchant/order/getbyfilter": 1, "/merchant/getbystatus": 1}


async def test_reading_page_by_page_shows_every_order_once(gateway: Client) -> None:
    seen: list[str] = []
    after: str | None = None
    more = True
    while more:
        page = (await gateway.ask(ORDERS, {"first": 30, "after": after})).data["orders"]
        seen += [order["id"] for order in page["nodes"]]
        more = page["pageInfo"]["hasNextPage"]
        after = page["pageInfo"]["endCursor"]

    assert len(seen) == len(set(seen))
    whole = (await gateway.ask("{shops{orders(first:1){totalCount}}}")).data["shops"]
    told = [shop["orders"]["totalCount"] for shop in whole]
    assert len(seen) >= sum(count for count in told if count is not None)


async def test_a_cursor_leads_behind_an_order_without_a_time(
    gateway: Client, sandbox: Sandbox
) -> None:
    question = """query($first: Int, $after: String) {
      orders(first: $first, after: $after, filter: {shops: ["flagship"]}) {
        nodes { platformId createdAt } pageInfo { endCursor hasNextPage }
      }
    }"""
    dated = sandbox.order()
    undated = {"order_status": 2, "order_total_price": 1}
    told = [undated | {"order_id": "U1"}, dated, undated | {"order_id": "U2"}]
    body = {"errcode": 0, "order_list": told}
    sandbox.fault("body", body, path="/merchant/order/getbyfilter", times=None)

    seen = []
    after = None
    for _ in told:
        asked = await gateway.ask(question, {"first": 1, "after": after})
        (order,) = asked.data["orders"]["nodes"]
        seen.append((order["platformId"], order["createdAt"] is None))
        after = asked.data["orders"]["pageInfo"]["endCursor"]

    assert seen == [(dated["order_id"], False), ("U2", True), ("U1", True)]
    assert asked.data["orders"]["pageInfo"]["hasNextPage"] is False


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        pytest.param("http_status", 502, "502", id="bad-gateway"),
        pytest.param("html", None, "HTML", id="an-html-page"),
        pytest.param("empty", None, "empty", id="an-empty-body"),
        pytest.param("truncated", None, "", id="cut-short"),
    ],
)
async def test_one_platform_down_hides_no_other(
    gateway: Client, sandbox: Sandbox, kind: str, value: int | None, message: str
) -> None:
    sandbox.fault(kind, value, path="/merchant/order/getbyfilter", times=None)

    asked = await gateway.ask(ORDERS, {"first": 20})

    orders = asked.data["orders"]
    assert {order["platform"] for order in orders["nodes"]} == {"MINI_PROGRAM", "BAIDU"}
    states = {source["shop"]["key"]: source["state"] for source in orders["sources"]}
    assert states == {"flagship": "FAILED", "mini": "LIVE", "swan": "LIVE"}
    failed = orders["sources"][0]["error"]
    assert failed["endpoint"] == "order.getbyfilter"
    assert message.lower() in failed["message"].lower()


async def test_an_old_answer_stands_in_for_a_failing_platform(
    serve: Serve, sandbox: Sandbox
) -> None:
    async with serve(cache={"orders_ttl": 1}) as gateway:
        first = (await gateway.ask(ORDERS, {"first": 5, "filter": {"shops": ["flagship"]}})).data
        sandbox.fault("http_status", 503, path="/merchant/order/getbyfilter", times=None)
        # Past its lifetime, and past the time in which it is renewed behind the scenes.
        await asyncio.sleep(1.6)
        second = (await gateway.ask(ORDERS, {"first": 5, "filter": {"shops": ["flagship"]}})).data

    assert second["orders"]["nodes"] == first["orders"]["nodes"]
    (source,) = second["orders"]["sources"]
    assert source["state"] == "STALE"
    assert source["error"]["endpoint"] == "order.getbyfilter"


async def test_only_when_every_shop_fails_the_field_does(gateway: Client, sandbox: Sandbox) -> None:
    sandbox.fault("http_status", 503, path="/merchant/order/getbyfilter", times=None)

    asked = await gateway.ask(ORDERS, {"filter": {"shops": ["flagship"]}})

    assert asked.body["data"] == {"orders": None}
    (error,) = asked.body["errors"]
    assert error["path"] == ["orders"]
    assert error["extensions"]["code"] == "PLATFORM_UNAVAILABLE"
    assert error["extensions"]["shop"] == "flagship"
    assert error["extensions"]["platformError"]["httpStatus"] == 503


async def test_a_cursor_of_products_is_none_of_shelves(gateway: Client) -> None:
    listed = await gateway.ask(
        '{ products(first: 1, filter: {shops: ["flagship"]}) { pageInfo { endCursor } } }'
    )
    cursor = listed.data["products"]["pageInfo"]["endCursor"]

    asked = await gateway.ask(
        "query ($after: String) { shelves(after: $after) { totalCount } }", {"after": cursor}
    )

    assert asked.codes == ["BAD_USER_INPUT"]


async def _asked(gateway: Client, field: str) -> Asked:
    """The list of one shop, read past the cache."""
    query = f"""{{
      {field}(first: 5, filter: {{ shops: ["flagship"] }}) {{
        nodes {{ id }} sources {{ state count error {{ message }} }}
      }}
    }}"""
    return await gateway.ask(query, headers={"Cache-Control": "no-cache"})


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (("body", {}), "a JSON object of 2 bytes without"),
        (("body", {"errcode": 0, "errmsg": "ok"}), "a JSON object of 27 bytes without"),
        (
            ("http_status", {"status": 200, "headers": {"x-trace": "y" * 2_000_000}, "body": "{}"}),
            "the answer's headers are too large",
        ),
    ],
    ids=["nothing", "no list", "headers"],
)
@pytest.mark.parametrize(
    ("field", "path"),
    [("orders", "/merchant/order/getbyfilter"), ("products", "/merchant/getbystatus")],
)
async def test_an_answer_that_is_no_list_is_no_empty_list(
    gateway: Client, sandbox: Sandbox, field: str, path: str, fault: tuple[str, Any], words: str
) -> None:
    """It is asked for once, and what was read before stands in."""
    sandbox.fault(*fault, times=None, path=path)
    failed = await _asked(gateway, field)
    assert failed.codes == ["PLATFORM_UNAVAILABLE"]
    assert words in failed.body["errors"][0]["message"]
    assert sandbox.counts()[path] == 1

    sandbox.clear_faults()
    first = (await _asked(gateway, field)).data[field]
    sandbox.fault(*fault, times=None, path=path)
    sandbox.clear_log()
    again = (await _asked(gateway, field)).data[field]
    assert again["nodes"] == first["nodes"]
    (source,) = again["sources"]
    assert (source["state"], source["count"]) == ("STALE", 5)
    assert words in source["error"]["message"]
    assert sandbox.counts()[path] == 1
