"""A day of a Weixin Store through GraphQL alone: each step is read back, and followed live."""

from typing import Any, Final

from schema.key import Key
from tests.e2e.mutations import told as refusals
from tests.e2e.test_weixin_events import shop, told
from tests.e2e.test_weixin_store_after_sales import ACCEPT, MINUTE, Store, decide, read
from tests.e2e.weixin_shop import (
    AUDIT,
    CREATE,
    FRESH,
    PRICE,
    PRODUCT,
    SET_STOCK,
    SUBMIT,
    done,
    new_product,
    uploaded,
)
from tests.feed.subscribers import Events, following
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client, Serve

READ_PRODUCT: Final = f"query ($id: ID!) {{ product(id: $id) {{ {PRODUCT} }} }}"
ORDER: Final = """
  status paidAt total { fen }
  items { id quantity }
  shipments { carrier { code } trackingNumber items { quantity } }
  details { ... on WeixinStoreOrderDetails { merchantNote } }"""
READ_ORDER: Final = f"query ($id: ID!) {{ order(id: $id) {{ {ORDER} }} }}"
RESULT: Final = f"order {{ {ORDER} }} userErrors {{ code field message }}"
REPRICE: Final = f"""
mutation ($input: OrderRepriceInput!) {{ done: orderReprice(input: $input) {{ {RESULT} }} }}"""
NOTE: Final = f"""
mutation ($id: ID!, $note: String!) {{
  done: orderSetNote(id: $id, note: $note) {{ {RESULT} }}
}}"""
SHIP: Final = f"""
mutation ($input: OrderShipInput!) {{ done: orderShip(input: $input) {{ {RESULT} }} }}"""
CHANGES: Final = """
subscription { orderChanged { cause status previousStatus order { platformId status } } }"""


class Followed:
    """An order as it is read, and its changes as they come."""

    def __init__(self, gateway: Client, changes: Events, order: dict[str, Any]) -> None:
        self._gateway = gateway
        self._changes = changes
        self.platform_id = order["order_id"]
        self.id = Key("Order", "weixin", self.platform_id).encode()

    async def read(self) -> Any:
        """The order as it is read afresh."""
        return (await self._gateway.ask(READ_ORDER, {"id": self.id}, FRESH)).data["order"]

    async def change(self) -> tuple[str | None, str]:
        """The statuses before and after the next change that is told."""
        change = (await self._changes.next())["orderChanged"]
        assert change["order"]["platformId"] == self.platform_id
        assert change["order"]["status"] == change["status"]
        return change["previousStatus"], change["status"]

    async def changed(self, operation: str, **given: Any) -> Any:
        """The order as a mutation answers it, which is what is read after it."""
        payload = await done(self._gateway, operation, **given)
        assert refusals(payload) == []
        assert await self.read() == payload["order"]
        return payload["order"]


async def goods_are_listed(gateway: Client, sandbox: Sandbox) -> None:
    """A draft passes its audit; its stock and its price are set."""
    pictures = await uploaded(gateway, 4)
    given = new_product(
        mainImage=pictures[0], images=pictures[1:3], detail=[{"image": pictures[3]}]
    )
    product = (await done(gateway, CREATE, **given))["product"]
    (submitted,) = (await done(gateway, SUBMIT, id=product["id"]))["products"]
    assert submitted["details"]["draftStatus"] == "IN_AUDIT"
    sandbox.advance(AUDIT)
    small, large = (await _product(gateway, product["id"]))["skus"]
    await done(gateway, SET_STOCK, input=[{"byId": {"id": small["id"], "stock": 7}}])
    await done(gateway, PRICE, id=large["id"], price={"amount": "268.00"})

    listed = await _product(gateway, product["id"])
    assert (listed["status"], listed["details"]["draftStatus"]) == ("ON_SHELF", "PASSED")
    assert listed["totalStock"] == 7 + large["stock"]
    assert [sku["price"]["fen"] for sku in listed["skus"]] == [16800, 26800]


