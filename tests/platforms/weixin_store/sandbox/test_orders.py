"""Orders of the Weixin Store in the sandbox, asked as a client that nobody here wrote would."""

from collections.abc import Iterator
from typing import Any

import pytest

from gateway.concurrency.clock import DAY
from gateway.platforms.weixin_store.sandbox.invented import Invented
from gateway.platforms.weixin_store.sandbox.part import WeixinStoreSandbox
from gateway.platforms.weixin_store.sandbox.state import WEIXIN
from gateway.sandbox.app import create_sandbox
from tests.fixtures_platform_clients import NOW
from tests.fixtures_sandbox import Sandbox, served
from tests.sandbox.calls import to_json

LIST, GET = "order/list/get", "order/get"
WEEK = {"start_time": NOW - 7 * DAY, "end_time": NOW}


@pytest.fixture
def store(sandbox: Sandbox) -> Sandbox:
    sandbox.reset(now=NOW)
    return sandbox


@pytest.fixture
def small_windows() -> Iterator[Sandbox]:
    """A sandbox whose lists take at most three orders."""
    part = WeixinStoreSandbox(Invented(most_orders_in_a_window=3))
    with served(create_sandbox([part])) as sandbox:
        yield sandbox


def ask(sandbox: Sandbox, call: str, body: Any) -> dict[str, Any]:
    answer = sandbox.client.post(
        f"/channels/ec/{call}",
        params={"access_token": sandbox.token(WEIXIN)},
        content=to_json(body),
    )
    result: dict[str, Any] = answer.json()
    return result


def known(sandbox: Sandbox) -> list[dict[str, Any]]:
    (shop,) = sandbox.shops("weixin_store").values()
    return list(shop["orders"].values())


def test_a_list_has_ids_alone_and_its_pages_fit_together(store: Sandbox) -> None:
    body = {"create_time_range": WEEK, "page_size": 7}
    found: list[str] = []
    while True:
        page = ask(store, LIST, body)
        found += page["order_id_list"]
        assert page.keys() == {"errcode", "errmsg", "order_id_list", "next_key", "has_more"}
        if not page["has_more"]:
            break
        body = body | {"next_key": page["next_key"]}

    expected = {one["order_id"] for one in known(store) if one["create_time"] >= NOW - 7 * DAY}
    assert len(found) == len(set(found))
    assert set(found) == expected
    assert page["next_key"] == ""


def test_while_pages_are_turned_nothing_else_may_change(store: Sandbox) -> None:
    page = ask(store, LIST, {"create_time_range": WEEK, "page_size": 3})

    other = {"create_time_range": WEEK, "page_size": 4, "next_key": page["next_key"]}
    assert ask(store, LIST, other)["errcode"] == 606006


@pytest.mark.parametrize(
    ("status", "codes"),
    [(20, {20, 21}), (30, {30, 21}), (21, {21}), (250, {250, 200}), (200, {200})],
)
def test_some_statuses_include_others(store: Sandbox, status: int, codes: set[int]) -> None:
    orders = {one["order_id"]: one for one in known(store)}
    found: set[int] = set()
    for begin in range(NOW - 91 * DAY, NOW, 7 * DAY):
        span = {"start_time": begin, "end_time": begin + 7 * DAY}
        body = {"create_time_range": span, "status": status, "page_size": 100}
        found |= {orders[id_]["status"] for id_ in ask(store, LIST, body)["order_id_list"]}

    assert found == codes


def test_a_list_by_change_has_what_was_created_before(store: Sandbox) -> None:
    oldest = min(known(store), key=lambda one: one["create_time"])
    change = {"status": 100}
    assert store.client.post(
        f"/_sandbox/weixin/orders/{oldest['order_id']}", json=change
    ).is_success
    (now,) = {one["update_time"] for one in known(store) if one["order_id"] == oldest["order_id"]}

    span = {"start_time": now, "end_time": now + 60}
    listed = ask(store, LIST, {"update_time_range": span, "page_size": 100})

    assert listed["order_id_list"] == [oldest["order_id"]]


@pytest.mark.parametrize(
    "body",
    [
        {"page_size": 10},
        {"create_time_range": WEEK},
        {"create_time_range": WEEK, "page_size": 101},
        {"create_time_range": WEEK, "page_size": 0},
        {"create_time_range": WEEK | {"end_time": NOW + 1}, "page_size": 10},
        {"update_time_range": WEEK | {"start_time": NOW + 1}, "page_size": 10},
        {"create_time_range": WEEK, "page_size": "10"},
    ],
)
def test_a_request_that_is_not_as_printed_is_refused(store: Sandbox, body: Any) -> None:
    assert ask(store, LIST, body)["errcode"] == 40097


