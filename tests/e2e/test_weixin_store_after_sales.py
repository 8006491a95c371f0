"""After-sales of a Weixin Store by GraphQL: opened by buyers, decided here, read back each time."""

from collections.abc import AsyncIterator
from typing import Any, Final

import pytest

from gateway.auth import RefundLimit
from gateway.auth.key_manager import KeyManager
from gateway.platforms.weixin_store.sandbox.state import WEIXIN
from schema.key import Key
from schema.scope import Scope
from tests.e2e.mutations import told
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client, Serve

ACCEPT_PATH: Final = "/channels/ec/aftersale/acceptapply"
REJECT_PATH: Final = "/channels/ec/aftersale/rejectapply"
NEGOTIATE_PATH: Final = "/channels/ec/aftersale/merchantupdateaftersale"
CERTIFICATES_PATH: Final = "/channels/ec/aftersale/uploadrefundcertificate"
SHIP_PATH: Final = "/channels/ec/aftersale/acceptexchangereship"
REFUSE_PATH: Final = "/channels/ec/aftersale/rejectexchangereship"
UPLOAD_PATH: Final = "/shop/ec/basics/img/upload"
PICTURE: Final = "https://mmecimage.cn/p/x/7"
ADDRESS: Final = "41000001"
#: Between two decisions on one after-sale.
MINUTE: Final = 61

FIELDS: Final = """
  id platformId status platformStatus kind reason refund { fen }
  items { platformProductId quantity }
  order { platformId status afterSaleStatus items { quantityInAfterSale quantityRefunded } }
  details {
    ... on WeixinStoreAfterSaleDetails {
      reasonCode description evidence complaintId
      returnParcel { trackingNumber carrier { code key } }
    }
  }"""
RESULT: Final = f"""
  afterSale {{ {FIELDS} }}
  userErrors {{ code field message platformError {{ endpoint code }} }} warnings {{ message }}"""
ACCEPT: Final = f"""
mutation ($input: AfterSaleAcceptInput!) {{
  done: afterSaleAccept(input: $input) {{ {RESULT} }}
}}"""
REJECT: Final = f"""
mutation ($input: AfterSaleRejectInput!) {{
  done: afterSaleReject(input: $input) {{ {RESULT} }}
}}"""
NEGOTIATE: Final = f"""
mutation ($input: AfterSaleNegotiateInput!) {{
  done: afterSaleNegotiate(input: $input) {{ {RESULT} }}
}}"""
ADD_CERTIFICATES: Final = f"""
mutation ($id: ID!, $images: [String!]!) {{
  done: afterSaleAddCertificates(id: $id, images: $images, text: "paid by transfer") {{ {RESULT} }}
}}"""
SHIP_EXCHANGE: Final = f"""
mutation ($id: ID!, $carrier: String!) {{
  done: afterSaleShipExchange(id: $id, carrier: $carrier, trackingNumber: "SF10") {{ {RESULT} }}
}}"""
ONE: Final = f"query ($id: ID!) {{ found: afterSale(id: $id) {{ {FIELDS} }} }}"
LIST: Final = f"""
{{ afterSales(first: 5) {{ nodes {{ {FIELDS} answerBefore raw }} sources {{ state }} }} }}"""
FRESH: Final = {"Cache-Control": "no-cache"}


class Store:
    """The buyers of the sandbox's store."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def order(self, **given: Any) -> Any:
        """Let a buyer place and pay an order."""
        return self.sandbox.admin("weixin/orders", **given)["order"]

    def open(self, order: Any = None, **given: Any) -> str:
        """Let the buyer of an order (None: of a new one) open an after-sale; answers its id."""
        order_id = (order or self.order())["order_id"]
        opened = self.sandbox.admin("weixin/after-sales", order_id=order_id, **given)
        own = opened["after_sale"]["after_sale_order_id"]
        return Key("AfterSale", "weixin", order_id, own).encode()

    def act(self, id_: str, act: str) -> None:
        """Let its buyer go on, a minute later."""
        self.sandbox.admin(f"weixin/after-sales/{Key.decode(id_).part}", act=act)
        self.sandbox.advance(MINUTE)

    def sent(self, path: str) -> list[Any]:
        """The bodies that were sent to a path."""
        return [request["body"] for request in self.sandbox.requests(path)]


def weixin(sandbox: Sandbox) -> dict[str, Any]:
    """A gateway's only shop: a Weixin Store."""
    shop = {"key": "weixin", "platform": "weixin_store", "name": "微信小店"}
    account = {"app_id": WEIXIN.app_id, "app_secret": WEIXIN.secret}
    return {"shops": [{**shop, **account, "base_url": sandbox.base_url}]}


