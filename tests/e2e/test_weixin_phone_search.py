"""A search for a receiver's number asks the platform that shows the ends of it only."""

from pathlib import Path
from typing import Any, Final

from gateway.auth.key_manager import KeyManager
from tests.e2e.api_keys import key
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client, Serve, configuration, weixin_shop

PATH: Final = "/channels/ec/order/search"
#: As the sandbox's buyer has it.
MOBILE: Final = "13800000000"
SEARCH: Final = """
query ($search: String!, $shops: [String!]) {
  orders(first: 50, filter: {search: $search, shops: $shops}) {
    totalCount
    nodes { platformId }
    sources { shop { key } state count error { endpoint code } }
  }
}"""


async def searched(
    client: Client, text: str, headers: dict[str, str] | None = None, **given: Any
) -> Any:
    asked = await client.ask(SEARCH, {"search": text, "shops": ["weixin"], **given}, headers)
    return asked.data["orders"]


def ids(page: Any) -> list[str]:
    return sorted(order["platformId"] for order in page["nodes"])


async def test_orders_of_a_number_are_found_by_who_may_see_it(
    serve: Serve, sandbox: Sandbox, keys: dict[str, Any], book: KeyManager
) -> None:
    (shop,) = sandbox.shops("weixin_store").values()
    expected = sorted(
        order["order_id"]
        for order in shop["orders"].values()
        if order["order_detail"]["delivery_info"]["address_info"]["tel_number"] == MOBILE
    )
    sees = key(book, ["orders:read", "pii:read"])
    does_not = key(book, ["orders:read"])
    async with serve(**keys, shops=[weixin_shop(sandbox)]) as client:
        hidden = await searched(client, MOBILE, does_not)
        words = await searched(client, "茶", sees)
        not_asked = sandbox.counts().get(PATH, 0)
        found = await searched(client, "+86 138 0000 0000", sees)
        strangers = await searched(client, "13900000000", sees)

    assert not_asked == 0
    assert ids(hidden) == []
    assert [source["error"] for source in words["sources"]] == [None]
    assert ids(found) == expected
    assert found["sources"] == [
        {"shop": {"key": "weixin"}, "state": "INDEXED", "count": len(expected), "error": None}
    ]
    assert ids(strangers) == []
    assert sandbox.counts()[PATH] > 0


async def test_a_shop_that_fails_hides_no_other(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.fault("errcode", 47001, path=PATH, times=None)
    (mini,) = [one for one in configuration(sandbox, tmp_path)["shops"] if one["key"] == "mini"]
    async with serve(shops=[weixin_shop(sandbox), mini]) as client:
        page = await searched(client, MOBILE, shops=None)

    weixin, other = page["sources"]
    assert weixin == {
        "shop": {"key": "weixin"},
        "state": "INDEXED",
        "count": 0,
        "error": {"endpoint": "order.search", "code": "47001"},
    }
    assert (other["shop"], other["error"]) == ({"key": "mini"}, None)
    assert other["count"] == len(page["nodes"]) > 0
    assert page["totalCount"] is None