def test_a_window_with_too_many_orders_is_refused(small_windows: Sandbox) -> None:
    (now,) = {int(small_windows.state()["seeded_at"])}
    span = {"start_time": now - 7 * DAY, "end_time": now}

    answer = ask(small_windows, LIST, {"create_time_range": span, "page_size": 10})

    assert answer["errcode"] == 31042


def test_an_order_is_masked_but_where_it_goes(store: Sandbox) -> None:
    order = known(store)[0]
    address = order["order_detail"]["delivery_info"]["address_info"]

    answer = ask(store, GET, {"order_id": order["order_id"]})["order"]

    shown = answer["order_detail"]["delivery_info"]["address_info"]
    assert shown == address | {
        "user_name": f"{address['user_name'][0]}*",
        "tel_number": f"{address['tel_number'][:3]}****{address['tel_number'][-4:]}",
        "detail_info": "****",
    }


def test_an_unknown_order_is_refused(store: Sandbox) -> None:
    assert ask(store, GET, {"order_id": "1"})["errcode"] == 100002


def test_an_id_that_is_a_number_is_refused(store: Sandbox) -> None:
    order = int(known(store)[0]["order_id"])

    assert ask(store, GET, {"order_id": order})["errcode"] == 40097


def test_buyers_order_and_pay(store: Sandbox) -> None:
    placed = store.client.post("/_sandbox/weixin/orders", json={"paid": False}).json()["order"]
    assert (placed["status"], placed["order_detail"]["pay_info"]) == (10, {"payment_method": 1})

    store.client.post(f"/_sandbox/weixin/orders/{placed['order_id']}", json={"status": 20})

    paid = ask(store, GET, {"order_id": placed["order_id"]})["order"]
    assert paid["status"] == 20
    assert paid["order_detail"]["pay_info"]["pay_time"] == paid["update_time"]


@pytest.mark.parametrize(
    ("path", "body"),
    [("weixin/orders", {"sku_id": "1"}), ("weixin/orders/1", {"status": 20})],
)
def test_buyers_find_nothing_that_is_not_there(store: Sandbox, path: str, body: Any) -> None:
    assert store.client.post(f"/_sandbox/{path}", json=body).status_code == 404


def test_the_sample_s_amounts_satisfy_the_formulas(store: Sandbox) -> None:
    for order in known(store):
        prices = order["order_detail"]["price_info"]
        original = prices["product_price"] + prices["freight"]
        assert prices["original_order_price"] == original
        assert prices["order_price"] == original - prices["discounted_price"]


def test_what_buyers_order_leaves_the_stock(store: Sandbox) -> None:
    line = known(store)[0]["order_detail"]["product_infos"][0]
    named = {"product_id": line["product_id"], "sku_id": line["sku_id"]}
    token = {"access_token": store.token(WEIXIN)}
    given = {**named, "diff_type": 3, "num": 20}
    path = "/channels/ec/product/stock/"
    assert store.client.post(f"{path}update", params=token, json=given).json()["errcode"] == 0

    def placed(count: int, *, paid: bool = True) -> dict[str, Any]:
        made = store.admin("weixin/orders", **named, count=count, paid=paid)
        order: dict[str, Any] = made["order"]
        return order

    def told() -> list[int]:
        """What the events said was left."""
        (shop,) = store.shops("weixin_store").values()
        name = "channels_ec_stock_no_enough"
        events = [one[name] for one in shop["events"] if one["Event"] == name]
        assert all({**one, **named} == one for one in events)
        return [one["remaining_stock_amount"] for one in events]

    bought = placed(10)
    assert told() == []
    unpaid = placed(1, paid=False)
    assert told() == [9]
    sold_out = store.client.post("/_sandbox/weixin/orders", json={**named, "count": 10})
    # What was not paid comes back, and what is refunded does not.
    for order, status in ((unpaid, 250), (bought, 200)):
        store.admin(f"weixin/orders/{order['order_id']}", status=status)

    assert sold_out.status_code == 404
    entries = store.client.post(
        f"{path}getflow",
        params=token,
        json={
            **named,
            "stock_type": 0,
            "begin_time": 0,
            "end_time": 2**32,
            "page_size": 20,
            "op_type_list": [4, 5],
        },
    ).json()["data"]["stock_flow_info_list"]
    assert [
        (one["op_type"], one["amount"], one["ending_amount"], one["ext_info"]["order_id"])
        for one in entries
    ] == [
        (5, 1, 10, unpaid["order_id"]),
        (4, 1, 9, unpaid["order_id"]),
        (4, 10, 10, bought["order_id"]),
    ]
