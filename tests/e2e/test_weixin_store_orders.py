"""Orders of a Weixin Store are changed; a revealed address stands in its answer alone."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest

from gateway.auth.key_manager import KeyManager
from schema.key import Key
from schema.scope import Scope
from tests.e2e.api_keys import key
from tests.e2e.mutations import told
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client, Serve, weixin_shop
from tests.waiting import eventually

BASE: Final = "/channels/ec/order/"
DECODE: Final = f"{BASE}sensitiveinfo/decode"
#: As the sandbox's buyer has them.
NAME, STREET, MOBILE = "张三", "示例路1号", "13800000000"
ADDRESS: Final = """
shippingAddress {
  name province city district street mobile masked virtualPhone virtualPhoneExpiresAt hash
}"""
REVEAL: Final = f"""
mutation ($id: ID!) {{
  done: orderRevealAddress(id: $id) {{
    order {{ id {ADDRESS} }} userErrors {{ code field message platformError {{ code }} }}
  }}
}}"""
BOTH: Final = f"""
mutation ($id: ID!) {{
  note: orderSetNote(id: $id, note: "ring twice") {{
    order {{ details {{ ... on WeixinStoreOrderDetails {{ merchantNote }} }} }}
    userErrors {{ code }}
  }}
  address: orderRevealAddress(id: $id) {{ order {{ {ADDRESS} }} userErrors {{ code }} }}
}}"""
READ: Final = f"""
query ($id: ID!) {{ order(id: $id) {{ {ADDRESS} items {{ quantity }} total {{ fen }} }} }}"""
CHANGE: Final = """
mutation ($ship: OrderShipInput!, $price: OrderRepriceInput!, $id: ID!) {
  price: orderReprice(input: $price) { ...Done }
  request: orderAnswerAddressRequest(id: $id, accept: true) { ...Done }
  parcel: orderShip(input: $ship) { ...Done }
}
fragment Done on OrderPayload {
  order { status total { fen } shipments { trackingNumber carrier { code } items { quantity } } }
  userErrors { code field platformError { code } }
}"""
AUDIT: Final = """
{ auditEvents(filter: {actions: ["orderRevealAddress"]}, first: 10) { nodes { outcome revealed } } }
"""


@pytest.fixture
async def weixin(serve: Serve, sandbox: Sandbox) -> AsyncIterator[Client]:
    """Ask a gateway with a Weixin Store alone."""
    async with serve(shops=[weixin_shop(sandbox)]) as client:
        yield client


def placed(sandbox: Sandbox, *, paid: bool = True) -> str:
    answer = sandbox.client.post("/_sandbox/weixin/orders", json={"count": 2, "paid": paid})
    return str(answer.json()["order"]["order_id"])


def content_of(folder: Path) -> bytes:
    """All bytes of a gateway's store, once it is closed."""
    return b"".join(file.read_bytes() for file in folder.glob("gateway.db*"))


def id_of(order: str) -> str:
    return Key("Order", "weixin", order).encode()


async def test_an_order_is_repriced_answered_and_shipped(weixin: Client, sandbox: Sandbox) -> None:
    unpaid, paid = placed(sandbox, paid=False), placed(sandbox)
    sandbox.client.post(f"/_sandbox/weixin/orders/{paid}/address", json={})
    before = (await weixin.ask(READ, {"id": id_of(unpaid)})).data["order"]
    (line,) = before["items"]

    asked = await weixin.ask(
        CHANGE,
        {
            "id": id_of(paid),
            "price": {"id": id_of(unpaid), "shippingFee": {"fen": 0}},
            "ship": {
                "id": id_of(paid),
                "parcels": [{"carrier": "yunda", "trackingNumber": "YD1"}],
            },
        },
    )

    price, request, parcel = (asked.data[name] for name in ("price", "request", "parcel"))
    assert (told(price), told(request), told(parcel)) == ([], [], [])
    assert price["order"]["total"]["fen"] == before["total"]["fen"] - 600
    assert parcel["order"]["status"] == "SHIPPED"
    assert parcel["order"]["shipments"] == [
        {
            "trackingNumber": "YD1",
            "carrier": {"code": "YUNDA"},
            "items": [{"quantity": line["quantity"]}],
        }
    ]
    (sent,) = sandbox.requests(f"{BASE}delivery/send")
    assert sent["body"]["delivery_list"][0]["delivery_id"] == "YUNDA"


async def test_what_the_platform_refuses_is_told_in_its_words(
    weixin: Client, sandbox: Sandbox
) -> None:
    order = placed(sandbox)
    sandbox.client.post("/_sandbox/weixin/shop", json={"decodes_per_day": 0})

    asked = await weixin.ask(REVEAL, {"id": id_of(order)})

    (error,) = asked.data["done"]["userErrors"]
    assert asked.data["done"]["order"] is None
    assert (error["code"], error["platformError"]) == ("RATE_LIMITED", {"code": "10020123"})
    assert error["message"].startswith("decode quota used up")