@pytest.fixture
def store(sandbox: Sandbox) -> Store:
    return Store(sandbox)


@pytest.fixture
async def shop(serve: Serve, sandbox: Sandbox) -> AsyncIterator[Client]:
    async with serve(**weixin(sandbox)) as gateway:
        yield gateway


async def decide(gateway: Client, mutation: str, headers: Any = None, **given: Any) -> Any:
    """The payload of a decision."""
    takes_input = "$input" in mutation
    variables = {"input": given} if takes_input else given
    return (await gateway.ask(mutation, variables, headers)).data["done"]


async def read(gateway: Client, id_: str) -> Any:
    """The after-sale as it is read afresh."""
    return (await gateway.ask(ONE, {"id": id_}, FRESH)).data["found"]


async def test_a_return_is_agreed_to_sent_back_and_paid(shop: Client, store: Store) -> None:
    order = store.order()
    line = order["order_detail"]["product_infos"][0]
    id_ = store.open(order, type="RETURN", amount=4300)
    own = Key.decode(id_).part
    opened = await read(shop, id_)
    assert opened == {
        "id": id_,
        "platformId": own,
        "status": "APPLYING",
        "platformStatus": "MERCHANT_PROCESSING",
        "kind": "RETURN_AND_REFUND",
        "reason": "商品质量问题",
        "refund": {"fen": 4300},
        "items": [{"platformProductId": line["product_id"], "quantity": 1}],
        "order": {
            "platformId": order["order_id"],
            "status": "AWAITING_SHIPMENT",
            "afterSaleStatus": "PROCESSING",
            "items": [{"quantityInAfterSale": 1, "quantityRefunded": 0}],
        },
        "details": {
            "reasonCode": "10000021",
            "description": "盖子松了",
            "evidence": [f"media-{own}"],
            "complaintId": None,
            "returnParcel": None,
        },
    }

    agreed = await decide(shop, ACCEPT, id=id_, step="AGREE")
    assert (agreed["userErrors"], agreed["warnings"]) == ([], [])
    assert agreed["afterSale"] == await read(shop, id_)
    assert agreed["afterSale"]["platformStatus"] == "USER_WAIT_RETURN"

    store.act(id_, "send")
    back = await read(shop, id_)
    assert back["platformStatus"] == "MERCHANT_WAIT_RECEIPT"
    assert back["details"]["returnParcel"] == {
        "trackingNumber": "SF0000000000009",
        "carrier": {"code": "SF", "key": "sf"},
    }

    paid = await decide(shop, ACCEPT, id=id_, step="PAY")
    assert paid["userErrors"] == []
    assert paid["afterSale"] == await read(shop, id_)
    assert (paid["afterSale"]["status"], paid["afterSale"]["platformStatus"]) == (
        "REFUNDED",
        "MERCHANT_RETURN_SUCCESS",
    )
    assert paid["afterSale"]["order"] == {
        "platformId": order["order_id"],
        "status": "REFUNDED",
        "afterSaleStatus": "REFUNDED",
        "items": [{"quantityInAfterSale": 0, "quantityRefunded": 1}],
    }
    assert store.sent(ACCEPT_PATH) == [
        {"after_sale_order_id": own, "address_id": ADDRESS, "accept_type": 1},
        {"after_sale_order_id": own, "accept_type": 2},
    ]


async def test_a_return_is_never_accepted_without_its_step(shop: Client, store: Store) -> None:
    id_ = store.open(type="RETURN")

    assert told(await decide(shop, ACCEPT, id=id_)) == [("INVALID", "step")]
    assert told(await decide(shop, ACCEPT, id=id_, step="PAY")) == [("CONFLICT", "id")]
    await decide(shop, ACCEPT, id=id_, step="AGREE")
    store.act(id_, "send")
    # The first step once more would pay without its type.
    assert told(await decide(shop, ACCEPT, id=id_, step="AGREE")) == [("CONFLICT", "id")]
    assert len(store.sent(ACCEPT_PATH)) == 1


