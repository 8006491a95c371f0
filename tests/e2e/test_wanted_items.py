"""Want-to-buy lists, product data and the cart page, by GraphQL over HTTP."""

from pathlib import Path
from typing import Any

import pytest

from gateway.platforms.mini_program.sandbox.state import MINI
from tests.e2e.mutations import told
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client, Serve
from tests.inbox.test_webhooks import alter, shops

ADD = "/mall/addshoppinglist"
REMOVE = "/mall/deleteshoppinglist"
SYNC = "/mall/importproduct"
CART = "/mall/brandmanage?action=set_shoppingcart_path"
BUYER = "oMiniSampleBuyer00000000001"
PUSHES = "pushes { operation state attempts lastError { code message } subject { __typename } }"
ERRORS = "userErrors { code field message platformError { endpoint code } }"
IMPORT = f"""
mutation ($input: WantedItemsImportInput!) {{
  wantedItemsImport(input: $input) {{
    wantedItems {{
      id openId platformProductId platformSkuId title price {{ fen }} quantity addedAt status
    }}
    {PUSHES} {ERRORS}
  }}
}}"""
TAKE_OFF = f"""
mutation ($openId: String!, $items: [WantedItemKeyInput!]!) {{
  wantedItemsRemove(shop: "mini", openId: $openId, items: $items) {{
    wantedItems {{ platformSkuId }} {PUSHES} {ERRORS}
  }}
}}"""
CLEAR = f"""
mutation ($openId: String!) {{
  wantedItemsClear(shop: "mini", openId: $openId) {{
    wantedItems {{ platformSkuId }} {PUSHES} {ERRORS}
  }}
}}"""
SYNC_PRODUCTS = f"""
mutation ($input: ProductsSyncInput!) {{
  productsSync(input: $input) {{
    products {{ platformId title status skus {{ platformId price {{ fen }} status }} }}
    {PUSHES} {ERRORS}
  }}
}}"""
SET_PATH = f"""
mutation ($shop: String!, $path: String!) {{
  shoppingCartPathSet(shop: $shop, path: $path) {{
    shop {{ shoppingCartPath }} push {{ operation state subject {{ __typename }} }} {ERRORS}
  }}
}}"""
LIST = """
query ($openId: String!) {
  wantedItems(shop: "mini", openId: $openId, first: 100) { totalCount nodes { platformSkuId } }
}"""


def line(sku: str, **more: Any) -> dict[str, Any]:
    return {
        "platformProductId": "p1",
        "platformSkuId": sku,
        "title": "T恤",
        "images": ["https://img.example/1.jpg"],
        "price": {"amount": "99.00"},
        "status": "ON_SALE",
        "categoryPath": ["衣服", "T恤"],
        "pagePath": "/pages/product?id=p1",
        "attributes": [{"name": "尺码", "value": "L"}],
        **more,
    }


def product(name: str = "p1", **more: Any) -> dict[str, Any]:
    return {
        "platformProductId": name,
        "title": "T恤",
        "images": ["https://img.example/1.jpg"],
        "categoryPath": ["衣服", "T恤"],
        "pagePath": "/pages/product?id=p1",
        "skus": [{"platformId": "s1", "price": {"fen": 9900}, "status": "ON_SALE"}],
        **more,
    }


async def put(gateway: Client, *lines: dict[str, Any], open_id: str = BUYER) -> Any:
    given = {"shop": "mini", "openId": open_id, "items": list(lines)}
    return (await gateway.ask(IMPORT, {"input": given})).data["wantedItemsImport"]


async def listed(gateway: Client, open_id: str = BUYER) -> list[str]:
    nodes = (await gateway.ask(LIST, {"openId": open_id})).data["wantedItems"]["nodes"]
    return sorted(node["platformSkuId"] for node in nodes)


def kept(sandbox: Sandbox, what: str) -> Any:
    return sandbox.shops("mini_program")[MINI.app_id][what]


def asked_of(sandbox: Sandbox) -> list[str]:
    return [one["endpoint"] for one in sandbox.requests() if one["endpoint"].startswith("/mall/")]


