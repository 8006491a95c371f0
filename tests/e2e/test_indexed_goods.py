"""Products and after-sales from the index: found, sorted, counted and read backwards."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from gateway.platforms.mini_program.sandbox.sample_partner_orders import SHOP_APPID
from schema.key import Key
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Asked, Client, Serve, configuration
from tests.waiting import eventually

PRODUCTS = """
query ($first: Int, $after: String, $last: Int, $before: String, $filter: ProductFilter,
  $sortKey: ProductSortKey, $reverse: Boolean) {
  products(first: $first, after: $after, last: $last, before: $before, filter: $filter,
    sortKey: $sortKey, reverse: $reverse) {
    edges { cursor }
    nodes { platformId title totalStock priceRange { min { fen } } }
    totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    sources { shop { key } state count completeFrom }
  }
}"""
AFTER_SALES = """
query ($first: Int, $after: String, $last: Int, $before: String, $filter: AfterSaleFilter,
  $sortKey: AfterSaleSortKey, $reverse: Boolean) {
  afterSales(first: $first, after: $after, last: $last, before: $before, filter: $filter,
    sortKey: $sortKey, reverse: $reverse) {
    edges { cursor }
    nodes { platformId status updatedAt reason answerBefore order { platformId } }
    totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    sources { shop { key } state count }
  }
}"""
#: Products of the sample shop: the goods of a WeChat Store are read, the others are in the ledger.
PLENTY = 42
TEE = "pDF3iY5EYkMxs4-tF8xedyES5GQI"
LAMP = "pDF3iYmCiJSoIIDsG0xlrcmemGhq"
BOOTS = "pDF3iY-mql6CncpbVajaB_obC3Bk"
LAPTOP_BAG = "pDF3iYPTLFRaaHgBYUxPKoo2zJED"
MELON = "pDF3iYT3svJDQkduIctJ-Q09KihX"
FLAGSHIP = {"shops": ["flagship"]}
#: Each argument that only the index answers, with a value.
NEW_OF_PRODUCTS: dict[str, dict[str, Any]] = {
    "skuCodes": {"filter": {"skuCodes": ["SC1001-01"]}},
    "stockAtMost": {"filter": {"stockAtMost": 3}},
    "sortKey": {"sortKey": "SHOP"},
    "reverse": {"reverse": True},
    "last": {"last": 1},
}
NEW_OF_AFTER_SALES: dict[str, dict[str, Any]] = {
    "open": {"filter": {"open": True}},
    "answerBefore": {"filter": {"answerBefore": "2026-01-01T00:00:00Z"}},
    "updatedFrom": {"filter": {"updatedFrom": "2026-01-01T00:00:00Z"}},
    "updatedTo": {"filter": {"updatedTo": "2026-01-01T00:00:00Z"}},
    "sortKey": {"sortKey": "CREATED_AT"},
    "reverse": {"reverse": True},
    "last": {"last": 1},
}


async def products(client: Client, **given: Any) -> Any:
    return (await client.ask(PRODUCTS, given)).data["products"]


async def after_sales(client: Client, **given: Any) -> Any:
    return (await client.ask(AFTER_SALES, given)).data["afterSales"]


def ids(page: Any) -> list[str]:
    return [node["platformId"] for node in page["nodes"]]


async def indexed(client: Client) -> None:
    """Return once all products, and the ledger's after-sales, are in the index."""
    await client.ask("{ products(first: 100) { nodes { id status } } }")

    async def read() -> bool:
        asked = await client.ask("{ shops { key index { products backfill } } }")
        known = {shop["key"]: shop["index"] for shop in asked.data["shops"]}
        return known["flagship"]["products"] == PLENTY and known["swan"]["backfill"] is None

    await eventually(read)


async def test_without_an_index_its_arguments_are_refused_and_the_others_answered(
    serve: Serve,
) -> None:
    async with serve(index={"enabled": False}) as client:
        for query, new in ((PRODUCTS, NEW_OF_PRODUCTS), (AFTER_SALES, NEW_OF_AFTER_SALES)):
            for name, given in new.items():
                asked = await client.ask(query, given)
                assert asked.codes == ["BAD_USER_INPUT"]
                (error,) = asked.body["errors"]
                assert f"`{name}`" in error["message"]
                assert "`index.enabled`" in error["message"]
        found = await products(client, filter={**FLAGSHIP, "search": "短袖T恤"})
        goods = await client.ask(
            'query ($id: String!) { productByPlatformId(shop: "flagship", platformId: $id)'
            " { counterparts { id } skus { counterparts { id } } } }",
            {"id": LAMP},
        )

    assert ids(found) == [TEE]
    assert [source["state"] for source in found["sources"]] == ["LIVE"]
    assert goods.data["productByPlatformId"] == {
        "counterparts": None,
        "skus": [{"counterparts": None}],
    }


