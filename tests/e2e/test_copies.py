"""A mirrored order is counted once; its copies end, move and wait with their links."""

from typing import Any

import pytest

from gateway.auth.key_manager import KeyManager
from gateway.platforms.mini_program.sandbox.state import MINI
from tests.e2e.api_keys import key
from tests.e2e.mutations import told
from tests.e2e.order_samples import DELETE
from tests.e2e.test_mirrors import (
    BUYER,
    BUYERS,
    MINI_BUYER,
    SHIP,
    by_hand,
    link,
    mini_order,
    mirrored,
    named,
    placed,
    swan_order,
)
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client, Serve
from tests.waiting import eventually

__all__ = ["by_hand"]

OTHER = "oMiniSampleBuyer00000000002"
ORDERS = """query ($filter: OrderFilter) {
  orders(first: 100, filter: $filter) {
    totalCount nodes { platformId shop { key } } sources { shop { key } state }
  }
}"""
RELATIVES = """query ($id: ID!) { order(id: $id) {
  mirrorOf { platformId shop { key } } copies { platformId shop { key } }
} }"""
END = """mutation ($id: ID!) { orderMirrorEnd(id: $id) {
  order { platformId status shop { key } } push { id } userErrors { code field message }
} }"""
REMOVE = """mutation ($toShop: String!, $openIds: [String!]!) {
  buyerLinksRemove(shop: "flagship", toShop: $toShop, openIds: $openIds) {
    linked released { operation state } userErrors { code field message }
  }
}"""
CLOSE = "mutation ($id: ID!) { orderClose(id: $id) { userErrors { code message } } }"
DELETIONS = """query ($id: ID!) {
  pushes(filter: {orderId: $id, operations: [ORDER_DELETE]}) { nodes { id } }
}"""
RETRY = """mutation ($id: ID!) {
  pushRetry(id: $id) { push { state } userErrors { code message } }
}"""
LINKS = """query ($first: Int, $after: String) {
  buyerLinks(shop: "flagship", toShop: "mini", first: $first, after: $after) {
    totalCount nodes { openId toOpenId linkedAt } pageInfo { hasNextPage endCursor }
  }
}"""


async def in_shops(
    client: Client, order_id: str, chosen: dict[str, Any] | None = None, headers: Any = None
) -> list[str]:
    """Answer in which shops a list shows an order."""
    listed = (await client.ask(ORDERS, {"filter": chosen}, headers)).data["orders"]
    return [node["shop"]["key"] for node in listed["nodes"] if node["platformId"] == order_id]


async def relatives(client: Client, order_id: str, shop: str) -> tuple[Any, list[str]]:
    """Answer the shop of an order's original, and the shops of its copies."""
    asked = await client.ask(RELATIVES, {"id": named(order_id, shop)})
    order = asked.data["order"]
    assert {one["platformId"] for one in order["copies"]} <= {order_id}
    original = order["mirrorOf"] and order["mirrorOf"]["shop"]["key"]
    return original, [one["shop"]["key"] for one in order["copies"]]


def mini_buyer(sandbox: Sandbox, order_id: str) -> str | None:
    kept = sandbox.shops("mini_program")[MINI.app_id]["orders"].get(order_id)
    return kept and str(kept["open_id"])


async def unlink(client: Client, to_shop: str, *open_ids: str) -> Any:
    asked = await client.ask(REMOVE, {"toShop": to_shop, "openIds": list(open_ids)})
    return asked.data["buyerLinksRemove"]


async def test_a_list_shows_a_mirrored_order_once(by_hand: Client, sandbox: Sandbox) -> None:
    order_id = placed(sandbox)
    before = (await by_hand.ask(ORDERS)).data["orders"]["totalCount"]
    for shop, buyer in BUYERS.items():
        await mirrored(by_hand, order_id, shop, openId=buyer)

    assert await in_shops(by_hand, order_id) == ["flagship"]
    assert (await by_hand.ask(ORDERS)).data["orders"]["totalCount"] == before
    assert await in_shops(by_hand, order_id, {"copies": False}) == ["flagship"]
    assert await in_shops(by_hand, order_id, {"copies": True}) == ["mini", "swan"]
    # Asked without the shop of the original, the others still show their copies.
    assert await in_shops(by_hand, order_id, {"shops": ["mini", "swan"]}) == ["mini", "swan"]
    assert await in_shops(by_hand, order_id, {"shops": ["mini"], "copies": False}) == []
    paid = {"statuses": ["AWAITING_SHIPMENT"], "copies": True}
    assert await in_shops(by_hand, order_id, paid) == ["mini", "swan"]
    of_buyer = {"shops": ["mini"], "buyerOpenId": MINI_BUYER}
    assert await in_shops(by_hand, order_id, of_buyer) == ["mini"]
    assert await in_shops(by_hand, order_id, of_buyer | {"copies": False}) == []
    assert await relatives(by_hand, order_id, "flagship") == (None, ["mini", "swan"])
    assert await relatives(by_hand, order_id, "swan") == ("flagship", [])


