"""A mutation of the ledger that a crash cut short is found in it, or is done: never twice."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest

from schema.key import Key
from tests.e2e.order_samples import (
    DELETE,
    IMPORT,
    IMPORT_MANY,
    SET_STATUS,
    UPDATE,
    baidu_order,
    mini_order,
)
from tests.e2e.storefront_samples import id_of, new_group
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Asked, Client, Serve

KEY: Final = {"Idempotency-Key": "first"}
BUYER: Final = "oMiniSampleBuyer00000000001"
ERRORS: Final = "userErrors { code field message }"
PUSH: Final = "id operation state"
ADD_AFTER_SALES: Final = f"""
mutation ($input: AfterSaleImportInput!) {{
  afterSaleImport(input: $input) {{ afterSales {{ id status }} pushes {{ {PUSH} }} {ERRORS} }}
}}"""
CHANGE_AFTER_SALE: Final = f"""
mutation ($input: AfterSaleUpdateInput!) {{
  afterSaleUpdate(input: $input) {{ afterSale {{ id status }} push {{ {PUSH} }} {ERRORS} }}
}}"""
SET_AFTER_SALES: Final = f"""
mutation ($input: [AfterSaleStatusInput!]!) {{
  afterSaleSetStatus(input: $input) {{ afterSales {{ id status }} pushes {{ {PUSH} }} {ERRORS} }}
}}"""
LINES: Final = f"wantedItems {{ id openId title price {{ fen }} }} pushes {{ {PUSH} }} {ERRORS}"
PUT: Final = f"""
mutation ($input: WantedItemsImportInput!) {{ wantedItemsImport(input: $input) {{ {LINES} }} }}"""
TAKE_OFF: Final = f"""
mutation ($openId: String!, $items: [WantedItemKeyInput!]!) {{
  wantedItemsRemove(shop: "mini", openId: $openId, items: $items) {{ {LINES} }}
}}"""
CLEAR: Final = f"""
mutation ($openId: String!) {{ wantedItemsClear(shop: "mini", openId: $openId) {{ {LINES} }} }}"""
SYNC: Final = f"""
mutation ($input: ProductsSyncInput!) {{
  productsSync(input: $input) {{ products {{ id title }} pushes {{ {PUSH} }} {ERRORS} }}
}}"""
SET_PATH: Final = f"""
mutation ($path: String!) {{
  shoppingCartPathSet(shop: "mini", path: $path) {{
    shop {{ shoppingCartPath }} push {{ {PUSH} }} {ERRORS}
  }}
}}"""
MIRROR: Final = f"""
mutation ($id: ID!, $openId: String) {{
  orderMirror(id: $id, toShop: "swan", openId: $openId) {{
    order {{ id status }} push {{ {PUSH} }} {ERRORS}
  }}
}}"""
LINK: Final = f"""
mutation ($links: [BuyerLinkInput!]!) {{
  buyerLinksImport(shop: "flagship", toShop: "swan", links: $links) {{
    linked released {{ {PUSH} }} {ERRORS}
  }}
}}"""
RETRY: Final = f"mutation ($id: ID!) {{ pushRetry(id: $id) {{ push {{ {PUSH} }} {ERRORS} }} }}"
DISCARD: Final = f"mutation ($id: ID!) {{ pushDiscard(id: $id) {{ push {{ {PUSH} }} {ERRORS} }} }}"
ALL: Final = f"{ERRORS} warnings {{ code field message }}"
SHIP: Final = f"""
mutation ($input: OrderShipInput!) {{
  orderShip(input: $input) {{ order {{ id status }} push {{ {PUSH} }} {ALL} }}
}}"""
SHIP_MANY: Final = f"""
mutation ($input: [OrderShipInput!]!) {{
  ordersShip(input: $input) {{ orders {{ id status }} pushes {{ {PUSH} }} {ALL} }}
}}"""
CLOSE: Final = f"""
mutation ($id: ID!) {{ orderClose(id: $id) {{ order {{ id status }} push {{ {PUSH} }} {ALL} }} }}"""
PARCEL: Final = {"carrier": "sf", "trackingNumber": "SF1"}
BOTH: Final = """
mutation ($group: ProductGroupCreateInput!, $order: OrderImportInput!) {
  productGroupCreate(input: $group) { productGroup { id } userErrors { code } }
  orderImport(input: $order) { order { platformId } push { state } userErrors { code } }
}"""
#: What a process leaves in the store that was killed after its transaction, a while ago.
COMMITTED: Final = "UPDATE idempotency_keys SET outcome = NULL, lease_until = 1"
#: The same, before its transaction.
CLAIMED: Final = f"{COMMITTED}, receipts = NULL"

ORDER: Final = Key("Order", "swan", "B1").encode()
AFTER_SALE: Final = Key("AfterSale", "swan", "B1", "R1").encode()


def _refund(name: str) -> dict[str, Any]:
    return {
        "platformId": name,
        "status": "APPLYING",
        "kind": "REFUND_ONLY",
        "refund": {"fen": 10},
        "items": [{"platformProductId": "1014093064", "quantity": 1, "refund": {"fen": 10}}],
        "createdAt": "2024-02-01T08:00:00+08:00",
    }


def _lines(*skus: str) -> dict[str, Any]:
    line = {
        "platformProductId": "p1",
        "title": "T恤",
        "images": ["https://img.example/1.jpg"],
        "price": {"fen": 9900},
        "status": "ON_SALE",
        "categoryPath": ["衣服", "T恤"],
        "pagePath": "/pages/product?id=p1",
        "attributes": [{"name": "尺码", "value": "L"}],
    }
    items = [{**line, "platformSkuId": sku} for sku in skus]
    return {"shop": "mini", "openId": BUYER, "items": items}


def _products() -> dict[str, Any]:
    product = {
        "platformProductId": "p1",
        "title": "T恤",
        "images": ["https://img.example/1.jpg"],
        "categoryPath": ["衣服", "T恤"],
        "pagePath": "/pages/product?id=p1",
        "skus": [{"platformId": "s1", "price": {"fen": 9900}, "status": "ON_SALE"}],
    }
    return {"shop": "mini", "products": [product]}


def _seen(name: str) -> dict[str, Any]:
    return {"platformProductId": "p1", "platformSkuId": name}


#: What is there before, and the mutation that is cut short.
CUT: Final = {
    "orderImport": (IMPORT, {"input": baidu_order("B2")}),
    # One of them is refused, and stays so.
    "ordersImport": (
        IMPORT_MANY,
        {"input": [baidu_order("B2"), baidu_order("B1"), mini_order("M2")]},
    ),
    "adopted": (IMPORT, {"input": baidu_order("B2", adopt=True)}),
    "orderUpdate": (UPDATE, {"input": {"id": ORDER, "title": "另一个"}}),
    "orderSetStatus": (SET_STATUS, {"input": [{"id": ORDER, "status": "SHIPPED"}]}),
    "orderShip": (SHIP, {"input": {"id": ORDER, **PARCEL}}),
    "orderClose": (CLOSE, {"id": ORDER}),
    "orderDelete": (DELETE, {"id": Key("Order", "mini", "M1").encode()}),
    "afterSaleImport": (
        ADD_AFTER_SALES,
        {"input": {"orderId": ORDER, "afterSales": [_refund("R2")]}},
    ),
    "afterSaleUpdate": (CHANGE_AFTER_SALE, {"input": {"id": AFTER_SALE, "refund": {"fen": 20}}}),
    # The second is refused, beside the first of the same order.
    "afterSaleSetStatus": (
        SET_AFTER_SALES,
        {
            "input": [
                {"id": AFTER_SALE, "status": "REFUNDED"},
                {"id": Key("AfterSale", "swan", "B1", "R9").encode(), "status": "REFUNDED"},
            ]
        },
    ),
    "wantedItemsImport": (PUT, {"input": _lines("s1", "s2")}),
    "wantedItemsRemove": (TAKE_OFF, {"openId": BUYER, "items": [_seen("w1"), _seen("w9")]}),
    "wantedItemsClear": (CLEAR, {"openId": BUYER}),
    "productsSync": (SYNC, {"input": _products()}),
    "shoppingCartPathSet": (SET_PATH, {"path": "/pages/cart"}),
}


async def _in_store(folder: Path, *statements: str) -> list[Any]:
    """Run SQL beside the gateway; in a thread, because both write to one file."""

    def run() -> list[Any]:
        with closing(sqlite3.connect(folder / "gateway.db", isolation_level=None)) as database:
            return [row for one in statements for row in database.execute(one).fetchall()]

    return await asyncio.to_thread(run)


async def _traces(folder: Path, sandbox: Sandbox) -> Any:
    """Answer what a second run would add to: pushes, changes, and calls of the platforms."""
    counts = "SELECT (SELECT count(*) FROM pushes), (SELECT count(*) FROM order_changes)"
    return await _in_store(folder, counts), sandbox.counts()


async def _same_again(
    gateway: Client, sandbox: Sandbox, folder: Path, first: Asked, cut: tuple[str, Any]
) -> None:
    """See that a repetition tells what the first run did, and does nothing itself."""
    assert "extensions" not in first.body
    before = await _traces(folder, sandbox)
    await _in_store(folder, COMMITTED)
    again, later = await gateway.ask(*cut, KEY), await gateway.ask(*cut, KEY)

    assert again.body == {**first.body, "extensions": {"idempotentReplay": True}}
    assert later.body == again.body
    assert await _traces(folder, sandbox) == before


@pytest.mark.parametrize("cut", CUT.values(), ids=CUT)
async def test_what_was_committed_is_told_and_not_done_again(
    gateway: Client, sandbox: Sandbox, tmp_path: Path, cut: tuple[str, Any]
) -> None:
    await gateway.ask(IMPORT, {"input": baidu_order("B1", afterSales=[_refund("R1")])})
    await gateway.ask(IMPORT, {"input": mini_order("M1")})
    await gateway.ask(PUT, {"input": _lines("w1", "w2")})

    first = await gateway.ask(*cut, KEY)
    await _same_again(gateway, sandbox, tmp_path, first, cut)


@pytest.mark.parametrize("copied", [False, True])
async def test_a_copy_is_made_once(
    gateway: Client, sandbox: Sandbox, tmp_path: Path, *, copied: bool
) -> None:
    order = sandbox.order(open_id="oStoreBuyer1")
    given = {"id": Key("Order", "flagship", str(order["order_id"])).encode(), "openId": "buyer"}
    # With one that is in step there is nothing to send.
    if copied:
        await gateway.ask(MIRROR, given)
    first = await gateway.ask(MIRROR, given, KEY)
    assert (first.data["orderMirror"]["push"] is None) is copied

    await _same_again(gateway, sandbox, tmp_path, first, (MIRROR, given))


async def test_a_copy_is_told_where_its_order_cannot_be_read(
    gateway: Client, sandbox: Sandbox, tmp_path: Path
) -> None:
    order = sandbox.order(open_id="oStoreBuyer1")
    given = {"id": Key("Order", "flagship", str(order["order_id"])).encode(), "openId": "buyer"}
    first = await gateway.ask(MIRROR, given, KEY)
    sandbox.fault("http_status", 503, path="/merchant/order", times=None)

    await _same_again(gateway, sandbox, tmp_path, first, (MIRROR, given))


async def test_a_mirror_that_is_repeated_is_not_brought_in_step_again(
    gateway: Client, sandbox: Sandbox
) -> None:
    order = sandbox.order(open_id="oStoreBuyer1")
    given = {"id": Key("Order", "flagship", str(order["order_id"])).encode(), "openId": "buyer"}
    first = await gateway.ask(MIRROR, given, KEY)
    again = await gateway.ask(MIRROR, given, KEY)

    assert again.body == {**first.body, "extensions": {"idempotentReplay": True}}
    assert first.data["orderMirror"]["push"]["operation"] == "ORDER_IMPORT"


async def test_links_let_a_copy_go_once(gateway: Client, sandbox: Sandbox, tmp_path: Path) -> None:
    order = sandbox.order(open_id="oStoreBuyer1")
    await gateway.ask(MIRROR, {"id": Key("Order", "flagship", str(order["order_id"])).encode()})
    given = {"links": [{"openId": "oStoreBuyer1", "toOpenId": "buyer"}]}

    first = await gateway.ask(LINK, given, KEY)

    assert [push["state"] for push in first.data["buyerLinksImport"]["released"]] == ["DELIVERED"]
    await _same_again(gateway, sandbox, tmp_path, first, (LINK, given))


@pytest.mark.parametrize(("operation", "state"), [(RETRY, "REJECTED"), (DISCARD, "DISCARDED")])
async def test_what_an_operator_did_is_told(
    gateway: Client, sandbox: Sandbox, tmp_path: Path, operation: str, state: str
) -> None:
    sandbox.fault("errcode", 10001, path="/rest/", times=None)
    imported = await gateway.ask(IMPORT, {"input": baidu_order("B1")})
    push = imported.data["orderImport"]["push"]
    assert push["state"] == "REJECTED"

    first = await gateway.ask(operation, {"id": push["id"]}, KEY)

    (payload,) = first.data.values()
    assert payload["push"]["state"] == state
    await _same_again(gateway, sandbox, tmp_path, first, (operation, {"id": push["id"]}))


async def test_what_was_pending_is_told_as_it_is_now(
    gateway: Client, sandbox: Sandbox, tmp_path: Path
) -> None:
    given = {"input": baidu_order("B1")}
    sandbox.fault("http_status", 503, path="/rest/", times=None)
    first = await gateway.ask(IMPORT, given, KEY)
    sandbox.clear_faults()
    await gateway.ask(RETRY, {"id": first.data["orderImport"]["push"]["id"]})
    await _in_store(tmp_path, COMMITTED)
    again = await gateway.ask(IMPORT, given, KEY)

    assert first.data["orderImport"]["push"]["state"] == "PENDING"
    assert again.data["orderImport"]["push"] == {
        **first.data["orderImport"]["push"],
        "state": "DELIVERED",
        "attempts": 2,
        "lastError": None,
    }
    assert again.data["orderImport"]["order"] == first.data["orderImport"]["order"]


async def test_what_could_not_be_read_back_is_told_later(
    gateway: Client, sandbox: Sandbox, tmp_path: Path
) -> None:
    given = {"input": baidu_order("B1")}
    sandbox.fault("latency", 1, path="/rest/")
    asking = asyncio.create_task(gateway.ask(IMPORT, given, KEY))
    while not await _in_store(tmp_path, "SELECT 1 FROM pushes"):  # noqa: ASYNC110 - another's work
        await asyncio.sleep(0.02)
    # It is committed, and the platform is about to answer.
    await _in_store(tmp_path, "ALTER TABLE pushes RENAME TO gone")
    first = await asking
    await _in_store(
        tmp_path, "ALTER TABLE gone RENAME TO pushes", "UPDATE pushes SET lease_until = 1"
    )
    meanwhile = await gateway.ask(IMPORT, given, KEY)
    await _in_store(tmp_path, "UPDATE idempotency_keys SET lease_until = 1")
    again = await gateway.ask(IMPORT, given, KEY)

    assert first.codes == ["STORE_UNAVAILABLE"]
    assert meanwhile.codes == ["IDEMPOTENCY_IN_PROGRESS"]
    assert again.data["orderImport"]["order"]["platformId"] == "B1"
    assert again.data["orderImport"]["push"]["operation"] == "ORDER_IMPORT"
    assert again.body["extensions"] == {"idempotentReplay": True}


async def test_what_was_not_committed_is_done(serve: Serve, tmp_path: Path) -> None:
    given = {"input": baidu_order("B1")}
    async with serve() as gateway:
        await gateway.ask(IMPORT, given, KEY)
        await _in_store(
            tmp_path,
            CLAIMED,
            "DELETE FROM orders WHERE platform_id = 'B1'",
            "DELETE FROM pushes WHERE order_id = 'B1'",
        )
        done = await gateway.ask(IMPORT, given, KEY)
        again = await gateway.ask(IMPORT, given, KEY)

    assert "extensions" not in done.body
    assert done.data["orderImport"]["push"]["state"] == "DELIVERED"
    assert again.body == {**done.body, "extensions": {"idempotentReplay": True}}
    assert await _in_store(tmp_path, "SELECT count(*) FROM pushes WHERE order_id = 'B1'") == [(1,)]


async def test_what_was_neither_committed_nor_can_be_done_leaves_the_key_free(
    gateway: Client, tmp_path: Path
) -> None:
    given = {"input": baidu_order("B1")}
    await gateway.ask(IMPORT, given, KEY)
    await _in_store(tmp_path, CLAIMED)
    refused = await gateway.ask(IMPORT, given, KEY)
    repaired = await gateway.ask(IMPORT, {"input": baidu_order("B1", overwrite=True)}, KEY)

    assert [error["code"] for error in refused.data["orderImport"]["userErrors"]] == ["CONFLICT"]
    assert "extensions" not in refused.body
    assert repaired.data["orderImport"]["push"]["state"] == "DELIVERED"


async def test_beside_what_nobody_knows_the_ledger_tells_its_own(
    gateway: Client, sandbox: Sandbox, tmp_path: Path
) -> None:
    given = {"group": new_group(), "order": baidu_order("B1")}
    first = await gateway.ask(BOTH, given, KEY)
    before = await _traces(tmp_path, sandbox)
    await _in_store(tmp_path, COMMITTED)
    again = await gateway.ask(BOTH, given, KEY)

    assert again.data["productGroupCreate"] == {
        "productGroup": None,
        "userErrors": [{"code": "OUTCOME_UNKNOWN"}],
    }
    assert again.data["orderImport"] == first.data["orderImport"]
    assert again.body["extensions"] == {"idempotentReplay": True}
    assert await _traces(tmp_path, sandbox) == before


async def test_beside_what_nobody_knows_the_rest_is_done(
    gateway: Client, sandbox: Sandbox, tmp_path: Path
) -> None:
    given = {"group": new_group(), "order": baidu_order("B1")}
    await gateway.ask(BOTH, given, KEY)
    await _in_store(
        tmp_path,
        CLAIMED,
        "DELETE FROM orders WHERE platform_id = 'B1'",
        "DELETE FROM pushes WHERE order_id = 'B1'",
    )
    rest, again = await gateway.ask(BOTH, given, KEY), await gateway.ask(BOTH, given, KEY)

    (error,) = rest.data["productGroupCreate"]["userErrors"]
    assert error == {"code": "OUTCOME_UNKNOWN"}
    assert rest.data["orderImport"]["push"] == {"state": "DELIVERED"}
    assert again.body == rest.body
    assert sandbox.counts()["/merchant/group/add"] == 1


async def test_of_orders_that_are_shipped_together_only_the_platform_s_are_unknown(
    gateway: Client, sandbox: Sandbox, tmp_path: Path
) -> None:
    await gateway.ask(IMPORT, {"input": baidu_order("B1")})
    called = id_of("Order", sandbox.order()["order_id"])
    given = {"input": [{"id": called, **PARCEL}, {"id": ORDER, **PARCEL}]}
    first = (await gateway.ask(SHIP_MANY, given, KEY)).data["ordersShip"]
    before = await _traces(tmp_path, sandbox)
    await _in_store(tmp_path, COMMITTED)
    again = await gateway.ask(SHIP_MANY, given, KEY)

    told = again.data["ordersShip"]
    (unknown,) = told["userErrors"]
    assert (first["userErrors"], [one["id"] for one in first["orders"]]) == ([], [called, ORDER])
    assert (unknown["code"], unknown["field"]) == ("OUTCOME_UNKNOWN", ["0"])
    assert (told["orders"], told["pushes"]) == (first["orders"][1:], first["pushes"])
    assert told["warnings"] == first["warnings"] != []
    assert again.body["extensions"] == {"idempotentReplay": True}
    assert await _traces(tmp_path, sandbox) == before


async def test_receipts_are_kept_unreadable(gateway: Client, tmp_path: Path) -> None:
    await gateway.ask(PUT, {"input": _lines("w1")})
    await gateway.ask(CLEAR, {"openId": BUYER}, KEY)
    ((receipts,),) = await _in_store(tmp_path, "SELECT receipts FROM idempotency_keys")

    assert BUYER.encode() not in receipts
    assert "T恤".encode() not in receipts
