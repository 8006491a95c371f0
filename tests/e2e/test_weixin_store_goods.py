"""Goods of the Weixin Store by GraphQL over HTTP: drafts, audits, listing, stock and prices."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway.platforms.weixin_store.sandbox.state import WEIXIN
from tests.e2e.uploads import GIF, upload
from tests.e2e.weixin_shop import (
    ADJUST,
    AUDIT,
    CREATE,
    DELETE,
    DELIST,
    FRESH,
    IN_AUDIT,
    LISTED,
    PRICE,
    PRODUCT,
    SET_STOCK,
    SHOP,
    SUBMIT,
    UPDATE,
    WITHDRAW,
    address,
    done,
    errors_of,
    id_of,
    new_product,
    png,
    requests,
    section,
    sku,
    uploaded,
)
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client, Serve

READ = f"query ($id: ID!) {{ done: product(id: $id) {{ {PRODUCT} }} }}"


@pytest.fixture
async def gateway(serve: Serve, sandbox: Sandbox) -> AsyncIterator[Client]:
    """Ask a gateway of this one shop."""
    async with serve(shops=[section(sandbox)]) as client:
        yield client


async def _read(gateway: Client, product: str) -> Any:
    return (await gateway.ask(READ, {"id": product}, FRESH)).data["done"]


async def _listed(gateway: Client, sandbox: Sandbox, **changes: Any) -> dict[str, Any]:
    """A product that has passed its audit."""
    payload = await done(gateway, CREATE, **new_product(weixinStore={"submit": True}, **changes))
    assert payload["userErrors"] == []
    sandbox.advance(AUDIT)
    product: dict[str, Any] = await _read(gateway, payload["product"]["id"])
    return product


# --- a shop's day


async def test_a_day_with_goods(gateway: Client, sandbox: Sandbox) -> None:
    pictures = await uploaded(gateway, 4)
    given = new_product(
        mainImage=pictures[0], images=pictures[1:3], detail=[{"image": pictures[3]}]
    )

    product = (await done(gateway, CREATE, **given))["product"]
    assert (product["status"], product["details"]["draftStatus"]) == ("OFF_SHELF", "EDITING")
    assert product["details"]["detailImages"] == [pictures[3]]
    assert [one["name"] for one in product["details"]["categories"]] == ["食品", "茶叶"]

    (submitted,) = (await done(gateway, SUBMIT, id=product["id"]))["products"]
    assert (submitted["status"], submitted["details"]["draftStatus"]) == ("OFF_SHELF", "IN_AUDIT")

    sandbox.advance(AUDIT)
    listed = await _read(gateway, product["id"])
    assert (listed["status"], listed["details"]["draftStatus"]) == ("ON_SHELF", "PASSED")
    assert listed["totalStock"] == 40

    small, large = listed["skus"]
    assert (await done(gateway, ADJUST, id=small["id"], delta=-5))["sku"] == {"stock": 15}
    assert (await done(gateway, ADJUST, id=small["id"], delta=3))["sku"] == {"stock": 18}
    wanted = [{"byId": {"id": large["id"], "stock": 7}}]
    assert (await done(gateway, SET_STOCK, input=wanted))["skus"] == [{"stock": 7}]
    priced = await done(gateway, PRICE, id=large["id"], price={"amount": "268.00"})
    assert priced == {"sku": {"id": large["id"], "price": {"fen": 26800}}, "userErrors": []}

    renamed = {"id": product["id"], "title": "明前龙井绿茶大礼盒"}
    changed = (await done(gateway, UPDATE, input=renamed))["product"]
    assert changed["title"] == "明前龙井绿茶礼盒"
    assert (changed["status"], changed["details"]["draftStatus"]) == ("ON_SHELF", "EDITING")
    await done(gateway, SUBMIT, id=product["id"])
    sandbox.advance(AUDIT)
    replaced = await _read(gateway, product["id"])
    assert (replaced["title"], replaced["totalStock"]) == ("明前龙井绿茶大礼盒", 25)

    (hidden,) = (await done(gateway, DELIST, id=product["id"]))["products"]
    assert hidden["status"] == "OFF_SHELF"
    assert (await done(gateway, DELETE, id=product["id"]))["deletedId"] == product["id"]
    assert await _read(gateway, product["id"]) is None


# --- what is sent


async def test_a_new_product_is_sent_as_its_sample(gateway: Client, sandbox: Sandbox) -> None:
    payload = await done(gateway, CREATE, **new_product())

    assert payload["userErrors"] == []
    skus = payload["product"]["skus"]
    assert [(one["code"], one["barcode"], one["price"]["fen"]) for one in skus] == [
        ("TEA-250g", "6901234567892", 16800),
        ("TEA-500g", "6901234567892", 29800),
    ]
    assert requests(sandbox, "product/add") == [
        {
            "title": "明前龙井绿茶礼盒",
            "short_title": "龙井礼盒",
            "head_imgs": [address(1), address(2), address(3)],
            "desc_info": {"imgs": [address(4)], "desc": "豆香清雅"},
            "cats": [],
            "cats_v2": [{"cat_id": "10000113"}, {"cat_id": "545712"}],
            "attrs": [{"attr_key": "产地", "attr_value": "浙江杭州"}],
            "brand_id": "2100000000",
            "deliver_method": 0,
            "express_info": {"template_id": "38000000001"},
            "extra_service": {"seven_day_return": 1, "freight_insurance": 0},
            "skus": [_sent_sku("250g", 16800), _sent_sku("500g", 29800)],
        }
    ]


def _sent_sku(weight: str, price: int) -> dict[str, Any]:
    return {
        "thumb_img": address(5),
        "sale_price": price,
        "market_price": price + 1000,
        "stock_num": 20,
        "sku_code": f"TEA-{weight}",
        "bar_code": "6901234567892",
        "sku_attrs": [{"attr_key": "净含量", "attr_value": weight}],
    }


async def test_an_update_sends_the_whole_draft(gateway: Client, sandbox: Sandbox) -> None:
    """What the input has no place for goes back as it came; the stock is that of now."""
    listed = await _listed(gateway, sandbox)
    small, large = listed["skus"]
    await done(gateway, ADJUST, id=small["id"], delta=-20)
    own = {
        "brandId": "10000031",
        "weightGrams": 300,
        "returnAddressId": "4001",
        "freightInsurance": True,
        "submit": True,
    }
    change = {"id": listed["id"], "properties": None, "weixinStore": own}

    payload = await done(gateway, UPDATE, input=change)

    assert payload["userErrors"] == []
    assert payload["product"]["details"]["draftStatus"] == "IN_AUDIT"
    (sent,) = requests(sandbox, "product/update")
    assert sent == {
        "product_id": listed["platformId"],
        "title": "明前龙井绿茶礼盒",
        "head_imgs": [address(1), address(2), address(3)],
        "desc_info": {"imgs": [address(4)]},
        "cats": [],
        "cats_v2": [{"cat_id": "10000113"}, {"cat_id": "545712"}],
        "attrs": [],
        "brand_id": "10000031",
        "deliver_method": 0,
        "express_info": {"template_id": "38000000001", "weight": 300},
        "after_sale_info": {"after_sale_address_id": "4001"},
        "extra_service": {"seven_day_return": 0, "freight_insurance": 1},
        "skus": [
            {**_sent_sku("250g", 16800), "sku_id": small["platformId"], "stock_num": 0},
            {**_sent_sku("500g", 29800), "sku_id": large["platformId"]},
        ],
        "listing": 1,
    }


async def test_skus_are_found_by_their_attributes(gateway: Client, sandbox: Sandbox) -> None:
    listed = await _listed(gateway, sandbox)
    small, _ = listed["skus"]
    skus = [sku("1kg", 55000), sku("250g", 15800)]

    payload = await done(gateway, UPDATE, input={"id": listed["id"], "skus": skus})

    assert payload["userErrors"] == []
    (sent,) = requests(sandbox, "product/update")
    assert [one.get("sku_id") for one in sent["skus"]] == [None, small["platformId"]]


@pytest.mark.parametrize(
    ("operation", "call"),
    [(SUBMIT, "listing"), (DELIST, "delisting"), (DELETE, "delete")],
)
async def test_a_call_that_names_a_product_sends_its_id(
    gateway: Client, sandbox: Sandbox, operation: str, call: str
) -> None:
    payload = await done(gateway, operation, id=id_of("Product", LISTED))

    assert payload["userErrors"] == []
    assert requests(sandbox, f"product/{call}") == [{"product_id": LISTED}]


async def test_a_draft_is_taken_out_of_its_audit(gateway: Client, sandbox: Sandbox) -> None:
    payload = await done(gateway, WITHDRAW, id=id_of("Product", IN_AUDIT))

    assert payload["userErrors"] == []
    assert payload["product"]["details"]["draftStatus"] == "EDITING"
    assert requests(sandbox, "product/audit/cancel") == [{"product_id": IN_AUDIT}]


async def test_a_price_needs_no_audit(gateway: Client, sandbox: Sandbox) -> None:
    listed = await _read(gateway, id_of("Product", LISTED))
    first = listed["skus"][0]

    payload = await done(gateway, PRICE, id=first["id"], price={"fen": 12345})

    assert payload["sku"] == {"id": first["id"], "price": {"fen": 12345}}
    assert requests(sandbox, "product/auditfree") == [
        {
            "product_id": LISTED,
            "skus": [{"sku_id": first["platformId"], "sale_price": 12345}],
        }
    ]


async def test_stock_is_adjusted_and_set(gateway: Client, sandbox: Sandbox) -> None:
    listed = await _read(gateway, id_of("Product", LISTED))
    first = listed["skus"][0]
    named = {"product_id": LISTED, "sku_id": first["platformId"]}

    await done(gateway, SET_STOCK, input=[{"byId": {"id": first["id"], "stock": 50}}])
    await done(gateway, ADJUST, id=first["id"], delta=4)
    payload = await done(gateway, ADJUST, id=first["id"], delta=-14)

    assert payload["sku"] == {"stock": 40}
    assert requests(sandbox, "product/stock/update") == [
        {**named, "diff_type": 3, "num": 50},
        {**named, "diff_type": 1, "num": 4},
        {**named, "diff_type": 2, "num": 14},
    ]
    assert requests(sandbox, "product/stock/getflow") == []


async def test_an_image_is_sent_with_its_size(gateway: Client, sandbox: Sandbox) -> None:
    content = png(800, 750)

    payload = (await upload(gateway, content, '茶"叶.png', shop=SHOP)).data["imageUpload"]

    assert payload["userErrors"] == []
    assert payload["url"].startswith(f"https://mmecimage.cn/p/{WEIXIN.app_id}/")
    (sent,) = sandbox.requests("/shop/ec/basics/img/upload")
    assert sent["query"] == {
        "upload_type": "0",
        "resp_type": "1",
        "height": "750",
        "width": "800",
    }


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (GIF, "The file is no PNG or JPEG."),
        (
            b"\x89PNG\r\n\x1a\n",
            "The file is damaged: it does not say how wide and high the image is.",
        ),
    ],
)
async def test_what_the_platform_cannot_take_is_not_uploaded(
    gateway: Client, sandbox: Sandbox, content: bytes, message: str
) -> None:
    payload = (await upload(gateway, content, shop=SHOP)).data["imageUpload"]

    assert [(one["code"], one["field"], one["message"]) for one in payload["userErrors"]] == [
        ("INVALID", ["file"], message)
    ]
    assert sandbox.requests("/shop/ec/basics/img/upload") == []


# --- what is read


async def test_a_list_is_read_by_ids(gateway: Client, sandbox: Sandbox) -> None:
    """A page is its ids and a call for each product; the next page has no list of its own."""
    query = """
    query ($after: String) { products(first: 5, after: $after) {
      nodes { platformId } pageInfo { endCursor hasNextPage } sources { state count }
    } }"""
    first = (await gateway.ask(query, headers=FRESH)).data["products"]
    lists = len(requests(sandbox, "product/list/get"))
    after = {"after": first["pageInfo"]["endCursor"]}
    second = (await gateway.ask(query, after, headers=FRESH)).data["products"]

    ids = [one["platformId"] for page in (first, second) for one in page["nodes"]]
    assert ids == [str(10000900000001 + number) for number in range(10)]
    assert first["sources"] == [{"state": "LIVE", "count": 5}]
    assert [body.get("status") for body in requests(sandbox, "product/list/get")].count(0) == 1
    assert len(requests(sandbox, "product/list/get")) == lists == 4
    assert requests(sandbox, "product/get") == [{"product_id": one, "data_type": 3} for one in ids]


@pytest.mark.parametrize(
    ("statuses", "count"), [(["ON_SHELF"], 37), (["SOLD_OUT"], 1), (["OFF_SHELF"], 3)]
)
async def test_a_list_of_statuses_leaves_out_the_rest(
    gateway: Client, statuses: list[str], count: int
) -> None:
    found = await gateway.ask(
        """query ($statuses: [ProductStatus!]) {
          products(first: 100, filter: {statuses: $statuses}) { nodes { status } totalCount }
        }""",
        {"statuses": statuses},
    )

    assert [one["status"] for one in found.data["products"]["nodes"]] == statuses * count
    assert found.data["products"]["totalCount"] == count


async def test_a_new_draft_is_in_the_list(gateway: Client) -> None:
    created = (await done(gateway, CREATE, **new_product()))["product"]

    found = await gateway.ask("{ products(first: 100) { nodes { id status } } }", headers=FRESH)

    assert {"id": created["id"], "status": "OFF_SHELF"} in found.data["products"]["nodes"]


async def test_a_draft_in_each_state_istold(gateway: Client) -> None:
    ids = [f"1000090000000{number}" for number in (1, 2, 3, 4)]
    found = [(await _read(gateway, id_of("Product", one)))["details"] for one in ids]

    assert [one["draftStatus"] for one in found] == ["EDITING", "IN_AUDIT", "REFUSED", "PASSED"]
    assert [one["draftRefusal"] for one in found] == [None] * 4


async def test_categories_have_their_rules(gateway: Client) -> None:
    tree = await gateway.ask(
        """query ($food: ID!) {
          roots: categories(shop: "weixin") { name }
          food: categories(shop: "weixin", parent: $food) { name children { name } }
          rules: categories(shop: "weixin", parent: $food) {
            properties { platformId name values { name } }
            skuAttributes { nameId name values { name } }
          }
        }""",
        {"food": id_of("Category", "10000113")},
    )

    assert [one["name"] for one in tree.data["roots"]][:4] == ["服装", "鞋靴", "箱包", "食品"]
    assert tree.data["food"] == [
        {"name": name, "children": []} for name in ("茶叶", "坚果", "水果")
    ]
    assert tree.data["rules"][0] == {
        "properties": [
            {
                "platformId": "",
                "name": "产地",
                "values": [{"name": "浙江杭州"}, {"name": "福建南平"}],
            }
        ],
        "skuAttributes": [
            {"nameId": "", "name": "净含量", "values": [{"name": "250g"}, {"name": "500g"}]}
        ],
    }


# --- lost answers


async def test_the_flow_tells_what_became_of_a_lost_answer(
    gateway: Client, sandbox: Sandbox
) -> None:
    first = (await _read(gateway, id_of("Product", LISTED)))["skus"][0]
    await done(gateway, ADJUST, id=first["id"], delta=2)
    sandbox.fault("reset", path="/channels/ec/product/stock/update", after=True)

    payload = await done(gateway, ADJUST, id=first["id"], delta=2)

    assert payload == {"sku": {"stock": first["stock"] + 4}, "userErrors": []}
    assert len(requests(sandbox, "product/stock/update")) == 2
    (asked,) = requests(sandbox, "product/stock/getflow")
    assert (asked["stock_type"], asked["op_type_list"]) == (0, [2])


@pytest.mark.parametrize("delta", [3, -3])
async def test_what_the_flow_does_not_have_is_unknown(
    gateway: Client, sandbox: Sandbox, delta: int
) -> None:
    first = (await _read(gateway, id_of("Product", LISTED)))["skus"][0]
    await done(gateway, ADJUST, id=first["id"], delta=delta)
    sandbox.fault("reset", path="/channels/ec/product/stock/update")

    payload = await done(gateway, ADJUST, id=first["id"], delta=delta)

    assert errors_of(payload) == [("OUTCOME_UNKNOWN", None, None)]
    assert len(requests(sandbox, "product/stock/update")) == 2


async def test_after_one_unknown_change_an_equal_one_is_not_guessed(
    gateway: Client, sandbox: Sandbox
) -> None:
    first = (await _read(gateway, id_of("Product", LISTED)))["skus"][0]
    sandbox.fault("reset", path="/channels/ec/product/stock/update")
    await done(gateway, ADJUST, id=first["id"], delta=1)
    sandbox.fault("reset", path="/channels/ec/product/stock/update", after=True)

    payload = await done(gateway, ADJUST, id=first["id"], delta=1)

    assert errors_of(payload) == [("OUTCOME_UNKNOWN", None, None)]


async def test_without_its_flow_a_lost_answer_is_unknown(gateway: Client, sandbox: Sandbox) -> None:
    first = (await _read(gateway, id_of("Product", LISTED)))["skus"][0]
    sandbox.fault("reset", path="/channels/ec/product/stock/update", after=True)
    sandbox.fault("errcode", 10020052, path="/channels/ec/product/stock/getflow")

    payload = await done(gateway, ADJUST, id=first["id"], delta=1)

    assert errors_of(payload) == [("OUTCOME_UNKNOWN", None, None)]


async def test_a_stock_that_was_set_is_found_in_the_flow(gateway: Client, sandbox: Sandbox) -> None:
    first = (await _read(gateway, id_of("Product", LISTED)))["skus"][0]
    sandbox.fault("reset", path="/channels/ec/product/stock/update", after=True)

    payload = await done(gateway, SET_STOCK, input=[{"byId": {"id": first["id"], "stock": 77}}])

    assert payload == {"skus": [{"stock": 77}], "userErrors": []}


async def test_a_lost_write_is_not_sent_again(gateway: Client, sandbox: Sandbox) -> None:
    first = id_of("Sku", LISTED, "4400000401")
    for call, operation, given in (
        ("product/add", CREATE, new_product()),
        ("product/listing", SUBMIT, {"id": id_of("Product", LISTED)}),
        ("product/auditfree", PRICE, {"id": first, "price": {"fen": 1}}),
    ):
        sandbox.fault("reset", path=f"/channels/ec/{call}", after=True)

        payload = await done(gateway, operation, **given)

        assert [code for code, _, _ in errors_of(payload)] == ["OUTCOME_UNKNOWN"]
        assert len(requests(sandbox, call)) == 1


async def test_a_product_that_cannot_be_read_back_is_shown_as_sent(
    gateway: Client, sandbox: Sandbox
) -> None:
    sandbox.fault("http_status", 503, path="/channels/ec/product/get", times=None)

    payload = await done(gateway, CREATE, **new_product(weixinStore={"submit": True}))

    assert payload["userErrors"] == []
    product = payload["product"]
    assert (product["title"], product["status"]) == ("明前龙井绿茶礼盒", "OFF_SHELF")
    assert product["details"]["draftStatus"] == "IN_AUDIT"
    assert [one["platformId"] for one in product["skus"]] == ["", ""]
