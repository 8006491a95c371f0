"""Orders of a Weixin Store as the index keeps them: what is personal, and back."""

import msgspec
import orjson

from gateway.platforms.weixin_store.adapter.index import IndexedOrders
from gateway.platforms.weixin_store.mapping.order import order_from_wire
from gateway.platforms.weixin_store.wire.order import OrderResponse
from gateway.ports.index import KeptDocument, SplitDocument
from schema.buyer import Buyer
from schema.order import Order
from schema.order_details import WeixinStoreOrderDetails
from tests.platforms.weixin_store.samples import answer, make_shop, tree

INDEX = IndexedOrders(make_shop(), 0)


def sample() -> Order:
    wire = tree("order.get.response")["order"]
    return order_from_wire(answer("order.get", OrderResponse).order, make_shop(), lambda: wire)


def kept(split: SplitDocument, *, erased: bool = False) -> KeptDocument:
    personal = None if erased else split.personal
    return KeptDocument("3790000000000000001", split.document, "", personal)


def test_nothing_of_the_buyer_is_in_plain() -> None:
    split = INDEX.split(sample())

    assert split.personal is not None
    for word in ("oInvented1", "L*", "138****0001", "Zhejiang", "Hangzhou", "h1", "before noon"):
        assert word not in split.document
        assert word.encode() in split.personal
    assert "SF0000000000001" in split.document


def test_what_the_platform_adds_one_day_counts_as_personal() -> None:
    wire = tree("order.get.response")["order"]
    wire["order_detail"]["delivery_info"]["receiver_note"] = "second floor"
    order = order_from_wire(answer("order.get", OrderResponse).order, make_shop(), lambda: wire)

    split = INDEX.split(order)

    assert "second floor" not in split.document
    assert split.personal is not None
    assert b"second floor" in split.personal


def test_it_comes_back_as_it_was() -> None:
    order = sample()

    back = INDEX.order(kept(INDEX.split(order)))

    assert back.raw_source is not None
    assert order.raw_source is not None
    assert back.raw_source() == order.raw_source()
    assert (back.status, back.total, back.buyer_data) == (
        order.status,
        order.total,
        Buyer(open_id="oInvented1"),
    )
    assert back.shipping_address_data == order.shipping_address_data
    assert back.details == order.details
    assert [item.id() for item in back.items] == [item.id() for item in order.items]


def test_once_erased_it_has_no_buyer() -> None:
    back = INDEX.order(kept(INDEX.split(sample()), erased=True))

    assert (back.buyer_data, back.shipping_address_data) == (None, None)
    assert isinstance(back.details, WeixinStoreOrderDetails)
    assert back.details.customer_note_data is None
    assert back.total == sample().total


def test_an_order_without_a_time_keeps_its_place() -> None:
    wire = {"order_id": "1"}
    order = order_from_wire(
        msgspec.convert(wire, OrderResponse.__annotations__["order"]), make_shop(), lambda: wire
    )
    order.listed_at = 1_790_000_000

    back = INDEX.order(kept(INDEX.split(order)))

    assert (back.created_at, back.listed_at) == (None, 1_790_000_000)
    assert orjson.loads(INDEX.split(order).document)["at"] == 1_790_000_000