async def test_a_dispute_about_a_mirrored_order_is_listed_once(
    by_hand: Client, sandbox: Sandbox
) -> None:
    order_id = placed(sandbox)
    await mirrored(by_hand, order_id, "swan", openId="swan-buyer", title="订单")
    await by_hand.ask(SHIP, {"id": named(order_id)})
    sandbox.set_order_status(order_id, 8)
    await mirrored(by_hand, order_id, "swan", openId="swan-buyer", title="订单")
    query = """query ($filter: AfterSaleFilter) { afterSales(first: 100, filter: $filter) {
      nodes { order { platformId } shop { key } }
    } }"""

    async def listed(**chosen: Any) -> list[str]:
        found = (await by_hand.ask(query, {"filter": chosen})).data["afterSales"]["nodes"]
        return [one["shop"]["key"] for one in found if one["order"]["platformId"] == order_id]

    assert await listed() == ["flagship"]
    assert await listed(shops=["swan"]) == ["swan"]


async def test_a_shop_without_copies_is_not_asked_for_them(
    by_hand: Client, sandbox: Sandbox
) -> None:
    sandbox.clear_log()

    asked = await by_hand.ask(ORDERS, {"filter": {"copies": True, "shops": ["flagship"]}})

    assert asked.data["orders"] == {
        "totalCount": 0,
        "nodes": [],
        "sources": [{"shop": {"key": "flagship"}, "state": "LIVE"}],
    }
    assert sandbox.requests() == []


async def test_a_key_that_cannot_see_the_original_sees_the_copy(
    serve: Serve, keys: dict[str, Any], book: KeyManager, sandbox: Sandbox
) -> None:
    whole = key(book, ["orders:read", "orders:write", "pii:read"])
    bound = key(book, ["orders:read"], ["swan"])
    order_id = placed(sandbox)
    async with serve(**keys) as client:
        client.http.headers.update(whole)
        payload = await mirrored(
            client, order_id, "swan", openId="swan-buyer", kind="PHYSICAL", title="订单"
        )
        assert told(payload) == []
        client.http.headers.update(bound)

        assert await in_shops(client, order_id) == ["swan"]
        assert await relatives(client, order_id, "swan") == (None, [])


async def test_mirrored_goods_are_no_products_of_the_other_shop(
    by_hand: Client, sandbox: Sandbox
) -> None:
    query = '{ products(first: 100, filter: {shops: ["mini"]}) { nodes { platformId } } }'
    before = (await by_hand.ask(query)).data

    order_id = placed(sandbox)
    await mirrored(by_hand, order_id, "mini", openId=MINI_BUYER)

    assert mini_order(sandbox, order_id) is not None
    assert (await by_hand.ask(query)).data == before


async def test_a_copy_follows_a_shipment_whose_answer_was_lost(
    by_hand: Client, sandbox: Sandbox
) -> None:
    order_id = placed(sandbox)
    await mirrored(by_hand, order_id, "mini", openId=MINI_BUYER)
    sandbox.fault("reset", path="/merchant/order/setdelivery", after=True)

    shipped = (await by_hand.ask(SHIP, {"id": named(order_id)})).data["orderShip"]

    assert [error["code"] for error in shipped["userErrors"]] == ["OUTCOME_UNKNOWN"]
    await eventually(lambda: mini_order(sandbox, order_id)["status"] == 4)


async def test_the_shipping_of_a_copy_is_reported(by_hand: Client, sandbox: Sandbox) -> None:
    order_id = placed(sandbox)
    await mirrored(by_hand, order_id, "mini", openId=MINI_BUYER)

    await by_hand.ask(SHIP, {"id": named(order_id)})

    # By a push of its own, beside that of the shopping list.
    payment = mini_order(sandbox, order_id)["trans_id"]

    def parcels() -> Any:
        kept = sandbox.shops("mini_program")[MINI.app_id]["payments"][payment]["document"]
        return kept["shipping"].get("shipping_list")

    (parcel,) = await eventually(parcels)
    assert (parcel["tracking_no"], parcel["express_company"]) == ("SF1234567890", "EMS")
    await eventually(lambda: mini_order(sandbox, order_id)["status"] == 4)


