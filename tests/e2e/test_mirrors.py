"""Orders of the WeChat Store are copied to the shopping list and to Baidu, and kept in step."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from gateway.platforms.baidu.sandbox.state import SWAN
from gateway.platforms.mini_program.sandbox.state import MINI
from gateway.platforms.wechat_store.sandbox.state import FLAGSHIP
from schema.key import Key
from tests.e2e.mutations import told
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client, Serve, configuration
from tests.waiting import eventually
from tests.wechat.deliveries import AES_KEY, TOKEN, encrypted, merchant_order

ADD = "/mall/importorder?action=add-order"
CHANGE = "/mall/importorder?action=update-order"
CENTRE = "/rest/2.0/smartapp/ordercenter/app"
BUYER = "oStoreBuyer1"
MINI_BUYER = "oMiniSampleBuyer00000000001"
BUYERS = {"mini": MINI_BUYER, "swan": "swan-buyer"}
PAGES = {
    "order_page": "/pages/order?id={platform_id}",
    "product_page": "/pages/product?id={platform_id}",
    "parcel_page": "/pages/parcel?order={platform_id}",
    "category": ["购物"],
}
PUSH = "push { id operation state lastError { endpoint message } nextAttemptAt }"
ERRORS = "userErrors { code field message }"
ORDER = "order { id platformId status shop { key } total { fen } page: details { __typename } }"
MIRROR = f"""
mutation ($id: ID!, $toShop: String!, $openId: String, $kind: BaiduOrderKind, $title: String,
  $paidAt: DateTime) {{
  orderMirror(id: $id, toShop: $toShop, openId: $openId, kind: $kind, title: $title,
    paidAt: $paidAt) {{ {ORDER} {PUSH} {ERRORS} }}
}}"""
LINK = f"""
mutation ($shop: String!, $toShop: String!, $links: [BuyerLinkInput!]!) {{
  buyerLinksImport(shop: $shop, toShop: $toShop, links: $links) {{
    linked released {{ id operation state }} {ERRORS}
  }}
}}"""
SHIP = """
mutation ($id: ID!) {
  orderShip(input: {id: $id, carrier: "Fsearch_code", trackingNumber: "SF1234567890"}) {
    userErrors { code message }
  }
}"""


def shops(sandbox: Sandbox, folder: Path) -> list[dict[str, Any]]:
    """Answer the usual shops; the shopping list's brand has a telephone and a page.

    The store's events are encrypted, so that they tell when orders are paid.
    """
    usual: list[dict[str, Any]] = configuration(sandbox, folder)["shops"]
    more = {
        "mini": {"service_phone": "400-000-0000", "contact_page": "/pages/contact"},
        "flagship": {"event_token": TOKEN, "event_aes_key": AES_KEY},
    }
    return [shop | more.get(shop["key"], {}) for shop in usual]


async def paid(client: Client, order_id: str) -> None:
    """Let the platform tell when an order was paid: at 1398144192."""
    query, body = encrypted(merchant_order(order_id), app_id=FLAGSHIP.app_id)
    answer = await client.http.post("/webhooks/wechat/flagship", params=query, content=body)
    assert answer.status_code == 200


@pytest.fixture
async def mirroring(serve: Serve, sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[Client]:
    """Ask a gateway that copies the flagship's orders into both other shops."""
    mirrors = [{"from": "flagship", "to": target, **PAGES} for target in ("mini", "swan")]
    async with serve(mirrors=mirrors, shops=shops(sandbox, tmp_path)) as client:
        yield client


