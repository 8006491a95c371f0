"""Documents as they came."""

import msgspec
import pytest

from gateway.platforms.wechat_store.adapter.raw import RawList, raw_member
from gateway.platforms.wechat_store.wire.order import OrderResponse, OrdersResponse
from tests.platforms.wechat_store.samples import body, tree


def test_one_entry_of_a_list() -> None:
    raw = RawList(body("order.getbyfilter.response"), "order_list")
    sample = tree("order.getbyfilter.response")["order_list"]

    assert [raw.at(0), raw.at(1)] == sample


def test_one_member() -> None:
    document = raw_member(body("order.getbyid.response"), "order")

    assert document == tree("order.getbyid.response")["order"]


def _with_remark(sample: str, remark: bytes) -> bytes:
    """A sample whose last order has a member that no manual names."""
    place = b'"order_id"'
    before, after = body(sample).rsplit(place, 1)
    return b"%b%b,%b%b" % (before, remark, place, after)


@pytest.mark.parametrize(
    ("remark", "name", "read"),
    [
        (b'"remark":"caf\xc3"', "remark", "caf\ufffd"),
        (b'"remark\xc3":"tea"', "remark\ufffd", "tea"),
    ],
    ids=["its value", "its name"],
)
def test_what_is_broken_where_nobody_looked_hides_no_document(
    remark: bytes, name: str, read: str
) -> None:
    """The wire model passes over members that it does not know."""
    one = _with_remark("order.getbyid.response", remark)
    many = _with_remark("order.getbyfilter.response", remark)
    first, second = tree("order.getbyfilter.response")["order_list"]

    msgspec.json.decode(one, type=OrderResponse)
    msgspec.json.decode(many, type=OrdersResponse)
    raw = RawList(many, "order_list")

    assert raw_member(one, "order") == {**tree("order.getbyid.response")["order"], name: read}
    assert [raw.at(1), raw.at(0)] == [{**second, name: read}, first]


def test_a_list_in_gb18030_is_shown() -> None:
    text = '{"order_list":[{"remark":"茶茶"},{"remark":"红"}]}'.encode("gb18030")
    raw = RawList(text, "order_list")

    assert [raw.at(1), raw.at(0)] == [{"remark": "红"}, {"remark": "茶茶"}]


def test_a_list_that_is_no_json_cannot_be_shown() -> None:
    raw = RawList(b'{"order_list":[{"remark":"\xff"},{"remark":]}', "order_list")

    for _ in range(2):
        with pytest.raises(ValueError, match="malformed"):
            raw.at(0)