async def test_lines_are_put_on_a_list_ten_a_call(gateway: Client, sandbox: Sandbox) -> None:
    answer = await put(gateway, *(line(f"s{number:02}") for number in range(25)))

    assert told(answer) == []
    assert [one["platformSkuId"] for one in answer["wantedItems"]] == [
        f"s{number:02}" for number in range(25)
    ]
    assert {push["state"] for push in answer["pushes"]} == {"DELIVERED"}
    assert {push["subject"]["__typename"] for push in answer["pushes"]} == {"WantedItem"}
    calls = sorted(len(one["body"]["sku_product_list"]) for one in sandbox.requests(ADD))
    assert calls == [5, 10, 10]
    assert len(kept(sandbox, "wanted")[BUYER]) == 25
    assert await listed(gateway) == [f"s{number:02}" for number in range(25)]


async def test_what_only_the_gateway_keeps_is_read_back(gateway: Client, sandbox: Sandbox) -> None:
    answer = await put(gateway, line("s1", quantity=3, addedAt="2024-05-01T08:00:00+08:00"))

    (one,) = answer["wantedItems"]
    assert (one["quantity"], one["addedAt"]) == (3, "2024-05-01T00:00:00Z")
    assert (one["openId"], one["price"], one["status"]) == (BUYER, {"fen": 9900}, "ON_SHELF")
    (sent,) = sandbox.requests(ADD)[0]["body"]["sku_product_list"]
    assert sent["sku_info"] == {
        "sku_id": "s1",
        "price": 9900,
        "status": 1,
        "sku_attr_list": [{"name": "尺码", "value": "L"}],
    }


async def test_lines_are_taken_off_a_list(gateway: Client, sandbox: Sandbox) -> None:
    await put(gateway, line("s1"), line("s2"), line("s3"))
    items = [{"platformProductId": "p1", "platformSkuId": name} for name in ("s1", "s3", "s9")]

    asked = await gateway.ask(TAKE_OFF, {"openId": BUYER, "items": items})

    answer = asked.data["wantedItemsRemove"]
    assert told(answer) == []
    assert [one["platformSkuId"] for one in answer["wantedItems"]] == ["s1", "s3"]
    (call,) = sandbox.requests(REMOVE)
    assert call["body"] == {
        "user_open_id": BUYER,
        "sku_product_list": [{"item_code": "p1", "sku_id": name} for name in ("s1", "s3", "s9")],
    }
    assert await listed(gateway) == ["s2"]


async def test_a_list_is_emptied_a_hundred_lines_a_call(gateway: Client, sandbox: Sandbox) -> None:
    await put(gateway, *(line(f"s{number:03}") for number in range(120)))
    await put(gateway, line("theirs"), open_id="oMiniSampleBuyer00000000002")

    answer = (await gateway.ask(CLEAR, {"openId": BUYER})).data["wantedItemsClear"]
    again = (await gateway.ask(CLEAR, {"openId": BUYER})).data["wantedItemsClear"]

    assert told(answer) == []
    assert len(answer["wantedItems"]) == 120
    calls = sorted(len(one["body"]["sku_product_list"]) for one in sandbox.requests(REMOVE))
    assert calls == [20, 100]
    assert await listed(gateway) == []
    assert kept(sandbox, "wanted")[BUYER] == []
    assert again == {"wantedItems": [], "pushes": [], "userErrors": []}
    assert await listed(gateway, "oMiniSampleBuyer00000000002") == ["theirs"]


def with_list_query(sandbox: Sandbox, folder: Path) -> list[dict[str, Any]]:
    """The usual shops, whose Mini Program tells what is on a list."""
    told_by = {"mini_program": {"list_query": True}}
    return [one | told_by.get(one["platform"], {}) for one in shops(sandbox, folder)]


