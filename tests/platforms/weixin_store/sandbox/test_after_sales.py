"""After-sales and addresses in the sandbox: what it refuses, and what a blind repeat does."""

from typing import Any

import pytest

from gateway.platforms.weixin_store.sandbox.state import WEIXIN
from tests.fixtures_sandbox import Sandbox

ACCEPT = "aftersale/acceptapply"
GET = "aftersale/getaftersaleorder"
LIST = "aftersale/getaftersalelist"
DAY = 86_400
HOUR = 3_600


class Caller:
    """Calls the store as an app does."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self._token = sandbox.token(WEIXIN)

    def __call__(self, path: str, **body: Any) -> Any:
        query = {"access_token": self._token}
        return self.sandbox.client.post(f"/channels/ec/{path}", params=query, json=body).json()

    def open(self, **given: Any) -> str:
        """Let a buyer open an after-sale."""
        order = self.sandbox.admin("weixin/orders")["order"]["order_id"]
        opened = self.sandbox.admin("weixin/after-sales", order_id=order, **given)
        own: str = opened["after_sale"]["after_sale_order_id"]
        return own

    def status(self, own: str) -> str:
        """The status of an after-sale."""
        status: str = self(GET, after_sale_order_id=own)["after_sale_order"]["status"]
        return status


@pytest.fixture
def call(sandbox: Sandbox) -> Caller:
    return Caller(sandbox)


def test_a_return_that_is_accepted_twice_without_its_step_is_paid(call: Caller) -> None:
    own = call.open(type="RETURN")
    given = {"after_sale_order_id": own, "address_id": "41000001"}

    assert call(ACCEPT, **given)["errcode"] == 0
    assert call.status(own) == "USER_WAIT_RETURN"
    call.sandbox.admin(f"weixin/after-sales/{own}", act="send")
    call.sandbox.advance(61)
    assert call(ACCEPT, **given)["errcode"] == 0
    assert call.status(own) == "MERCHANT_RETURN_SUCCESS"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, 10021060),
        ({"address_id": "1"}, 10021062),
        ({"address_id": "41000001", "accept_type": 3}, 40097),
        ({"accept_type": 2}, 10020001),
    ],
)
def test_a_return_is_not_accepted(call: Caller, given: dict[str, Any], code: int) -> None:
    own = call.open(type="RETURN")

    assert call(ACCEPT, after_sale_order_id=own, **given)["errcode"] == code
    assert call.status(own) == "MERCHANT_PROCESSING"


def test_one_decision_a_minute_on_one_after_sale(call: Caller) -> None:
    own = call.open(type="EXCHANGE")
    assert call(ACCEPT, after_sale_order_id=own)["errcode"] == 0
    call.sandbox.admin(f"weixin/after-sales/{own}", act="send")
    parcel = {"after_sale_order_id": own, "waybill_id": "SF1", "delivery_id": "SF"}

    assert call("aftersale/acceptexchangereship", **parcel)["errcode"] == 10021059
    call.sandbox.advance(61)
    assert call("aftersale/acceptexchangereship", **parcel)["errcode"] == 0


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("aftersale/rejectapply", {"reject_reason_type": 1}),
        (
            "aftersale/merchantupdateaftersale",
            {
                "type": 1,
                "amount": 1,
                "merchant_update_type": 3,
                "update_reason_type": 1,
                "merchant_update_desc": "x",
            },
        ),
        ("aftersale/acceptexchangereship", {"waybill_id": "SF1", "delivery_id": "SF"}),
        ("aftersale/rejectexchangereship", {"reject_reason_type": 1, "reject_reason": "x"}),
        (ACCEPT, {}),
    ],
)
def test_what_is_over_is_not_decided_on(call: Caller, path: str, given: dict[str, Any]) -> None:
    own = call.open()
    call.sandbox.admin(f"weixin/after-sales/{own}", act="cancel")

    assert call(path, after_sale_order_id=own, **given)["errcode"] == 10020001


@pytest.mark.parametrize("own", ["1", 2090000000000001, None])
def test_an_after_sale_that_does_not_exist_or_is_a_number(call: Caller, own: object) -> None:
    code = 10021050 if own == "1" else 40097

    assert call(GET, after_sale_order_id=own)["errcode"] == code


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, 10020003),
        ({"begin_create_time": 1}, 10020003),
        ({"begin_create_time": 1, "end_create_time": DAY + 2}, 10020004),
        ({"begin_update_time": 2, "end_update_time": 1}, 10020004),
        ({"begin_update_time": 1, "end_update_time": DAY + 1}, 0),
    ],
)
def test_a_list_spans_a_day(call: Caller, given: dict[str, int], code: int) -> None:
    assert call(LIST, **given)["errcode"] == code


def test_a_list_has_pages_and_finds_what_changed(call: Caller) -> None:
    ids = [call.open() for _ in range(12)]
    now = int(call.sandbox.state()["now"])
    span = {"begin_create_time": now - 60, "end_create_time": now + 60}
    first = call(LIST, **span)
    second = call(LIST, **span, next_key=first["next_key"])
    call.sandbox.advance(HOUR)
    call.sandbox.admin(f"weixin/after-sales/{ids[3]}", act="cancel")
    changed = call(LIST, begin_update_time=now + HOUR - 60, end_update_time=now + HOUR + 60)

    assert (first["has_more"], second["has_more"]) == (True, False)
    assert first["after_sale_order_id_list"] + second["after_sale_order_id_list"] == ids
    assert changed["after_sale_order_id_list"] == [ids[3]]


@pytest.mark.parametrize(
    ("own", "act", "status"),
    [("1", "cancel", 404), (None, "receive", 400), (None, "agree", 400), (None, "wait", 400)],
)
def test_what_buyers_cannot_do(call: Caller, own: str | None, act: str, status: int) -> None:
    path = f"/_sandbox/weixin/after-sales/{own or call.open()}"

    assert call.sandbox.client.post(path, json={"act": act}).status_code == status


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"order_id": "1"}, 404),
        ({"product_id": "1"}, 404),
        ({"count": 2}, 400),
        ({"app_id": "wx0"}, 400),
        ({"type": "GIFT"}, 400),
    ],
)
def test_what_is_not_opened(call: Caller, given: dict[str, Any], status: int) -> None:
    order = call.sandbox.admin("weixin/orders")["order"]["order_id"]
    answer = call.sandbox.client.post(
        "/_sandbox/weixin/after-sales", json={"order_id": order, **given}
    )

    assert answer.status_code == status


def test_an_address_that_does_not_exist(call: Caller) -> None:
    assert call("merchant/address/get", address_id="1")["errcode"] == 10021062
    assert call("merchant/address/list", offset=1, limit=5)["address_id_list"] == ["41000002"]