async def test_the_carriers_are_the_platform_s_list(weixin: Client) -> None:
    asked = await weixin.ask('{ carriers(shop: "weixin") { code name key } }')

    assert {"code": "YUNDA", "name": "韵达速递", "key": "yunda"} in asked.data["carriers"]


async def test_a_revealed_address_is_kept_nowhere(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    order = placed(sandbox)
    id_, first = id_of(order), {"Idempotency-Key": "first"}
    async with serve(shops=[weixin_shop(sandbox)]) as weixin:
        masked = (await weixin.ask(READ, {"id": id_})).data["order"]["shippingAddress"]
        whole = await weixin.ask(REVEAL, {"id": id_}, first)
        again = await weixin.ask(REVEAL, {"id": id_}, first)
        mixed = await weixin.ask(BOTH, {"id": id_}, {"Idempotency-Key": "second"})
        after = (await weixin.ask(READ, {"id": id_})).data["order"]["shippingAddress"]

    shown = whole.data["done"]["order"]["shippingAddress"]
    assert (masked["name"], masked["street"], masked["masked"]) == ("张*", "****", True)
    assert (shown["name"], shown["street"]) == (NAME, STREET)
    assert shown["virtualPhone"] == f"1700000{order[-4:]}-6107"
    assert shown["hash"] == masked["hash"]
    assert after == masked
    # The platform is asked by each repetition, and counts one order once.
    assert again.data["done"]["order"]["shippingAddress"]["name"] == NAME
    assert mixed.data["address"]["order"]["shippingAddress"]["street"] == STREET
    assert len(sandbox.requests(DECODE)) == 3
    with closing(sqlite3.connect(tmp_path / "gateway.db")) as database:
        kept = database.execute(
            "SELECT personal IS NULL FROM idempotency_keys WHERE outcome IS NOT NULL"
        ).fetchall()
    # Of the outcome with the note alone, and nothing personal beside it.
    assert kept == [(1,)]
    stored = content_of(tmp_path)
    for plain in (STREET, shown["virtualPhone"].partition("-")[0]):
        assert plain.encode() not in stored


async def test_of_several_fields_only_the_address_is_asked_for_again(
    weixin: Client, sandbox: Sandbox
) -> None:
    order = placed(sandbox)
    id_, key_ = id_of(order), {"Idempotency-Key": "both"}

    first = await weixin.ask(BOTH, {"id": id_}, key_)
    again = await weixin.ask(BOTH, {"id": id_}, key_)
    sandbox.fault("errcode", 10020123, path=DECODE, times=1)
    refused = await weixin.ask(BOTH, {"id": id_}, key_)

    assert again.body["extensions"]["idempotentReplay"] is True
    assert again.data["note"] == first.data["note"]
    assert again.data["address"]["order"]["shippingAddress"]["street"] == STREET
    assert len(sandbox.requests(f"{BASE}merchantnotes/update")) == 1
    assert len(sandbox.requests(DECODE)) == 3
    assert refused.data["note"] == first.data["note"]
    assert refused.data["address"] == {"order": None, "userErrors": [{"code": "RATE_LIMITED"}]}


async def test_who_asks_for_an_address_is_in_the_audit_log(
    weixin: Client, sandbox: Sandbox
) -> None:
    id_ = id_of(placed(sandbox))
    await weixin.ask(REVEAL, {"id": id_})

    found: list[tuple[str, int]] = []

    async def written() -> bool:
        events = (await weixin.ask(AUDIT)).data["auditEvents"]["nodes"]
        found[:] = sorted((one["outcome"], one["revealed"]) for one in events)
        return len(found) == 3

    await eventually(written)

    # Before the platform was asked, what came of it, and that the answer showed an address.
    assert found == [("BEGUN", 0), ("OK", 0), ("OK", 1)]


async def test_the_scope_is_one_of_its_own(
    serve: Serve, sandbox: Sandbox, keys: dict[str, Any], book: KeyManager
) -> None:
    order = id_of(placed(sandbox))
    without = key(book, [scope for scope in Scope if scope is not Scope.PII_REVEAL])
    blind = key(book, [scope for scope in Scope if scope is not Scope.PII_READ])
    async with serve(shops=[weixin_shop(sandbox)], **keys) as gateway:
        refused = await gateway.ask(REVEAL, {"id": order}, without)
        hidden = await gateway.ask(REVEAL, {"id": order}, blind)

    assert refused.codes == ["FORBIDDEN"]
    assert refused.body["data"] == {"done": None}
    assert hidden.codes == ["FORBIDDEN"]
    assert hidden.body["data"]["done"]["order"] == {"id": order, "shippingAddress": None}
    assert len(sandbox.requests(DECODE)) == 1