async def _product(gateway: Client, id_: str) -> Any:
    return (await gateway.ask(READ_PRODUCT, {"id": id_}, FRESH)).data["product"]


async def order_is_shipped(followed: Followed, gateway: Client, sandbox: Sandbox, at: int) -> None:
    """An order is repriced, paid by event, annotated, shipped in two parcels and corrected."""
    order = {"order_id": followed.platform_id, "openid": "oBuyer"}
    await told(gateway, order, "new", at)
    assert await followed.change() == (None, "AWAITING_PAYMENT")
    before = (await followed.read())["total"]["fen"]
    price = {"id": followed.id, "shippingFee": {"fen": 0}}
    assert (await followed.changed(REPRICE, input=price))["total"]["fen"] == before - 600

    path = f"/_sandbox/weixin/orders/{followed.platform_id}"
    assert sandbox.client.post(path, json={"status": 20}).status_code == 200
    await told(gateway, order, "pay", at + 1, pay_time=str(at + 1))
    assert await followed.change() == ("AWAITING_PAYMENT", "AWAITING_SHIPMENT")
    paid = await followed.read()
    assert paid["paidAt"] is not None
    noted = await followed.changed(NOTE, id=followed.id, note="送贺卡")
    assert noted["details"] == {"merchantNote": "送贺卡"}

    (line,) = paid["items"]
    items = [{"itemId": line["id"], "quantity": 1}]
    parcels = [{"carrier": "sf", "trackingNumber": f"SF{n}", "items": items} for n in (1, 2)]
    first = await followed.changed(SHIP, input={"id": followed.id, "parcels": parcels[:1]})
    assert first["status"] == "PARTIALLY_SHIPPED"
    assert await followed.change() == ("AWAITING_SHIPMENT", "PARTIALLY_SHIPPED")
    second = await followed.changed(SHIP, input={"id": followed.id, "parcels": parcels[1:]})
    assert second["status"] == "SHIPPED"
    assert await followed.change() == ("PARTIALLY_SHIPPED", "SHIPPED")
    assert [parcel["trackingNumber"] for parcel in second["shipments"]] == ["SF1", "SF2"]
    assert [parcel["items"] for parcel in second["shipments"]] == [[{"quantity": 1}]] * 2

    right = [parcels[0] | {"carrier": "zto", "trackingNumber": "ZTO1"}, parcels[1]]
    given = {"id": followed.id, "parcels": right, "correct": True}
    corrected = await followed.changed(SHIP, input=given)
    assert {parcel["trackingNumber"] for parcel in corrected["shipments"]} == {"ZTO1", "SF2"}


async def after_sale_is_paid(order: dict[str, Any], gateway: Client, store: Store) -> None:
    """An after-sale is opened, agreed to, sent back and paid."""
    id_ = store.open(order, type="RETURN", amount=4300)
    assert (await read(gateway, id_))["platformStatus"] == "MERCHANT_PROCESSING"
    agreed = await decide(gateway, ACCEPT, id=id_, step="AGREE")
    assert agreed["afterSale"] == await read(gateway, id_)
    assert agreed["afterSale"]["platformStatus"] == "USER_WAIT_RETURN"
    store.act(id_, "send")
    assert (await read(gateway, id_))["platformStatus"] == "MERCHANT_WAIT_RECEIPT"
    paid = await decide(gateway, ACCEPT, id=id_, step="PAY")
    assert paid["afterSale"] == await read(gateway, id_)
    assert paid["afterSale"]["status"] == "REFUNDED"


async def test_a_day_of_a_store(serve: Serve, sandbox: Sandbox) -> None:
    store = Store(sandbox)
    async with serve(shops=[shop(sandbox)]) as gateway, following(gateway.http, CHANGES) as changes:
        await goods_are_listed(gateway, sandbox)
        order = store.order(count=2, paid=False)
        followed = Followed(gateway, changes, order)
        await order_is_shipped(followed, gateway, sandbox, order["create_time"])
        sandbox.advance(MINUTE)
        await after_sale_is_paid(order, gateway, store)