async def test_a_refund_is_paid_at_once(shop: Client, store: Store) -> None:
    id_ = store.open()

    paid = await decide(shop, ACCEPT, id=id_)

    assert paid["afterSale"]["platformStatus"] == "MERCHANT_REFUND_SUCCESS"
    assert store.sent(ACCEPT_PATH) == [{"after_sale_order_id": Key.decode(id_).part}]


async def test_the_list_and_the_order_have_them_newest_first(shop: Client, store: Store) -> None:
    order = store.order(count=2)
    ids = [store.open(order) for _ in range(2)]

    listed = (await shop.ask(LIST)).data["afterSales"]
    nodes = {node["id"]: node for node in listed["nodes"]}
    of_order = await shop.ask(
        "query ($id: ID!) { order(id: $id) { afterSales { id } } }",
        {"id": Key("Order", "weixin", order["order_id"]).encode()},
    )

    assert [node["id"] for node in listed["nodes"][:2]] == ids[::-1]
    assert {source["state"] for source in listed["sources"]} == {"LIVE"}
    assert [one["id"] for one in of_order.data["order"]["afterSales"]] == ids[::-1]
    newest = nodes[ids[1]]
    assert newest["answerBefore"] is not None
    assert newest["raw"]["after_sale_order_id"] == newest["platformId"]
    assert newest["raw"]["details"]["desc"] == "盖子松了"


async def test_a_reason_without_words_has_those_of_the_table(shop: Client, store: Store) -> None:
    id_ = store.open(reason="NO_LONGER_WANT")

    found = await read(shop, id_)

    assert (found["reason"], found["details"]["reasonCode"]) == ("不喜欢", "NO_LONGER_WANT")


async def test_a_rejection_has_a_reason_of_the_platform(shop: Client, store: Store) -> None:
    id_ = store.open()
    listed = await shop.ask('{ rejectReasons(shop: "weixin") { code text } }')

    done = await decide(
        shop,
        REJECT,
        id=id_,
        reasonCode=listed.data["rejectReasons"][0]["code"],
        text="as agreed",
        evidence=["m7", " m8 "],
    )

    assert listed.data["rejectReasons"][0] == {"code": "1", "text": "已与买家协商一致"}
    assert done["afterSale"]["status"] == "REJECTED"
    assert store.sent(REJECT_PATH) == [
        {
            "after_sale_order_id": Key.decode(id_).part,
            "reject_reason_type": 1,
            "reject_reason": "as agreed",
            "reject_certificates": ["m7", "m8"],
        }
    ]


async def test_an_offer_waits_for_the_buyer(shop: Client, store: Store) -> None:
    id_ = store.open(type="RETURN", amount=4300)
    given = {"id": id_, "reasonCode": "4", "text": "half of it"}

    done = await decide(shop, NEGOTIATE, **given, kind="REFUND_ONLY", refund={"amount": "20.00"})
    waiting = await read(shop, id_)
    store.act(id_, "agree")
    agreed = await read(shop, id_)

    assert done["userErrors"] == []
    assert waiting["platformStatus"] == "USER_WAIT_CONFIRM_UPDATE"
    assert (agreed["kind"], agreed["refund"]) == ("REFUND_ONLY", {"fen": 2000})
    assert store.sent(NEGOTIATE_PATH) == [
        {
            "after_sale_order_id": Key.decode(id_).part,
            "type": 1,
            "amount": 2000,
            "merchant_update_type": 3,
            "update_reason_type": 4,
            "merchant_update_desc": "half of it",
        }
    ]


async def test_a_refund_made_elsewhere_is_proved(shop: Client, store: Store) -> None:
    id_ = store.open()

    done = await decide(shop, ADD_CERTIFICATES, id=id_, images=["m7", "m8"])

    assert done["userErrors"] == []
    assert store.sent(CERTIFICATES_PATH) == [
        {
            "after_sale_order_id": Key.decode(id_).part,
            "refund_certificates": ["m7", "m8"],
            "desc": "paid by transfer",
        }
    ]