@pytest.fixture
async def by_hand(serve: Serve, sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[Client]:
    """Ask a gateway whose configuration has pages for the shopping list only."""
    mirrors = [{"from": "flagship", "to": "mini", **PAGES}]
    async with serve(mirrors=mirrors, shops=shops(sandbox, tmp_path)) as client:
        yield client


def placed(sandbox: Sandbox, **purchase: Any) -> str:
    order = sandbox.order(open_id=BUYER, **purchase)
    return str(order["order_id"])


def named(order_id: str, shop: str = "flagship") -> str:
    return Key("Order", shop, order_id).encode()


async def mirrored(client: Client, order_id: str, to_shop: str, **more: Any) -> Any:
    # The shopping list needs the time of payment, which no event has told here.
    known = {"paidAt": "2024-05-01T08:00:00+08:00"} if to_shop == "mini" else {}
    given = {"id": named(order_id), "toShop": to_shop, **known, **more}
    return (await client.ask(MIRROR, given)).data["orderMirror"]


async def link(client: Client, to_shop: str, links: dict[str, str]) -> Any:
    given = [{"openId": ours, "toOpenId": theirs} for ours, theirs in links.items()]
    asked = await client.ask(LINK, {"shop": "flagship", "toShop": to_shop, "links": given})
    return asked.data["buyerLinksImport"]


def mini_order(sandbox: Sandbox, order_id: str) -> Any:
    kept = sandbox.shops("mini_program")[MINI.app_id]["orders"].get(order_id)
    return kept and kept["document"]


def swan_order(sandbox: Sandbox, order_id: str) -> Any:
    return sandbox.shops("baidu")[SWAN.app_id]["orders"].get(order_id)


async def push_state(client: Client, push_id: str) -> Any:
    query = "query ($id: ID!) { node(id: $id) { ... on Push { state lastError { message } } } }"
    return (await client.ask(query, {"id": push_id})).data["node"]


async def copied(client: Client, order_id: str) -> bool:
    query = f'{{ orderByPlatformId(shop: "swan", platformId: "{order_id}") {{ status }} }}'
    return (await client.ask(query)).data["orderByPlatformId"] is not None


async def test_an_order_is_copied_to_the_shopping_list(by_hand: Client, sandbox: Sandbox) -> None:
    order_id = placed(sandbox, count=2)

    payload = await mirrored(by_hand, order_id, "mini", openId=MINI_BUYER)

    assert told(payload) == []
    assert payload["push"]["operation"] == "ORDER_IMPORT"
    assert payload["push"]["state"] == "DELIVERED"
    copy = payload["order"]
    assert (copy["shop"]["key"], copy["platformId"]) == ("mini", order_id)
    assert copy["status"] == "AWAITING_SHIPMENT"
    (sent,) = sandbox.requests(ADD)[0]["body"]["order_list"]
    assert sent["ext_info"]["user_open_id"] == MINI_BUYER
    assert sent["ext_info"]["order_detail_page"] == {"path": f"/pages/order?id={order_id}"}
    (item,) = sent["ext_info"]["product_info"]["item_list"]
    assert item["category_list"] == ["购物"]
    assert item["item_detail_page"] == {"path": f"/pages/product?id={item['item_code']}"}
    assert item["amount"] == 2
    assert sent["fee"] == copy["total"]["fen"]


async def test_an_order_is_copied_to_baidu(by_hand: Client, sandbox: Sandbox) -> None:
    order_id = placed(sandbox)

    payload = await mirrored(
        by_hand,
        order_id,
        "swan",
        openId="swan-buyer",
        kind="PHYSICAL",
        title="一份订单",
        paidAt="2024-05-01T08:00:00+08:00",
    )

    assert told(payload) == []
    assert payload["push"]["state"] == "DELIVERED"
    kept = swan_order(sandbox, order_id)
    assert kept["open_id"] == "swan-buyer"
    assert (kept["main"]["Title"], kept["main"]["CateID"]) == ("一份订单", 1)
    payment = kept["main"]["EXT"]["MainOrder"]["Payment"]
    assert (payment["IsPayment"], payment["Time"]) == (True, 1714521600)
    assert payment["Amount"] == payload["order"]["total"]["fen"]


async def test_a_copy_waits_for_its_buyer(by_hand: Client, sandbox: Sandbox) -> None:
    order_id = placed(sandbox)
    sandbox.clear_log()

    payload = await mirrored(by_hand, order_id, "mini")
    again = await mirrored(by_hand, order_id, "mini")

    assert told(payload) == told(again) == []
    push = payload["push"]
    assert (push["state"], push["nextAttemptAt"]) == ("PENDING", None)
    assert push["lastError"]["endpoint"] == "outbox"
    assert "not linked" in push["lastError"]["message"]
    assert again["push"] is None
    assert sandbox.requests(ADD) == []

    done = await link(by_hand, "mini", {BUYER: MINI_BUYER, "somebody": "else"})

    assert done == {
        "linked": 2,
        "released": [{"id": push["id"], "operation": "ORDER_IMPORT", "state": "DELIVERED"}],
        "userErrors": [],
    }
    assert mini_order(sandbox, order_id)["ext_info"]["user_open_id"] == MINI_BUYER
    assert await push_state(by_hand, push["id"]) == {"state": "DELIVERED", "lastError": None}
    assert (await link(by_hand, "mini", {BUYER: MINI_BUYER}))["released"] == []


async def test_a_copy_that_waits_cannot_be_forced(by_hand: Client, sandbox: Sandbox) -> None:
    payload = await mirrored(by_hand, placed(sandbox), "swan")
    query = "mutation ($id: ID!) { pushRetry(id: $id) { push { state } userErrors { code } } }"

    asked = await by_hand.ask(query, {"id": payload["push"]["id"]})

    assert asked.data["pushRetry"] == {"push": None, "userErrors": [{"code": "CONFLICT"}]}
    assert (await push_state(by_hand, payload["push"]["id"]))["state"] == "PENDING"
    assert [one for one in sandbox.requests() if one["endpoint"].startswith(CENTRE)] == []


async def test_a_linked_buyer_needs_no_open_id(by_hand: Client, sandbox: Sandbox) -> None:
    await link(by_hand, "mini", {BUYER: MINI_BUYER})
    order_id = placed(sandbox)

    payload = await mirrored(by_hand, order_id, "mini")

    assert payload["push"]["state"] == "DELIVERED"
    assert mini_order(sandbox, order_id)["ext_info"]["user_open_id"] == MINI_BUYER


async def test_what_changes_while_a_copy_waits_goes_along(
    by_hand: Client, sandbox: Sandbox
) -> None:
    order_id = placed(sandbox)
    first = await mirrored(by_hand, order_id, "mini")
    await by_hand.ask(SHIP, {"id": named(order_id)})
    await mirrored(by_hand, order_id, "mini")

    assert (await push_state(by_hand, first["push"]["id"]))["state"] == "SUPERSEDED"
    await link(by_hand, "mini", {BUYER: MINI_BUYER})

    (sent,) = sandbox.requests(ADD)[0]["body"]["order_list"]
    assert sent["status"] == 4
    (parcel,) = sent["ext_info"]["express_info"]["express_package_info_list"]
    assert parcel["express_code"] == "SF1234567890"
    assert parcel["express_page"] == {"path": f"/pages/parcel?order={order_id}"}


async def test_a_copy_goes_through_its_orders_life(by_hand: Client, sandbox: Sandbox) -> None:
    order_id = placed(sandbox)
    for shop, buyer in BUYERS.items():
        payload = await mirrored(by_hand, order_id, shop, openId=buyer)
        assert payload["push"]["state"] == "DELIVERED"

    async def in_step() -> list[str]:
        """Answer the copies' statuses; the gateway follows by itself as well, maybe sooner."""
        copies = [
            await mirrored(by_hand, order_id, shop, openId=buyer) for shop, buyer in BUYERS.items()
        ]
        assert [told(copy) for copy in copies] == [[], []]
        return [copy["order"]["status"] for copy in copies]

    await by_hand.ask(SHIP, {"id": named(order_id)})
    assert await in_step() == ["SHIPPED", "SHIPPED"]
    await eventually(lambda: mini_order(sandbox, order_id)["status"] == 4)
    await eventually(lambda: swan_order(sandbox, order_id)["main"]["Status"] == 6)

    sandbox.set_order_status(order_id, 8)
    assert await in_step() == ["SHIPPED", "SHIPPED"]
    await eventually(lambda: swan_order(sandbox, order_id)["subs"])
    (dispute,) = swan_order(sandbox, order_id)["subs"]["Items"]
    assert (dispute["SubOrderID"], dispute["SubStatus"]) == (order_id, 400)
    assert swan_order(sandbox, order_id)["main"]["Status"] == 6
    assert mini_order(sandbox, order_id)["status"] == 4
    assert sandbox.counts()[f"{CENTRE}/append/sub/info"] == 1

    sandbox.set_order_status(order_id, 5)
    assert await in_step() == ["COMPLETED", "COMPLETED"]
    await eventually(lambda: mini_order(sandbox, order_id)["status"] == 100)
    await eventually(lambda: swan_order(sandbox, order_id)["main"]["Status"] == 200)
    assert [one["SubStatus"] for one in swan_order(sandbox, order_id)["subs"]["Items"]] == [404]


async def test_what_changes_beside_a_dispute_goes_along(by_hand: Client, sandbox: Sandbox) -> None:
    order_id = placed(sandbox)
    await mirrored(by_hand, order_id, "swan", openId="swan-buyer", title="一份订单")
    sandbox.set_order_status(order_id, 8)

    payload = await mirrored(by_hand, order_id, "swan", openId="swan-buyer", title="另一份")

    assert payload["push"]["operation"] == "ORDER_IMPORT"
    assert payload["push"]["state"] == "DELIVERED"
    kept = swan_order(sandbox, order_id)
    assert kept["main"]["Title"] == "另一份"
    assert [one["SubOrderID"] for one in kept["subs"]["Items"]] == [order_id]


async def test_copies_follow_by_themselves(mirroring: Client, sandbox: Sandbox) -> None:
    order_id = placed(sandbox)
    for shop in ("mini", "swan"):
        await link(mirroring, shop, {BUYER: BUYERS[shop]})
        await mirrored(mirroring, order_id, shop)

    await mirroring.ask(SHIP, {"id": named(order_id)})

    await eventually(lambda: swan_order(sandbox, order_id)["main"]["Status"] == 6)
    await eventually(lambda: mini_order(sandbox, order_id)["status"] == 4)


async def test_every_order_is_copied_where_that_is_configured(
    mirroring: Client, sandbox: Sandbox
) -> None:
    order_id = placed(sandbox)
    await link(mirroring, "mini", {BUYER: MINI_BUYER})

    await paid(mirroring, order_id)
    await eventually(lambda: mini_order(sandbox, order_id))
    # The time of the event: the platform reports no other.
    assert mini_order(sandbox, order_id)["pay_finish_time"] == 1398144192
    await mirroring.ask(SHIP, {"id": named(order_id)})

    await eventually(lambda: mini_order(sandbox, order_id)["status"] == 4)
    assert swan_order(sandbox, order_id) is None
    await eventually(lambda: copied(mirroring, order_id))
    released = (await link(mirroring, "swan", {BUYER: BUYERS["swan"]}))["released"]
    assert [push["state"] for push in released] == ["DELIVERED"]
    assert swan_order(sandbox, order_id)["main"]["Status"] == 6


async def test_what_a_target_lacks_is_told_and_nothing_sent(
    gateway: Client, sandbox: Sandbox
) -> None:
    order_id = placed(sandbox)

    payload = await mirrored(gateway, order_id, "mini", openId=MINI_BUYER)

    assert set(told(payload)) == {("INVALID", "toShop")}
    messages = " ".join(error["message"] for error in payload["userErrors"])
    for path in ("page.miniProgramPath", "items.0.categoryPath", "brandPhone"):
        assert path.lower() in messages.lower()
    assert (payload["order"], payload["push"]) == (None, None)
    assert sandbox.requests(ADD) == []


async def test_an_order_that_is_no_copy_is_not_replaced(by_hand: Client, sandbox: Sandbox) -> None:
    order_id = placed(sandbox)
    given = {
        "shop": "swan",
        "openId": "other",
        "platformId": order_id,
        "title": "x",
        "kind": "PHYSICAL",
        "status": "COMPLETED",
        "createdAt": "2024-05-01T08:00:00+08:00",
        "items": [{"platformProductId": "p", "title": "x", "quantity": 1, "unitPrice": {"fen": 1}}],
        "total": {"fen": 1},
    }
    query = "mutation ($i: OrderImportInput!) { orderImport(input: $i) { userErrors { code } } }"
    assert (await by_hand.ask(query, {"i": given})).data["orderImport"]["userErrors"] == []

    payload = await mirrored(by_hand, order_id, "swan", openId=MINI_BUYER)

    assert told(payload) == [("CONFLICT", "id")]
    assert swan_order(sandbox, order_id)["main"]["Title"] == "x"


@pytest.mark.parametrize(
    ("id_", "to_shop", "code", "field"),
    [
        ("no id", "mini", "INVALID", "id"),
        (named("1", "nowhere"), "mini", "NOT_FOUND", "id"),
        (named("999"), "swan", "NOT_FOUND", "id"),
        (named("1", "swan"), "mini", "UNSUPPORTED_BY_PLATFORM", "id"),
        (named("1"), "flagship", "UNSUPPORTED_BY_PLATFORM", "toShop"),
        (named("1"), "nowhere", "NOT_FOUND", "toShop"),
    ],
)
async def test_what_cannot_be_copied(
    by_hand: Client, sandbox: Sandbox, id_: str, to_shop: str, code: str, field: str
) -> None:
    asked = await by_hand.ask(MIRROR, {"id": id_, "toShop": to_shop})

    assert told(asked.data["orderMirror"]) == [(code, field)]
    assert [one for one in sandbox.requests() if one["endpoint"].startswith("/mall/")] == []


async def test_links_that_cannot_be(by_hand: Client) -> None:
    twice = [{"openId": "a", "toOpenId": "b"}, {"openId": "a", "toOpenId": "c"}]
    wrong = [{"openId": "", "toOpenId": "b"}]

    async def linked(shop: str, to_shop: str, links: Any) -> Any:
        asked = await by_hand.ask(LINK, {"shop": shop, "toShop": to_shop, "links": links})
        return told(asked.data["buyerLinksImport"])

    assert await linked("flagship", "mini", twice) == [("INVALID", "links.1.toOpenId")]
    assert await linked("flagship", "mini", wrong) == [("INVALID", "links.0.openId")]
    assert await linked("flagship", "mini", []) == [("INVALID", "links")]
    assert await linked("mini", "mini", twice[:1]) == [("INVALID", "toShop")]
    assert await linked("nowhere", "mini", twice[:1]) == [("NOT_FOUND", "shop")]
    assert await linked("flagship", "flagship", twice[:1]) == [
        ("UNSUPPORTED_BY_PLATFORM", "toShop")
    ]


async def test_a_copy_to_a_platform_that_is_down_goes_out_later(
    by_hand: Client, sandbox: Sandbox
) -> None:
    order_id = placed(sandbox)
    sandbox.fault("http_status", 503, path=CENTRE, times=1)

    payload = await mirrored(by_hand, order_id, "swan", openId=MINI_BUYER)

    assert told(payload) == []
    assert payload["push"]["state"] == "PENDING"
    await eventually(lambda: swan_order(sandbox, order_id) is not None)


async def test_what_a_copy_has_no_place_for_is_a_warning(by_hand: Client, sandbox: Sandbox) -> None:
    order_id = placed(sandbox)
    asked = MIRROR.replace(ERRORS, f"{ERRORS} warnings {{ code field }}")
    given = {
        "id": named(order_id),
        "toShop": "mini",
        "openId": MINI_BUYER,
        "kind": "PHYSICAL",
        "title": "两件T恤",
        "paidAt": "2024-05-01T08:00:00+08:00",
    }
    key = {"Idempotency-Key": "warned"}

    first = (await by_hand.ask(asked, given, key)).data["orderMirror"]
    again = (await by_hand.ask(asked, given, key)).data["orderMirror"]
    plain = given | {"kind": None, "title": None, "id": named(placed(sandbox))}
    without = (await by_hand.ask(asked, plain)).data["orderMirror"]

    assert (first["userErrors"], first["push"]["state"]) == ([], "DELIVERED")
    assert first["warnings"] == [
        {"code": "UNSUPPORTED_BY_PLATFORM", "field": [name]} for name in ("title", "kind")
    ]
    assert again["warnings"] == first["warnings"]
    assert (without["userErrors"], without["warnings"]) == ([], [])
