"""The sandbox's WeChat Store orders and image upload."""

from typing import Any

import pytest

from gateway.platforms.wechat_store.sandbox.invented import Invented
from gateway.platforms.wechat_store.sandbox.state import FLAGSHIP
from tests.fixtures_sandbox import Sandbox
from tests.sandbox.calls import ask_store, code_of, sample

INVENTED = Invented()
CODES = INVENTED.codes
PNG = b"\x89PNG\r\n\x1a\n and more"
PARCEL = {"delivery_company": "059Yunda", "delivery_track_no": "1900659372473"}


def found(sandbox: Sandbox, **query: int) -> list[dict[str, Any]]:
    orders: list[dict[str, Any]] = ask_store(sandbox, "order.getbyfilter", query)["order_list"]
    return orders


def one_with(sandbox: Sandbox, status: int) -> dict[str, str]:
    return {"order_id": found(sandbox, status=status)[-1]["order_id"]}


def test_orders_are_found_by_status(sandbox: Sandbox) -> None:
    everything = found(sandbox)
    assert len(everything) == 123
    for status in (2, 3, 5, 8):
        expected = [order for order in everything if order["order_status"] == status]
        assert found(sandbox, status=status) == expected
        assert expected
    assert found(sandbox, status=7) == []


def test_orders_are_found_by_the_time_they_were_made(sandbox: Sandbox) -> None:
    everything = found(sandbox)
    middle = everything[60]["order_create_time"]
    after, before = found(sandbox, begintime=middle), found(sandbox, endtime=middle - 1)
    assert [order["order_id"] for order in before + after] == [
        order["order_id"] for order in everything
    ]
    assert everything[60] in found(sandbox, begintime=middle, endtime=middle)


def test_the_filter_leaves_the_district_out(sandbox: Sandbox) -> None:
    listed = found(sandbox)[-1]
    read = ask_store(sandbox, "order.getbyid", {"order_id": listed["order_id"]})["order"]
    assert read.keys() - listed.keys() == {"receiver_zone"}
    assert listed.items() <= read.items()


def test_a_filter_of_the_wrong_type_is_refused(sandbox: Sandbox) -> None:
    answer = ask_store(sandbox, "order.getbyfilter", {"status": "2"})
    assert code_of(answer) == CODES.bad_request


@pytest.mark.parametrize("endpoint", ["order.getbyid", "order.setdelivery", "order.close"])
def test_an_unknown_order_is_refused(sandbox: Sandbox, endpoint: str) -> None:
    body = {**sample("wechat_store", f"{endpoint}.request"), "order_id": "99"}
    assert code_of(ask_store(sandbox, endpoint, body)) == CODES.order_not_found


def test_a_known_carrier_ships(sandbox: Sandbox) -> None:
    key = one_with(sandbox, 2)
    shipped = ask_store(sandbox, "order.setdelivery", {**key, **PARCEL, "need_delivery": 1})
    assert code_of(shipped) == 0
    order = ask_store(sandbox, "order.getbyid", key)["order"]
    assert (order["order_status"], order["delivery_company"], order["delivery_id"]) == (
        3,
        "059Yunda",
        "1900659372473",
    )


def test_another_carrier_ships_by_its_name(sandbox: Sandbox) -> None:
    key = one_with(sandbox, 2)
    body = {**key, "delivery_company": "京东物流", "delivery_track_no": "JD1"}
    assert code_of(ask_store(sandbox, "order.setdelivery", body)) == CODES.carrier_unknown
    assert code_of(ask_store(sandbox, "order.setdelivery", {**body, "is_others": 1})) == 0
    order = ask_store(sandbox, "order.getbyid", key)["order"]
    assert order["delivery_company"] == "京东物流"


def test_nothing_to_deliver_needs_no_parcel(sandbox: Sandbox) -> None:
    key = one_with(sandbox, 2)
    assert code_of(ask_store(sandbox, "order.setdelivery", {**key, "need_delivery": 0})) == 0
    order = ask_store(sandbox, "order.getbyid", key)["order"]
    assert (order["order_status"], order["delivery_id"]) == (3, "")


@pytest.mark.parametrize("missing", ["delivery_company", "delivery_track_no"])
def test_a_parcel_needs_carrier_and_number(sandbox: Sandbox, missing: str) -> None:
    body = {**one_with(sandbox, 2), **PARCEL}
    del body[missing]
    assert code_of(ask_store(sandbox, "order.setdelivery", body)) == CODES.parcel_incomplete


def test_a_shipped_order_takes_another_parcel(sandbox: Sandbox) -> None:
    key = one_with(sandbox, 3)
    assert code_of(ask_store(sandbox, "order.setdelivery", {**key, **PARCEL})) == 0
    order = ask_store(sandbox, "order.getbyid", key)["order"]
    assert order["delivery_id"] == PARCEL["delivery_track_no"]


@pytest.mark.parametrize("status", [5, 6, 8])
def test_an_order_that_is_over_cannot_be_shipped(sandbox: Sandbox, status: int) -> None:
    body = {**one_with(sandbox, status), **PARCEL}
    assert code_of(ask_store(sandbox, "order.setdelivery", body)) == CODES.order_not_shippable


def test_an_order_is_closed_once(sandbox: Sandbox) -> None:
    key = one_with(sandbox, 2)
    assert code_of(ask_store(sandbox, "order.close", key)) == 0
    order = ask_store(sandbox, "order.getbyid", key)["order"]
    assert order["order_status"] == INVENTED.statuses.closed
    assert code_of(ask_store(sandbox, "order.close", key)) == CODES.order_not_closable


@pytest.mark.parametrize("status", [5, 6, 8])
def test_a_finished_order_cannot_be_closed(sandbox: Sandbox, status: int) -> None:
    key = one_with(sandbox, status)
    assert code_of(ask_store(sandbox, "order.close", key)) == CODES.order_not_closable


def upload(sandbox: Sandbox, filename: str, content: bytes) -> dict[str, Any]:
    query = {"access_token": sandbox.token(FLAGSHIP), "filename": filename}
    answer = sandbox.client.post("/merchant/common/upload_img", params=query, content=content)
    result: dict[str, Any] = answer.json()
    return result


def test_an_uploaded_image_may_stand_in_a_product(sandbox: Sandbox) -> None:
    url = upload(sandbox, "test.png", PNG)["image_url"]
    assert url.startswith("http://mmbiz.qpic.cn/mmbiz/")
    product = sample("wechat_store", "create.request")
    product["product_base"]["main_img"] = url
    assert code_of(ask_store(sandbox, "create", product)) == 0


@pytest.mark.parametrize(
    ("filename", "content", "code"),
    [
        ("", PNG, CODES.bad_request),
        ("test", PNG, CODES.bad_request),
        ("test.png", b"", CODES.image_empty),
        ("test.png", b"<html>", CODES.image_type),
    ],
)
def test_an_image_is_refused(sandbox: Sandbox, filename: str, content: bytes, code: int) -> None:
    assert code_of(upload(sandbox, filename, content)) == code