async def test_a_list_is_emptied_of_lines_that_only_the_platform_has(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    async with serve(shops=with_list_query(sandbox, tmp_path)) as gateway:
        await put(gateway, *(line(f"s{number:02}") for number in range(25)))
        # Another program added them: the gateway knows nothing of them.
        await alter(tmp_path, "delete from wanted_items")

        answer = (await gateway.ask(CLEAR, {"openId": BUYER})).data["wantedItemsClear"]

    assert told(answer) == []
    assert answer["wantedItems"] == []
    assert [push["state"] for push in answer["pushes"]] == ["DELIVERED"] * 25
    assert kept(sandbox, "wanted")[BUYER] == []
    asked = [one["body"] for one in sandbox.requests("/mall/queryshoppinglist")]
    assert [(one["offset"], one["count"]) for one in asked] == [(0, 20), (20, 20)]


async def test_a_list_that_cannot_be_asked_for_is_emptied_as_far_as_it_is_known(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.fault("http_status", 503, path="/mall/queryshoppinglist", times=None)
    async with serve(shops=with_list_query(sandbox, tmp_path)) as gateway:
        await put(gateway, line("s1"))

        answer = (await gateway.ask(CLEAR, {"openId": BUYER})).data["wantedItemsClear"]

    assert [one["platformSkuId"] for one in answer["wantedItems"]] == ["s1"]
    assert kept(sandbox, "wanted")[BUYER] == []


async def test_a_line_comes_back_after_it_was_taken_off(gateway: Client, sandbox: Sandbox) -> None:
    key = [{"platformProductId": "p1", "platformSkuId": "s1"}]
    for _ in range(2):
        await put(gateway, line("s1"))
        await gateway.ask(TAKE_OFF, {"openId": BUYER, "items": key})

    answer = await put(gateway, line("s1"))

    assert [push["state"] for push in answer["pushes"]] == ["DELIVERED"]
    assert len(kept(sandbox, "wanted")[BUYER]) == 1


async def test_all_that_is_wrong_is_told_and_nothing_sent(
    gateway: Client, sandbox: Sandbox
) -> None:
    before = await listed(gateway)
    sandbox.clear_log()

    answer = await put(
        gateway,
        line("s1", images=[], price={"amount": "9.999"}),
        line("s2", categoryPath=[], pagePath="", quantity=0),
        line("s2"),
        line("bad\n", version=-1),
    )

    assert told(answer) == [
        ("INVALID", "items.0.price.amount"),
        ("INVALID", "items.1.quantity"),
        ("INVALID", "items.3.platformSkuId"),
        ("INVALID", "items.3.version"),
        ("INVALID", "items.2"),
        ("INVALID", "items.0.images"),
        ("INVALID", "items.1.categoryPath"),
        ("INVALID", "items.1.pagePath"),
    ]
    assert (answer["wantedItems"], answer["pushes"]) == ([], [])
    assert asked_of(sandbox) == []
    assert await listed(gateway) == before


@pytest.mark.parametrize(
    ("shop", "code"), [("flagship", "UNSUPPORTED_BY_PLATFORM"), ("nowhere", "NOT_FOUND")]
)
async def test_shops_without_such_lists(
    gateway: Client, sandbox: Sandbox, shop: str, code: str
) -> None:
    given = {"shop": shop, "openId": BUYER, "items": [line("s1")]}
    wanted = (await gateway.ask(IMPORT, {"input": given})).data["wantedItemsImport"]
    synced = (
        await gateway.ask(SYNC_PRODUCTS, {"input": {"shop": shop, "products": [product()]}})
    ).data["productsSync"]
    cart = (await gateway.ask(SET_PATH, {"shop": shop, "path": "/p"})).data["shoppingCartPathSet"]

    assert told(wanted) == told(synced) == told(cart) == [(code, "shop")]
    assert asked_of(sandbox) == []


async def test_too_many_lines_and_none(gateway: Client, sandbox: Sandbox) -> None:
    none = await put(gateway)
    lines = [line(f"s{number}") for number in range(501)]
    many = await gateway.ask(IMPORT, {"input": {"shop": "mini", "openId": "o", "items": lines}})

    assert told(none) == [("INVALID", "items")]
    assert many.codes == ["BAD_USER_INPUT"]
    assert many.body["errors"][0]["message"] == ("`$input.items` has 501 entries; the limit is 500")
    assert asked_of(sandbox) == []


async def test_what_the_platform_refuses_is_told(gateway: Client, sandbox: Sandbox) -> None:
    sandbox.fault("errcode", 9009203, path=ADD, times=None)

    answer = await put(gateway, line("s1"), line("s2"))

    assert told(answer) == [
        ("REJECTED_BY_PLATFORM", "items.0"),
        ("REJECTED_BY_PLATFORM", "items.1"),
    ]
    assert answer["userErrors"][0]["platformError"] == {
        "endpoint": "addshoppinglist",
        "code": "9009203",
    }
    assert [push["state"] for push in answer["pushes"]] == ["REJECTED", "REJECTED"]


async def test_a_platform_that_is_down_gets_it_later(gateway: Client, sandbox: Sandbox) -> None:
    sandbox.fault("http_status", 503, path=ADD, times=1)

    answer = await put(gateway, line("s1"))

    assert told(answer) == []
    assert [push["state"] for push in answer["pushes"]] == ["PENDING"]
    assert await listed(gateway) == ["s1"]


async def test_products_are_brought_up_to_date(gateway: Client, sandbox: Sandbox) -> None:
    many = [
        {"platformId": f"s{number:02}", "price": {"fen": 100}, "status": "SOLD_OUT"}
        for number in range(20)
    ]
    given = {"shop": "mini", "products": [product(skus=many), product("p2")]}

    answer = (await gateway.ask(SYNC_PRODUCTS, {"input": given})).data["productsSync"]

    assert told(answer) == []
    assert [(one["platformId"], one["status"]) for one in answer["products"]] == [
        ("p1", "SOLD_OUT"),
        ("p2", "ON_SHELF"),
    ]
    assert [len(one["skus"]) for one in answer["products"]] == [20, 1]
    calls = [one["body"]["product_list"] for one in sandbox.requests(SYNC)]
    assert [[len(one["sku_list"]) for one in call] for call in calls] == [[16, 1], [4]]


async def test_skus_of_repeated_syncs_add_up(gateway: Client, sandbox: Sandbox) -> None:
    for sku in ("s1", "s2"):
        skus = [{"platformId": sku, "price": {"fen": 100}, "status": "ON_SALE"}]
        given = {"shop": "mini", "products": [product(skus=skus)]}
        answer = (await gateway.ask(SYNC_PRODUCTS, {"input": given})).data["productsSync"]

    (one,) = answer["products"]
    assert [sku["platformId"] for sku in one["skus"]] == ["s1", "s2"]
    assert [sku["sku_id"] for sku in kept(sandbox, "products")["p1"]["sku_list"]] == ["s1", "s2"]
    bodies = [one["body"]["product_list"][0] for one in sandbox.requests(SYNC)]
    assert [[sku["sku_id"] for sku in body["sku_list"]] for body in bodies] == [["s1"], ["s2"]]


async def test_what_a_product_lacks_is_told_and_nothing_sent(
    gateway: Client, sandbox: Sandbox
) -> None:
    twice = [{"platformId": "s1", "status": "ON_SALE"}] * 2
    given = {"shop": "mini", "products": [product(skus=[], images=[]), product("p2", skus=twice)]}

    answer = (await gateway.ask(SYNC_PRODUCTS, {"input": given})).data["productsSync"]

    assert told(answer) == [
        ("INVALID", "products.1.skus.1.platformId"),
        ("INVALID", "products.0.skus"),
        ("INVALID", "products.0.images"),
    ]
    assert asked_of(sandbox) == []


async def test_the_cart_page_is_set(gateway: Client, sandbox: Sandbox) -> None:
    asked = await gateway.ask(SET_PATH, {"shop": "mini", "path": "/pages/cart"})

    assert asked.data["shoppingCartPathSet"] == {
        "shop": {"shoppingCartPath": "/pages/cart"},
        "push": {
            "operation": "CART_PATH",
            "state": "DELIVERED",
            "subject": {"__typename": "Shop"},
        },
        "userErrors": [],
    }
    assert [one["body"] for one in sandbox.requests(CART)] == [{"shoppingcart_path": "/pages/cart"}]
    assert kept(sandbox, "cart_path") == "/pages/cart"


async def test_a_cart_page_without_a_path_is_refused(gateway: Client, sandbox: Sandbox) -> None:
    asked = await gateway.ask(SET_PATH, {"shop": "mini", "path": " "})

    assert told(asked.data["shoppingCartPathSet"]) == [("INVALID", "path")]
    assert asked_of(sandbox) == []
