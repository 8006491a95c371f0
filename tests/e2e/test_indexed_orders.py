"""Orders from the index: found, sorted, counted and read backwards."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.auth.key_manager import KeyManager
from schema.scope import Scope
from tests.e2e.api_keys import key
from tests.e2e.indexes import indexed
from tests.e2e.order_samples import IMPORT, IMPORT_MANY, baidu_order, mini_order
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client, Serve, configuration

LIST = """
query ($first: Int, $after: String, $last: Int, $before: String, $filter: OrderFilter,
  $sortKey: OrderSortKey, $reverse: Boolean) {
  orders(first: $first, after: $after, last: $last, before: $before, filter: $filter,
    sortKey: $sortKey, reverse: $reverse) {
    edges { cursor }
    nodes { platformId status createdAt updatedAt total { fen } items { title } }
    totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    sources { shop { key } state count completeFrom }
  }
}"""
LINK = """
mutation ($shop: String!, $toShop: String!, $links: [BuyerLinkInput!]!) {
  buyerLinksImport(shop: $shop, toShop: $toShop, links: $links) { linked }
}"""
#: Shops whose orders are in the ledger.
LEDGER = {"shops": ["mini", "swan"]}
#: Each argument that only the index answers, with a value.
NEW_ARGUMENTS: dict[str, dict[str, Any]] = {
    "search": {"filter": {"search": "茶"}},
    "updatedFrom": {"filter": {"updatedFrom": "2026-01-01T00:00:00Z"}},
    "updatedTo": {"filter": {"updatedTo": "2026-01-01T00:00:00Z"}},
    "paidFrom": {"filter": {"paidFrom": "2026-01-01T00:00:00Z"}},
    "paidTo": {"filter": {"paidTo": "2026-01-01T00:00:00Z"}},
    "platformIds": {"filter": {"platformIds": ["MP1"]}},
    "linkedBuyers": {"filter": {"buyerOpenId": "o", "linkedBuyers": True}},
    "openAfterSale": {"filter": {"openAfterSale": False}},
    "metadata": {"filter": {"metadata": [{"key": "erp", "value": "1"}]}},
    "sortKey": {"sortKey": "CREATED_AT"},
    "reverse": {"reverse": True},
    "last": {"last": 1},
}

#: What a list is sorted by, by its sort key.
SORTED_BY: dict[str | None, Callable[[Any], Any]] = {
    None: lambda order: order["createdAt"],
    "UPDATED_AT": lambda order: order["updatedAt"] or order["createdAt"],
    "TOTAL": lambda order: order["total"]["fen"],
}


async def listed(client: Client, **given: Any) -> Any:
    """Answer a page of the list."""
    return (await client.ask(LIST, given)).data["orders"]


def ids(page: Any) -> list[str]:
    return [order["platformId"] for order in page["nodes"]]


def two_shops(sandbox: Sandbox, folder: Path) -> list[dict[str, Any]]:
    """Answer two shops whose orders are all in the ledger, in one of which there are 40."""
    (swan,) = [one for one in configuration(sandbox, folder)["shops"] if one["key"] == "swan"]
    return [swan, swan | {"key": "other", "name": "另一家店"}]


async def fill(client: Client) -> None:
    """Import orders of the same time and amount as others of the first shop; wait for the index."""
    page = await listed(client, first=10)
    orders = [
        baidu_order(f"8{index}", shop="other", createdAt=one["createdAt"])
        for index, one in enumerate(page["nodes"])
    ]
    asked = await client.ask(IMPORT_MANY, {"input": orders})
    assert not asked.data["ordersImport"]["userErrors"]
    await indexed(client, shops=["swan", "other"])


async def test_without_an_index_its_arguments_are_refused_and_the_others_answered(
    serve: Serve,
) -> None:
    async with serve(index={"enabled": False}) as client:
        for name, given in NEW_ARGUMENTS.items():
            asked = await client.ask(LIST, given)
            (error,) = asked.body["errors"]
            assert error["extensions"]["code"] == "BAD_USER_INPUT", name
            assert f"`{name}`" in error["message"]
            assert "`index.enabled`" in error["message"]
        stats = await client.ask("{ orderStats(groupBy: [DAY]) { rows { orders } } }")
        assert stats.codes == ["BAD_USER_INPUT"]
        assert "`index.enabled`" in stats.body["errors"][0]["message"]
        buyer = "oMiniSampleBuyer00000000001"
        page = await listed(client, filter={"shops": ["mini"], "buyerOpenId": buyer})
        index = (await client.ask("{ shops { index { orders } } }")).data["shops"]

    assert page["sources"] == [
        {"shop": {"key": "mini"}, "state": "LIVE", "count": len(ids(page)), "completeFrom": None}
    ]
    assert index == [{"index": None}] * 3


async def test_orders_are_found_by_all_words_of_a_search(serve: Serve) -> None:
    async with serve() as client:
        order = mini_order(
            "M-7001", items=[{**mini_order("")["items"][0], "title": "明前龙井绿茶"}]
        )
        assert not (await client.ask(IMPORT, {"input": order})).data["orderImport"]["userErrors"]
        await indexed(client)
        found = {
            text: await listed(client, filter={"search": text, **LEDGER})
            for text in ("M-7001", "龙井 绿茶 M-7001", "绿茶", "龙井 大红袍 M-7001", "!!!")
        }
        counted = await listed(client, first=1, filter={"search": "茶", "shops": ["swan"]})
        every = await listed(client, filter={"search": "茶", "shops": ["swan"]})

    assert ids(found["M-7001"]) == ids(found["龙井 绿茶 M-7001"]) == ["M-7001"]
    assert counted["totalCount"] == len(ids(every)) > 1
    assert len(ids(found["绿茶"])) > 1
    for node in found["绿茶"]["nodes"]:
        assert any("绿茶" in item["title"] for item in node["items"])
    assert ids(found["龙井 大红袍 M-7001"]) == ids(found["!!!"]) == []
    assert [one["state"] for one in found["绿茶"]["sources"]] == ["INDEXED", "INDEXED"]
    assert [one["completeFrom"] for one in every["sources"]] == [None]


async def test_lists_of_every_order_are_read_in_both_directions(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    async with serve(shops=two_shops(sandbox, tmp_path)) as client:
        await fill(client)
        for sort_key, value in SORTED_BY.items():
            given = {"sortKey": sort_key}
            whole = await listed(client, first=100, **given)
            values = [value(order) for order in whole["nodes"]]
            assert values == sorted(values, reverse=True)
            assert len(values) == whole["totalCount"] == 50
            turned = await listed(client, first=100, reverse=True, **given)
            assert ids(turned) == ids(whole)[::-1]
            end = await listed(client, last=15, **given)
            assert ids(end) == ids(whole)[-15:]
            assert (end["pageInfo"]["hasPreviousPage"], end["pageInfo"]["hasNextPage"]) == (
                True,
                False,
            )
            before = await listed(client, last=30, before=end["pageInfo"]["startCursor"], **given)
            assert ids(before) == ids(whole)[5:35]
            assert before["pageInfo"]["hasNextPage"] is True
            after = await listed(client, first=30, after=before["edges"][9]["cursor"], **given)
            assert ids(after) == ids(whole)[15:45]


async def test_cursors_of_plain_and_indexed_lists_are_one_kind(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    async with serve(shops=two_shops(sandbox, tmp_path)) as client:
        await fill(client)
        given = {"filter": {"platforms": ["BAIDU"]}}
        plain = await listed(client, first=30, **given)
        back = await listed(client, last=10, before=plain["edges"][20]["cursor"], **given)
        assert {source["state"] for source in back["sources"]} == {"INDEXED"}
        on = await listed(client, first=5, after=back["edges"][4]["cursor"], **given)
        cursor = plain["edges"][20]["cursor"]
        others: list[dict[str, Any]] = [
            {"first": 5, "after": cursor, "filter": {**given["filter"], "statuses": ["SHIPPED"]}},
            {"first": 5, "after": cursor, "filter": {**given["filter"], "search": "茶"}},
            {"first": 5, "after": cursor},
            {"first": 5, "after": cursor, "sortKey": "TOTAL", **given},
            {"last": 5, "before": cursor, "reverse": True, **given},
            {"last": 5, "before": "!", **given},
            {"first": 5, "last": 5},
        ]
        codes = [(await client.ask(LIST, given)).codes for given in others]

    assert {one["state"] for page in (plain, on) for one in page["sources"]} == {"LIVE"}
    assert ids(back) == ids(plain)[10:20]
    assert ids(on) == ids(plain)[15:20]
    assert codes == [["BAD_USER_INPUT"]] * 7


async def test_a_count_is_exact_or_null_where_the_index_does_not_reach(serve: Serve) -> None:
    async with serve() as client:
        await indexed(client)
        begins = await listed(client, first=1, filter={"shops": ["flagship"]})
        whole = await listed(client, first=1, filter={"shops": ["swan"]})
        every = await listed(client, first=100, filter={"shops": ["swan"]})
        first, last = every["nodes"][19], every["nodes"][5]
        times = {"createdFrom": first["createdAt"], "createdTo": last["createdAt"]}
        part = await listed(client, first=1, filter={"shops": ["swan"], **times})

    # The past of this shop was not read yet.
    assert begins["totalCount"] is None
    assert whole["sources"][0]["state"] == part["sources"][0]["state"] == "LIVE"
    assert whole["totalCount"] == every["totalCount"] == len(every["nodes"]) == 40
    assert part["totalCount"] == 14


async def test_a_phone_number_and_a_receiver_are_found_with_pii_read_only(
    serve: Serve, book: KeyManager, keys: dict[str, Any]
) -> None:
    address = {"name": "欧阳小猫", "mobile": "13912345678"}
    order = baidu_order("8001", shippingAddress=address)
    mini = mini_order("M-8002", shippingAddress=address)
    plain, every = key(book, [Scope.ORDERS_READ]), key(book, list(Scope))
    async with serve(**keys) as client:
        for given in (order, mini):
            asked = await client.ask(IMPORT, {"input": given}, every)
            assert not asked.data["orderImport"]["userErrors"]
        await indexed(client, every)
        found = {
            (text, name): sorted(ids((await client.ask(LIST, given, headers)).data["orders"]))
            for text in ("13912345678", "欧阳小猫", "M-8002")
            for name, headers in (("plain", plain), ("every", every))
            if (given := {"filter": {"search": text}})
        }

    assert found == {
        ("13912345678", "plain"): [],
        ("13912345678", "every"): ["8001", "M-8002"],
        ("欧阳小猫", "plain"): [],
        ("欧阳小猫", "every"): ["8001", "M-8002"],
        ("M-8002", "plain"): ["M-8002"],
        ("M-8002", "every"): ["M-8002"],
    }


@pytest.mark.parametrize("linked", [False, True])
async def test_links_join_the_open_ids_of_a_buyer(serve: Serve, *, linked: bool) -> None:
    async with serve() as client:
        for order in (
            mini_order("M-9001", openId="mini-buyer"),
            baidu_order("9002", openId="swan-buyer"),
            baidu_order("9003", openId="another"),
        ):
            asked = await client.ask(IMPORT, {"input": order})
            assert not asked.data["orderImport"]["userErrors"]
        links = [{"openId": "mini-buyer", "toOpenId": "swan-buyer"}]
        await client.ask(LINK, {"shop": "mini", "toShop": "swan", "links": links})
        await indexed(client)
        found = [
            await listed(client, filter={"buyerOpenId": open_id, "linkedBuyers": linked})
            for open_id in ("mini-buyer", "swan-buyer")
        ]
        whole = await listed(client, filter={"buyerOpenId": "swan-buyer", "shops": ["swan"]})
        refused = await client.ask(LIST, {"filter": {"linkedBuyers": True}})

    assert [one["state"] for one in whole["sources"]] == ["INDEXED"]
    if linked:
        assert {source["state"] for source in found[0]["sources"]} == {"INDEXED"}
        assert [sorted(ids(page)) for page in found] == [["9002", "M-9001"]] * 2
    else:
        assert [ids(page) for page in found] == [["M-9001"], ["9002"]]
    assert refused.codes == ["BAD_USER_INPUT"]
    assert "`buyerOpenId`" in refused.body["errors"][0]["message"]