async def test_a_deleted_copy_does_not_come_back(by_hand: Client, sandbox: Sandbox) -> None:
    order_id = placed(sandbox)
    await link(by_hand, "mini", {BUYER: MINI_BUYER})
    await mirrored(by_hand, order_id, "mini")
    await mirrored(by_hand, order_id, "swan", openId="swan-buyer")

    deleted = await by_hand.ask(DELETE, {"id": named(order_id, "mini")})
    await by_hand.ask(SHIP, {"id": named(order_id)})
    # Copied at the same time as the other would be.
    await eventually(lambda: swan_order(sandbox, order_id)["main"]["Status"] == 6)

    assert told(deleted.data["orderDelete"]) == []
    assert mini_order(sandbox, order_id) is None
    assert await relatives(by_hand, order_id, "flagship") == (None, ["swan"])
    assert (await link(by_hand, "mini", {BUYER: OTHER}))["released"] == []
    # Whoever asks for it gets it again.
    assert (await mirrored(by_hand, order_id, "mini"))["push"]["state"] == "DELIVERED"
    assert mini_buyer(sandbox, order_id) == OTHER
    assert await relatives(by_hand, order_id, "flagship") == (None, ["mini", "swan"])


async def test_an_ended_mirror_leaves_the_copy_as_it_is(by_hand: Client, sandbox: Sandbox) -> None:
    order_id = placed(sandbox)
    for shop, buyer in BUYERS.items():
        await mirrored(by_hand, order_id, shop, openId=buyer)

    async def end(order: str, shop: str) -> Any:
        return (await by_hand.ask(END, {"id": named(order, shop)})).data["orderMirrorEnd"]

    ended = await end(order_id, "mini")
    assert (told(ended), ended["push"]) == ([], None)
    assert ended["order"]["shop"]["key"] == "mini"
    await by_hand.ask(SHIP, {"id": named(order_id)})
    await eventually(lambda: swan_order(sandbox, order_id)["main"]["Status"] == 6)

    assert mini_order(sandbox, order_id)["status"] == 3
    assert await in_shops(by_hand, order_id) == ["flagship"]
    assert await relatives(by_hand, order_id, "mini") == ("flagship", [])
    assert told(await end(order_id, "mini")) == [("CONFLICT", "id")]
    assert told(await end("none", "mini")) == [("NOT_FOUND", "id")]
    assert told(await end(order_id, "flagship")) == [("UNSUPPORTED_BY_PLATFORM", "id")]
    assert told(await end(order_id, "nowhere")) == [("NOT_FOUND", "id")]
    # It begins again with the next orderMirror.
    again = await mirrored(by_hand, order_id, "mini", openId=MINI_BUYER)
    assert again["order"]["status"] == "SHIPPED"


async def test_a_corrected_link_takes_the_copy_from_the_stranger(
    by_hand: Client, sandbox: Sandbox
) -> None:
    order_id, own = placed(sandbox), placed(sandbox)
    for shop, buyer in BUYERS.items():
        await link(by_hand, shop, {BUYER: buyer})
        await mirrored(by_hand, order_id, shop)
    # An open id that was given for one order counts more than a link.
    await mirrored(by_hand, own, "mini", openId=MINI_BUYER)
    sandbox.clear_log()

    done = await link(by_hand, "mini", {BUYER: OTHER})
    hidden = await link(by_hand, "swan", {BUYER: "swan-other"})

    assert told(done) == told(hidden) == []
    assert [(one["operation"], one["state"]) for one in done["released"]] == [
        ("ORDER_DELETE", "DELIVERED"),
        ("ORDER_IMPORT", "DELIVERED"),
    ]
    (deletion,) = sandbox.requests("/mall/deleteorder")[:1]
    assert deletion["body"] == {"user_open_id": MINI_BUYER, "order_id": order_id}
    assert mini_buyer(sandbox, order_id) == OTHER
    assert mini_buyer(sandbox, own) == MINI_BUYER
    statuses = sandbox.requests("/rest/2.0/smartapp/ordercenter/app/update/main/status")
    assert [one["query"]["open_id"] for one in statuses] == ["swan-buyer"]
    assert swan_order(sandbox, order_id)["open_id"] == "swan-other"
    assert swan_order(sandbox, order_id)["main"]["Status"] == 5
    # The same link once more moves nothing.
    assert (await link(by_hand, "mini", {BUYER: OTHER}))["released"] == []


async def test_a_removed_link_takes_the_copy_back_until_there_is_another(
    by_hand: Client, sandbox: Sandbox
) -> None:
    order_id = placed(sandbox)
    await link(by_hand, "mini", {BUYER: MINI_BUYER})
    await mirrored(by_hand, order_id, "mini")

    done = await unlink(by_hand, "mini", BUYER, "unknown")

    assert done == {
        "linked": 1,
        "released": [
            {"operation": "ORDER_DELETE", "state": "DELIVERED"},
            {"operation": "ORDER_IMPORT", "state": "PENDING"},
        ],
        "userErrors": [],
    }
    assert mini_order(sandbox, order_id) is None
    # What changes meanwhile goes along.
    await by_hand.ask(SHIP, {"id": named(order_id)})
    await eventually(lambda: shipped_copy(by_hand, order_id))
    assert mini_order(sandbox, order_id) is None
    released = (await link(by_hand, "mini", {BUYER: OTHER}))["released"]
    assert [one["state"] for one in released] == ["DELIVERED"]
    assert mini_buyer(sandbox, order_id) == OTHER
    assert mini_order(sandbox, order_id)["status"] == 4