async def test_pictures_are_named_by_their_addresses_too(shop: Client, store: Store) -> None:
    id_ = store.open()

    unknown = await decide(shop, ADD_CERTIFICATES, id=id_, images=["https://example.com/1"])
    done = await decide(shop, ADD_CERTIFICATES, id=id_, images=["m7", PICTURE])

    assert told(unknown) == [("REJECTED_BY_PLATFORM", None)]
    assert done["userErrors"] == []
    (sent,) = store.sent(CERTIFICATES_PATH)
    assert sent["refund_certificates"] == ["m7", "media-7"]
    upload = store.sandbox.requests(UPLOAD_PATH)[-1]
    assert upload["body"] == {"img_url": PICTURE}
    assert (upload["query"]["upload_type"], upload["query"]["resp_type"]) == ("1", "0")


async def test_a_picture_whose_answer_was_lost_decided_nothing(shop: Client, store: Store) -> None:
    id_ = store.open()
    store.sandbox.fault("reset", path=UPLOAD_PATH, after=True)

    lost = await decide(shop, REJECT, id=id_, reasonCode="1", evidence=[PICTURE])

    assert told(lost) == [("PLATFORM_UNAVAILABLE", None)]
    assert store.sent(REJECT_PATH) == []


async def _goods_of_an_exchange_are_back(shop: Client, store: Store) -> str:
    id_ = store.open(type="EXCHANGE")
    agreed = await decide(shop, ACCEPT, id=id_)
    assert agreed["userErrors"] == []
    store.act(id_, "send")
    return id_


async def test_an_exchange_is_agreed_to_and_sent(shop: Client, store: Store) -> None:
    id_ = await _goods_of_an_exchange_are_back(shop, store)

    unknown = await decide(shop, SHIP_EXCHANGE, id=id_, carrier="nobody")
    sent = await decide(shop, SHIP_EXCHANGE, id=id_, carrier="sf")
    store.act(id_, "receive")
    done = await read(shop, id_)

    assert told(unknown) == [("INVALID", "carrier")]
    assert sent["afterSale"]["platformStatus"] == "USER_WAIT_RECEIPT"
    assert (done["status"], done["refund"]) == ("EXCHANGED", None)
    assert store.sent(SHIP_PATH) == [
        {
            "after_sale_order_id": Key.decode(id_).part,
            "waybill_id": "SF10",
            "delivery_id": "SF",
        }
    ]


async def test_new_goods_are_refused(shop: Client, store: Store) -> None:
    id_ = await _goods_of_an_exchange_are_back(shop, store)

    done = await decide(shop, REJECT, id=id_, reasonCode="21", text="other goods came back")

    assert done["afterSale"]["platformStatus"] == "MERCHANT_REJECT_EXCHANGE"
    assert store.sent(REFUSE_PATH) == [
        {
            "after_sale_order_id": Key.decode(id_).part,
            "reject_reason_type": 21,
            "reject_reason": "other goods came back",
        }
    ]


async def test_goods_are_returned_to_an_address_of_the_store(shop: Client, store: Store) -> None:
    listed = await shop.ask('{ returnAddresses(shop: "weixin") { platformId name default } }')
    id_ = store.open(type="RETURN")

    wrong = await decide(shop, ACCEPT, id=id_, step="AGREE", returnAddressId="1")
    done = await decide(shop, ACCEPT, id=id_, step="AGREE", returnAddressId=ADDRESS)

    assert listed.data["returnAddresses"] == [
        {"platformId": ADDRESS, "name": "退货组", "default": True}
    ]
    assert told(wrong) == [("REJECTED_BY_PLATFORM", None)]
    assert wrong["userErrors"][0]["platformError"]["code"] == "10021062"
    assert done["userErrors"] == []


REFUSED: Final = [
    *(
        (code, "REJECTED_BY_PLATFORM", None)
        for code in (
            10020000,
            10020001,
            10021041,
            10021043,
            10021045,
            10021046,
            10021051,
            10021060,
            10021062,
            10021068,
            10021089,
            47001,
        )
    ),
    (10021050, "NOT_FOUND", "id"),
    (10021044, "PLATFORM_UNAVAILABLE", None),
    (10021059, "RATE_LIMITED", None),
    (-1, "PLATFORM_UNAVAILABLE", None),
]


async def test_each_refusal_is_told_once_and_counts_for_nothing(
    serve: Serve, store: Store, sandbox: Sandbox, keys: dict[str, Any], book: KeyManager
) -> None:
    header = _key(book, per_day=4300)
    id_ = store.open(amount=4300)
    async with serve(**weixin(sandbox), **keys) as gateway:
        for code, expected, field in REFUSED:
            sandbox.fault("errcode", code, path=ACCEPT_PATH)
            payload = await decide(gateway, ACCEPT, header, id=id_)

            assert told(payload) == [(expected, field)], code
            assert payload["afterSale"] is None
        assert len(store.sent(ACCEPT_PATH)) == len(REFUSED)

        paid = await decide(gateway, ACCEPT, header, id=id_)

    assert paid["afterSale"]["status"] == "REFUNDED"


