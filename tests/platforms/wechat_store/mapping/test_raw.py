"""Documents as they came."""

from gateway.platforms.wechat_store.mapping.raw import RawList, raw_member
from tests.platforms.wechat_store.samples import body, tree


def test_one_entry_of_a_list() -> None:
    raw = RawList(body("order.getbyfilter.response"), "order_list")
    sample = tree("order.getbyfilter.response")["order_list"]

    assert [raw.at(0), raw.at(1)] == sample


def test_one_member() -> None:
    document = raw_member(body("order.getbyid.response"), "order")

    assert document == tree("order.getbyid.response")["order"]
