"""The sandbox's admin calls: the log, buyers' doings, the clock, a new start."""

import threading
from typing import Any

import pytest

from gateway.platforms.wechat_store.sandbox.invented import Invented
from gateway.platforms.wechat_store.sandbox.state import FLAGSHIP
from gateway.registry import sandbox_parts
from gateway.sandbox.app import create_sandbox
from tests.fixtures_sandbox import Sandbox, served
from tests.sandbox.calls import ask_store, code_of, import_orders, sample

AWAITING_PAYMENT = Invented().statuses.awaiting_payment


def test_the_log_counts_and_keeps_requests_without_secrets(sandbox: Sandbox) -> None:
    token = sandbox.token(FLAGSHIP)
    ask_store(sandbox, "group.getbyid", {"group_id": 29}, token)
    ask_store(sandbox, "group.getbyid", {"group_id": 99}, token)
    identity = {"appid": FLAGSHIP.app_id, "secret": FLAGSHIP.secret}
    sandbox.client.post("/cgi-bin/stable_token", json=identity)
    assert sandbox.counts() == {
        "/cgi-bin/token": 1,
        "/merchant/group/getbyid": 2,
        "/cgi-bin/stable_token": 1,
    }
    first, second = sandbox.requests("/merchant/group/getbyid")
    assert (first["app_id"], first["query"], first["body"]) == (
        FLAGSHIP.app_id,
        {},
        {"group_id": 29},
    )
    assert (first["status"], first["outcome"]) == (200, 0)
    assert second["outcome"] == Invented().codes.group_not_found
    text = sandbox.client.get("/_sandbox/log").text
    assert token not in text
    assert FLAGSHIP.secret not in text
    sandbox.clear_log()
    assert sandbox.counts() == {}


def test_the_log_tells_actions_apart_and_shows_bytes_by_their_number(sandbox: Sandbox) -> None:
    import_orders(sandbox, "add-order")
    assert "/mall/importorder?action=add-order" in sandbox.counts()
    path = "/merchant/common/upload_img"
    sandbox.client.post(path, content=b"\x89PNG")
    assert sandbox.requests(path)[0]["body"] == "4 bytes"


def test_the_log_tells_a_request_without_answer(sandbox: Sandbox) -> None:
    sandbox.fault("empty", path="/merchant/")
    ask = sandbox.client.get("/merchant/group/getall")
    assert ask.content == b""
    logged = sandbox.requests("/merchant/group/getall")[0]
    assert (logged["status"], logged["outcome"]) == (200, None)


def test_the_log_tells_how_many_were_under_way(sandbox: Sandbox) -> None:
    sandbox.fault("latency", 0.3, path="/merchant/", times=None)
    asking = [
        threading.Thread(target=sandbox.client.get, args=("/merchant/group/getall",))
        for _ in range(3)
    ]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert sandbox.peaks()["/merchant/group/getall"] == 3


def test_a_buyer_places_an_order_and_pays(sandbox: Sandbox) -> None:
    product = ask_store(sandbox, "getbystatus", {"status": 1})["products_info"][0]
    sku = product["sku_list"][0]
    order = sandbox.order(product_id=product["product_id"], sku_id=sku["sku_id"], count=2)
    assert order["order_status"] == 2
    assert order["order_total_price"] == 2 * sku["price"]
    read = ask_store(sandbox, "order.getbyid", {"order_id": order["order_id"]})["order"]
    assert read == order
    after = ask_store(sandbox, "get", {"product_id": product["product_id"]})["product_info"]
    assert after["sku_list"][0]["quantity"] == sku["quantity"] - 2


def test_an_unpaid_order_is_paid_later(sandbox: Sandbox) -> None:
    order = sandbox.order(paid=False)
    assert (order["order_status"], order["trans_id"]) == (AWAITING_PAYMENT, "")
    sandbox.set_order_status(order["order_id"], 2)
    read = ask_store(sandbox, "order.getbyid", {"order_id": order["order_id"]})["order"]
    assert read["order_status"] == 2
    assert read["trans_id"]


@pytest.mark.parametrize(
    ("call", "body", "status"),
    [
        ("orders", {"product_id": "pUnknown"}, 404),
        ("orders", {"count": 100000}, 404),
        ("orders", {"app_id": "wxunknown"}, 400),
        ("orders", {"count": "2"}, 400),
        ("orders/unknown", {"status": 5}, 404),
        ("orders/unknown", {}, 400),
        ("clock", {}, 400),
        ("reset", {"now": "today"}, 400),
    ],
)
def test_what_cannot_be_is_refused(
    sandbox: Sandbox, call: str, body: dict[str, object], status: int
) -> None:
    assert sandbox.client.post(f"/_sandbox/{call}", json=body).status_code == status


@pytest.mark.parametrize("content", [b"{", b"[]"])
def test_an_admin_call_that_is_no_object_is_refused(sandbox: Sandbox, content: bytes) -> None:
    answer = sandbox.client.post("/_sandbox/clock", content=content)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("the body is no JSON")


def test_a_reset_forgets_everything(sandbox: Sandbox) -> None:
    before = sandbox.state()
    token = sandbox.token(FLAGSHIP)
    ask_store(sandbox, "del", sample("wechat_store", "del.request"), token)
    sandbox.fault("errcode", 1, times=None)
    sandbox.advance(100_000)
    sandbox.reset(now=before["seeded_at"])
    after = sandbox.state()
    assert {**after, "now": 0} == {**before, "now": 0}
    assert after["now"] < before["now"] + 60
    assert sandbox.counts() == {}
    assert code_of(ask_store(sandbox, "group.getall", token=token)) == 40014


def test_a_reset_may_draw_another_shop(sandbox: Sandbox) -> None:
    before = sandbox.state()
    sandbox.client.post("/_sandbox/reset", json={"now": 1_700_000_000, "seed": 7})
    after = sandbox.state()
    assert after["seeded_at"] == 1_700_000_000
    assert after["shops"] != before["shops"]


def test_who_listens_hears_of_each_paid_order() -> None:
    heard: list[tuple[str, str]] = []

    async def paid(app_id: str, order: dict[str, Any]) -> None:
        heard.append((app_id, order["order_id"]))

    with served(create_sandbox(sandbox_parts(), paid=paid)) as sandbox:
        first = sandbox.order()["order_id"]
        second = sandbox.order(paid=False)["order_id"]
        assert heard == [(FLAGSHIP.app_id, first)]
        sandbox.set_order_status(second, 2)
        sandbox.set_order_status(second, 5)
        assert heard == [(FLAGSHIP.app_id, first), (FLAGSHIP.app_id, second)]
