from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest

from gateway.platforms.mini_program.endpoints import (
    ADD_ORDER,
    ENDPOINTS,
    GET_DELIVERY_LIST,
    GET_PARTNER_ORDER,
    GET_PAYMENT,
    QUERY_WANTED,
    UPDATE_ORDER,
)
from gateway.platforms.mini_program.wire.order import ImportOrders, OrdersDone, UpdateOrders
from gateway.upstream.endpoint import Endpoint, LostAnswer
from tests.platforms.mini_program.samples import body, sample

ROWS = [pytest.param(row, id=row.name) for row in ENDPOINTS]


def test_the_table_has_every_call_once() -> None:
    assert [row.name for row in ENDPOINTS] == [
        "importorder.add",
        "importorder.update",
        "deleteorder",
        "addshoppinglist",
        "deleteshoppinglist",
        "queryshoppinglist",
        "importproduct",
        "brandmanage.set_shoppingcart_path",
        "cooperation.order.get",
        "upload_shipping_info",
        "sec.get_order",
        "get_order_list",
        "get_delivery_list",
        "is_trade_managed",
        "get_order_detail_path",
        "update_order_detail_path",
    ]


@pytest.mark.parametrize("row", ROWS)
def test_a_row_stands_where_its_sample_comes_from(row: Endpoint[Any, Any]) -> None:
    query = f"?{urlencode(row.query)}" if row.query else ""

    assert row.method == "POST"
    assert row.path + query == sample("sources")[row.name]["path"]


@pytest.mark.parametrize("row", ROWS)
def test_a_request_is_written_as_its_sample(row: Endpoint[Any, Any]) -> None:
    request = msgspec.json.decode(body(f"{row.name}.request"), type=row.request)

    sent = msgspec.to_builtins(request, str_keys=True)

    assert msgspec.json.decode(msgspec.json.encode(sent)) == sample(f"{row.name}.request")


@pytest.mark.parametrize("row", ROWS)
def test_an_answer_is_read_from_its_sample(row: Endpoint[Any, Any]) -> None:
    answer = msgspec.json.decode(body(f"{row.name}.response"), type=row.response)

    assert isinstance(answer, row.response)


@pytest.mark.parametrize(
    ("name", "after"),
    [
        ("importorder.add", LostAnswer.LOOK),
        ("importorder.update", LostAnswer.REPEAT),
        ("deleteorder", LostAnswer.REPEAT),
        ("addshoppinglist", LostAnswer.REPEAT),
        ("deleteshoppinglist", LostAnswer.REPEAT),
        ("importproduct", LostAnswer.REPEAT),
        ("brandmanage.set_shoppingcart_path", LostAnswer.REPEAT),
        ("upload_shipping_info", LostAnswer.LOOK),
    ],
)
def test_what_follows_a_lost_answer_to_a_write(name: str, after: LostAnswer) -> None:
    (row,) = (row for row in ENDPOINTS if row.name == name)

    assert row.after_lost_answer is after
    assert not row.repeatable


def test_reads_may_be_repeated_and_orders_kept() -> None:
    assert QUERY_WANTED.shareable
    assert QUERY_WANTED.ttl is None
    assert GET_PARTNER_ORDER.shareable
    assert GET_PARTNER_ORDER.ttl == "orders"
    assert (GET_PAYMENT.shareable, GET_PAYMENT.ttl) == (True, "orders")
    assert (GET_DELIVERY_LIST.shareable, GET_DELIVERY_LIST.ttl) == (True, "catalogue")


def test_history_and_test_go_into_the_url() -> None:
    assert ADD_ORDER.query_fields == ("is_history", "is_test")
    assert UPDATE_ORDER.query_fields == ("is_history",)
    assert ImportOrders(order_list=()).is_history == 0
    assert ImportOrders(order_list=()).is_test is None
    assert UpdateOrders(order_list=()).is_history == 0


def test_the_orders_that_failed_are_told_one_by_one() -> None:
    answer = msgspec.json.decode(body("importorder.update.failed.response"), type=OrdersDone)

    assert [(order.order_id, order.error_code) for order in answer.failed] == [
        ("1517713509sample0001", 10001)
    ]


def test_a_failed_order_may_come_as_the_object_that_the_page_lists() -> None:
    raw = b'{"errcode": 9009301, "fail_order_list": {"order_id": "1", "error_code": "-2"}}'

    answer = msgspec.json.decode(raw, type=OrdersDone)

    assert [(order.order_id, order.error_code) for order in answer.failed] == [("1", "-2")]