async def test_a_lost_answer_is_not_repeated_and_stays_counted(
    serve: Serve, store: Store, sandbox: Sandbox, keys: dict[str, Any], book: KeyManager
) -> None:
    header = _key(book, per_day=8000)
    first, second = (store.open(amount=4300) for _ in range(2))
    async with serve(**weixin(sandbox), **keys) as gateway:
        sandbox.fault("reset", path=ACCEPT_PATH, after=True)
        lost = await decide(gateway, ACCEPT, header, id=first)
        again = await gateway.ask(ACCEPT, {"input": {"id": second}}, header)

        assert told(lost) == [("OUTCOME_UNKNOWN", None)]
        assert len(store.sent(ACCEPT_PATH)) == 1
        assert again.codes == ["FORBIDDEN"]
        assert again.body["errors"][0]["message"] == (
            "This API key may refund at most 80.00 CNY a day, of which 37.00 CNY are left until"
            " midnight in China."
        )
        # It was done: the status says so, and nothing can be paid twice.
        assert told(await decide(gateway, ACCEPT, header, id=first)) == [("CONFLICT", "id")]


async def test_a_call_is_held_to_the_ceiling_of_its_key(
    serve: Serve, store: Store, sandbox: Sandbox, keys: dict[str, Any], book: KeyManager
) -> None:
    header = _key(book, per_call=4299)
    refund, goods = (
        store.open(amount=4300),
        store.open(type="RETURN", amount=4300),
    )
    async with serve(**weixin(sandbox), **keys) as gateway:
        for given in ({"id": refund}, {"id": goods, "step": "AGREE"}):
            asked = await gateway.ask(ACCEPT, {"input": given}, header)

            assert asked.codes == ["FORBIDDEN"], given
            assert asked.body["errors"][0]["message"] == (
                "This API key may refund at most 42.99 CNY a call."
            )
    assert store.sent(ACCEPT_PATH) == []


async def test_what_was_asked_for_again_is_not_paid_again(shop: Client, store: Store) -> None:
    id_ = store.open()
    once = {"Idempotency-Key": "once"}

    first = await decide(shop, ACCEPT, once, id=id_)
    again = await decide(shop, ACCEPT, once, id=id_)

    assert again == first
    assert len(store.sent(ACCEPT_PATH)) == 1


async def test_an_after_sale_of_another_order_does_not_exist(shop: Client, store: Store) -> None:
    id_ = store.open()
    other = Key("AfterSale", "weixin", "1", Key.decode(id_).part).encode()

    assert await read(shop, other) is None
    assert told(await decide(shop, ACCEPT, id=other)) == [("NOT_FOUND", "id")]
    assert store.sent(ACCEPT_PATH) == []


async def test_what_the_buyer_wrote_needs_the_scope(
    serve: Serve, store: Store, sandbox: Sandbox, keys: dict[str, Any], book: KeyManager
) -> None:
    header = _key(book, Scope.ORDERS_READ)
    id_ = store.open()
    async with serve(**weixin(sandbox), **keys) as gateway:
        asked = await gateway.ask(
            "query ($id: ID!) { afterSale(id: $id) { reason raw details"
            " { ... on WeixinStoreAfterSaleDetails { reasonCode description } } } }",
            {"id": id_},
            header,
        )

    assert sorted(asked.codes) == ["FORBIDDEN"] * 3
    assert asked.body["data"]["afterSale"] == {
        "reason": None,
        "raw": None,
        "details": {"reasonCode": "10000021", "description": None},
    }


def _key(
    book: KeyManager, *scopes: Scope, per_call: int | None = None, per_day: int | None = None
) -> dict[str, str]:
    granted = frozenset(scopes or (Scope.ORDERS_READ, Scope.PII_READ, Scope.REFUNDS_WRITE))
    limit = RefundLimit(per_call, per_day)
    made = book.add("payer", granted, frozenset({"*"}), refund_limit=limit)
    return {"Authorization": f"Bearer {made.get_secret_value()}"}
