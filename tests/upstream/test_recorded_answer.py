"""Recorded answers: what does not fit a wire model, what it does not name, and the mask."""

import re
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.upstream.recorded_answer import Mask, fault_of, unknown_members

MASK = Mask(b"a key")


class Line(msgspec.Struct):
    sku_id: int | str
    count: int | None = None


class Order(msgspec.Struct, rename="pascal"):
    order_id: int | str
    lines: list[Line] | None = None
    payer: Line | str | None = None


class Answer(msgspec.Struct):
    errcode: int
    order: Order


FITTING = b'{"errcode":0,"order":{"OrderId":"1","Lines":[{"sku_id":"2"}]}}'


def test_what_does_not_fit_is_told_by_types_and_path() -> None:
    assert fault_of(Answer, FITTING) is None
    assert fault_of(Answer, FITTING.replace(b'"2"', b"null")) == (
        "Expected `int | str`, got `null` - at `$.order.Lines[0].sku_id`"
    )
    assert fault_of(Answer, b'{"errcode":0}') == "Object missing required field `order`"
    assert fault_of(Answer, b"<html>") is not None


def test_members_that_no_model_names_are_told_once() -> None:
    document = {
        "errcode": 0,
        "errmsg": "ok",
        "order": {
            "OrderId": "1",
            "Lines": [{"sku_id": 1, "gift": 1}, {"sku_id": 2, "gift": 0, "sn": {"a": 1}}],
            "Payer": {"sku_id": "1", "vip": True},
            "count": 1,
        },
    }

    assert unknown_members(Answer, document) == [
        "$.errmsg",
        "$.order.Lines[].gift",
        "$.order.Lines[].sn",
        "$.order.Payer.vip",
        "$.order.count",
    ]


def test_values_of_other_forms_have_no_members() -> None:
    document = {"errcode": 0, "order": {"OrderId": "1", "Lines": "none", "Payer": "guest"}}

    assert unknown_members(Answer, document) == []


def test_what_is_the_platform_s_stays() -> None:
    document = {
        "errcode": 0,
        "errmsg": "ok",
        "status": "open_finished",
        "kind": "USER_WAIT_RETURN",
        "is_default": "1",
        "create_time": 1790000000,
        "price": 4500,
        "weight": 0.5,
        "listed": True,
        "nothing": None,
        "delivery_id": "SF",
    }

    assert MASK.masked(document) == document


def test_names_texts_and_ids_become_others_of_the_same_form() -> None:
    document = {
        "errmsg": "ok rid: 12345678-aaaa",
        "user_name": "张三 Li",
        "tel_number": "13800138000",
        "detail_info": "新港中路397号",
        "openid": "oDF3iYyVlek46AyTBbMRVV8VZVlI",
        "order_id": 3790000000000000001,
        "status": "a person's own words",
    }

    masked = MASK.masked(document)

    assert masked["errmsg"] == "ok"
    assert masked["user_name"] == "某某 Xx"
    assert re.fullmatch(r"1\d{10}", masked["tel_number"])
    assert masked["tel_number"] != document["tel_number"]
    assert masked["detail_info"] == "某某某某000某"
    assert masked["openid"] == "xXX0xXxXxxx00XxXXxXXXX0XXXxX"
    assert re.fullmatch(r"3\d{18}", str(masked["order_id"]))
    assert masked["order_id"] != document["order_id"]
    assert masked["status"] == "x xxxxxx'x xxx xxxxx"
    assert MASK.masked({"errmsg": "invalid openid oInvented1"}) == {"errmsg": "masked"}


@pytest.mark.parametrize("form", [int, str])
def test_an_id_is_masked_alike_everywhere(form: type[int] | type[str]) -> None:
    listed, read = {"ids": [form(3790000000000000001)]}, {"order_id": 3790000000000000001}

    assert str(MASK.masked(listed)["ids"][0]) == str(MASK.masked(read)["order_id"])
    assert Mask(b"another").masked(read) != MASK.masked(read)


@given(st.integers(10**10, 2**63 - 1))
def test_an_id_stays_within_its_bits(number: int) -> None:
    masked: Any = MASK.masked(number)

    assert len(str(masked)) == len(str(number))
    assert masked < 2**63


@given(st.text(st.characters(categories=["L", "N"]), min_size=2, max_size=20))
def test_no_letter_of_a_text_is_left(text: str) -> None:
    masked: Any = MASK.masked({"name": text})["name"]

    assert len(masked) == len(text)
    letters = [one for one in masked if one.isalpha()]
    assert set(letters) <= set("xX某") or re.fullmatch(r"[A-Z0-9]+(_[A-Z0-9]+)+", text)