async def test_low_stock_codes_and_words_are_found_without_asking_a_platform(
    gateway: Client, sandbox: Sandbox
) -> None:
    await indexed(gateway)
    sandbox.clear_log()

    low = await products(gateway, filter={"stockAtMost": 4}, sortKey="STOCK")
    by_code = await products(gateway, filter={"skuCodes": ["SC1001-01", "none"]})
    by_word = await products(gateway, filter={**FLAGSHIP, "search": "t恤 短袖"})

    assert ids(low) == [MELON, LAMP, BOOTS]
    assert [node["totalStock"] for node in low["nodes"]] == [0, 4, 292]
    assert ids(by_code) == [TEE, "SC1001"]
    assert ids(by_word) == [TEE]
    (source,) = by_word["sources"]
    assert (source["state"], source["count"]) == ("INDEXED", 1)
    assert sandbox.counts() == {}


async def read_in_pages(client: Client, given: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Answer the ids of a whole list, read forwards and backwards in pages of seven."""
    forwards: list[str] = []
    backwards: list[str] = []
    page = await products(client, first=7, **given)
    forwards += ids(page)
    while page["pageInfo"]["hasNextPage"]:
        page = await products(client, first=7, after=page["pageInfo"]["endCursor"], **given)
        forwards += ids(page)
    page = await products(client, last=7, **given)
    backwards = ids(page)
    while page["pageInfo"]["hasPreviousPage"]:
        page = await products(client, last=7, before=page["pageInfo"]["startCursor"], **given)
        backwards = [*ids(page), *backwards]
    return forwards, backwards


async def test_sorted_products_are_read_in_pages_both_ways(gateway: Client) -> None:
    await indexed(gateway)
    orders: list[tuple[dict[str, Any], Callable[[Any], Any] | None]] = [
        ({"sortKey": "TITLE"}, lambda node: node["title"].casefold()),
        ({"sortKey": "PRICE"}, lambda node: node["priceRange"]["min"]["fen"]),
        ({"sortKey": "PRICE", "reverse": True}, lambda node: -node["priceRange"]["min"]["fen"]),
        ({"reverse": True}, None),
    ]
    for order, value in orders:
        given = {**order, "filter": {"shops": ["flagship", "mini"]}}
        whole = await products(gateway, first=100, **given)
        assert len(whole["nodes"]) > PLENTY
        expected = ids(whole)
        assert await read_in_pages(gateway, given) == (expected, expected)
        if value is not None:
            values = [value(node) for node in whole["nodes"]]
            assert values == sorted(values)


async def test_plain_and_indexed_pages_in_the_default_order_continue_one_another(
    gateway: Client,
) -> None:
    await indexed(gateway)
    whole = await products(gateway, first=100)
    assert {source["state"] for source in whole["sources"]} <= {"LIVE", "CACHED"}
    cursor = whole["edges"][39]["cursor"]

    before = await products(gateway, last=3, before=cursor)
    after = await products(gateway, first=3, after=before["edges"][1]["cursor"])

    assert ids(before) == ids(whole)[36:39]
    assert ids(after) == ids(whole)[38:41]


async def test_a_cursor_of_another_order_or_filter_is_refused(gateway: Client) -> None:
    await indexed(gateway)
    page = await products(gateway, first=1, sortKey="TITLE")
    after = page["pageInfo"]["endCursor"]

    for given in ({}, {"sortKey": "PRICE"}, {"sortKey": "TITLE", "filter": FLAGSHIP}):
        asked = await gateway.ask(PRODUCTS, {"after": after, **given})
        assert asked.codes == ["BAD_USER_INPUT"]


async def test_the_same_goods_are_found_on_all_platforms(gateway: Client) -> None:
    await indexed(gateway)

    asked: Asked = await gateway.ask(
        'query ($id: String!) { productByPlatformId(shop: "flagship", platformId: $id) {'
        " counterparts { shop { key } platformId }"
        " skus { code counterparts { code platformId product { platformId shop { key } } } } } }",
        {"id": LAPTOP_BAG},
    )

    found = asked.data["productByPlatformId"]
    assert {"shop": {"key": "mini"}, "platformId": "SC1016"} in found["counterparts"]
    assert {one["shop"]["key"] for one in found["counterparts"]} <= {"mini", "swan"}
    (sku,) = found["skus"]
    assert sku["counterparts"][0] == {
        "code": "SC1016-01",
        "platformId": "SC1016-01",
        "product": {"platformId": "SC1016", "shop": {"key": "mini"}},
    }


async def test_what_is_not_seen_has_no_counterparts(gateway: Client) -> None:
    await indexed(gateway)

    asked = await gateway.ask(
        '{ products(first: 1, filter: {skuCodes: ["testing"]}) {'
        " nodes { counterparts { id } skus { counterparts { id } } } } }"
    )

    (found,) = asked.data["products"]["nodes"]
    assert found == {"counterparts": [], "skus": [{"counterparts": []}, {"counterparts": []}]}


async def test_open_after_sales_are_found_sorted_and_counted(gateway: Client) -> None:
    await indexed(gateway)
    swan = {"shops": ["swan"]}
    whole = await after_sales(gateway, first=100, filter=swan, sortKey="UPDATED_AT")

    times = [node["updatedAt"] for node in whole["nodes"]]
    assert times == sorted(times, reverse=True)
    assert whole["totalCount"] == len(times) > 3
    opened = await after_sales(
        gateway, filter={**swan, "open": True}, sortKey="ANSWER_BEFORE", reverse=True
    )
    expected = [one for one in whole["nodes"] if one["status"] in {"APPLYING", "PROCESSING"}]
    assert sorted(ids(opened)) == sorted(ids({"nodes": expected}))
    assert opened["totalCount"] == len(expected) > 0
    (source,) = opened["sources"]
    assert (source["state"], source["count"]) == ("INDEXED", len(expected))
    since = await after_sales(
        gateway, filter={**swan, "updatedFrom": times[2], "updatedTo": times[0]}
    )
    assert {one["updatedAt"] for one in since["nodes"]} <= set(times[1:])
    assert ids(whole)[2] in ids(since)
    none = await after_sales(gateway, filter={"answerBefore": "2030-01-01T00:00:00Z"})
    assert (none["nodes"], none["pageInfo"]["hasNextPage"]) == ([], False)


async def test_after_sales_are_read_in_pages_both_ways(gateway: Client) -> None:
    await indexed(gateway)
    given = {"sortKey": "UPDATED_AT", "filter": {"shops": ["mini", "swan"]}}
    whole = await after_sales(gateway, first=100, **given)
    cursor = whole["edges"][3]["cursor"]

    before = await after_sales(gateway, last=2, before=cursor, **given)
    after = await after_sales(gateway, first=2, after=before["edges"][1]["cursor"], **given)

    assert ids(before) == ids(whole)[1:3]
    assert ids(after) == ids(whole)[3:5]
    plain = await after_sales(gateway, first=3, filter=given["filter"])
    back = await after_sales(
        gateway, last=3, before=plain["edges"][2]["cursor"], filter=given["filter"]
    )
    assert ids(back) == ids(plain)[:2]


async def test_a_copy_names_goods_as_the_target_does(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    pages = {"order_page": "/order?id={platform_id}", "product_page": "/p?id={platform_id}"}
    mirror = {"from": "flagship", "to": "mini", "category": ["购物"], **pages}
    shops = configuration(sandbox, tmp_path)["shops"]
    brand = {"service_phone": "400-000-0000", "contact_page": "/pages/contact"}
    shops = [shop | brand if shop["key"] == "mini" else shop for shop in shops]
    async with serve(mirrors=[mirror], shops=shops) as client:
        await indexed(client)
        placed = sandbox.order(product_id=LAPTOP_BAG, open_id="oStoreBuyer1")
        order_id = str(placed["order_id"])

        asked = await client.ask(
            'mutation ($id: ID!) { orderMirror(id: $id, toShop: "mini", openId: "oMini",'
            ' paidAt: "2026-10-01T00:00:00Z") {'
            " userErrors { message } order { items { platformProductId platformSkuId code"
            " product { title } sku { code product { shop { key } } } } } } }",
            {"id": Key("Order", "flagship", order_id).encode()},
        )

    assert asked.data["orderMirror"]["userErrors"] == []
    assert asked.data["orderMirror"]["order"]["items"] == [
        {
            "platformProductId": "SC1016",
            "platformSkuId": "SC1016-01",
            "code": "SC1016-01",
            "product": {"title": "商务电脑双肩包"},
            "sku": {"code": "SC1016-01", "product": {"shop": {"key": "mini"}}},
        }
    ]
    (sent,) = sandbox.requests("/mall/importorder?action=add-order")[0]["body"]["order_list"]
    (item,) = sent["ext_info"]["product_info"]["item_list"]
    assert (item["item_code"], item["sku_id"]) == ("SC1016", "SC1016-01")
    assert item["item_detail_page"] == {"path": "/p?id=SC1016"}


async def test_the_sku_of_a_partner_store_s_line_is_found_by_its_code(
    gateway: Client, sandbox: Sandbox
) -> None:
    await indexed(gateway)
    (shop,) = sandbox.shops("mini_program").values()
    ids = [Key("Order", "mini", name, SHOP_APPID).encode() for name in shop["partner_orders"]]

    asked = await gateway.ask(
        "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Order { items { platformProductId code"
        " product { id } sku { code product { platformId } } } } } }",
        {"ids": ids},
    )

    orders = [order for order in asked.body["data"]["nodes"] if order is not None]
    lines = [line for order in orders for line in order["items"]]
    assert {line["product"] for line in lines} == {None}
    found = [line for line in lines if line["sku"] is not None]
    assert len(found) > 2
    for line in found:
        assert line["sku"]["code"] == line["code"]
        assert line["sku"]["product"]["platformId"] == line["code"].partition("-")[0]