async def shipped_copy(client: Client, order_id: str) -> bool:
    query = f'{{ orderByPlatformId(shop: "mini", platformId: "{order_id}") {{ status }} }}'
    return bool((await client.ask(query)).data["orderByPlatformId"]["status"] == "SHIPPED")


async def test_a_closed_copy_is_closed_at_the_right_buyer_s_too(
    by_hand: Client, sandbox: Sandbox
) -> None:
    order_id = placed(sandbox)
    await link(by_hand, "mini", {BUYER: MINI_BUYER})
    await mirrored(by_hand, order_id, "mini")
    await by_hand.ask(CLOSE, {"id": named(order_id)})
    await eventually(lambda: mini_order(sandbox, order_id)["status"] == 12)

    released = (await link(by_hand, "mini", {BUYER: OTHER}))["released"]

    # The platform imports no closed orders: it is closed once it is there.
    assert [one["state"] for one in released] == ["DELIVERED", "DELIVERED"]
    assert (mini_buyer(sandbox, order_id), mini_order(sandbox, order_id)["status"]) == (OTHER, 12)


async def test_a_refused_deletion_at_the_stranger_s_can_be_tried_again(
    by_hand: Client, sandbox: Sandbox
) -> None:
    order_id = placed(sandbox)
    await link(by_hand, "mini", {BUYER: MINI_BUYER})
    await mirrored(by_hand, order_id, "mini")
    sandbox.fault("errcode", 9009098, path="/mall/deleteorder", times=1)

    deletion, _ = (await unlink(by_hand, "mini", BUYER))["released"]
    assert deletion["state"] == "REJECTED"
    assert mini_buyer(sandbox, order_id) == MINI_BUYER
    pushes = (await by_hand.ask(DELETIONS, {"id": named(order_id, "mini")})).data["pushes"]
    again = await by_hand.ask(RETRY, {"id": pushes["nodes"][0]["id"]})

    assert again.data["pushRetry"] == {"push": {"state": "DELIVERED"}, "userErrors": []}
    assert mini_order(sandbox, order_id) is None


async def test_another_open_id_moves_the_copy_of_one_order(
    by_hand: Client, sandbox: Sandbox
) -> None:
    order_id = placed(sandbox)
    await mirrored(by_hand, order_id, "mini", openId=MINI_BUYER)

    moved = await mirrored(by_hand, order_id, "mini", openId=OTHER)

    assert (told(moved), moved["push"]["operation"]) == ([], "ORDER_IMPORT")
    assert moved["push"]["state"] == "DELIVERED"
    assert mini_buyer(sandbox, order_id) == OTHER
    assert len(sandbox.requests("/mall/deleteorder")) == 1


async def test_links_are_listed(by_hand: Client) -> None:
    await link(by_hand, "mini", {"a": "mini-a"})
    await link(by_hand, "mini", {"b": "mini-b"})
    await link(by_hand, "swan", {"c": "swan-c"})

    whole = (await by_hand.ask(LINKS)).data["buyerLinks"]
    first = (await by_hand.ask(LINKS, {"first": 1})).data["buyerLinks"]
    after = {"after": first["pageInfo"]["endCursor"]}
    last = (await by_hand.ask(LINKS, after)).data["buyerLinks"]

    pairs = [(one["openId"], one["toOpenId"]) for one in whole["nodes"]]
    assert (pairs, whole["totalCount"]) == ([("b", "mini-b"), ("a", "mini-a")], 2)
    assert first["nodes"] + last["nodes"] == whole["nodes"]
    assert (first["pageInfo"]["hasNextPage"], first["totalCount"]) == (True, None)
    assert last["pageInfo"]["hasNextPage"] is False
    assert (await by_hand.ask(LINKS, {"after": "none"})).codes == ["BAD_USER_INPUT"]


@pytest.mark.parametrize(
    ("to_shop", "open_ids", "error"),
    [
        ("mini", [], ("INVALID", "openIds")),
        ("mini", [""], ("INVALID", "openIds.0")),
        ("flagship", ["a"], ("UNSUPPORTED_BY_PLATFORM", "toShop")),
        ("nowhere", ["a"], ("NOT_FOUND", "toShop")),
    ],
)
async def test_links_that_cannot_be_removed(
    by_hand: Client, to_shop: str, open_ids: list[str], error: tuple[str, str]
) -> None:
    assert told(await unlink(by_hand, to_shop, *open_ids)) == [error]
