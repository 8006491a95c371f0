"""After-sales, reject reasons and addresses, from the reference's samples."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from gateway.platforms.weixin_store.mapping.after_sale import (
    AFTER_SALE_STATUS,
    after_sale_from_wire,
    reject_reasons_from_wire,
    return_address_from_wire,
)
from gateway.platforms.weixin_store.wire import address
from gateway.platforms.weixin_store.wire import after_sale as wire
from schema.after_sale import (
    AfterSale,
    AfterSaleItem,
    AfterSaleKind,
    AfterSaleStatus,
    RejectReason,
    ReturnAddress,
)
from schema.after_sale_details import WeixinStoreAfterSaleDetails
from schema.key import Key
from schema.money import Money
from schema.platform import Platform
from schema.shipment import Carrier, Shipment
from tests.platforms.weixin_store.samples import answer, make_shop, tree

OWN = "2090000000000001"
ORDER = "3790000000000000001"
KEY = Key("AfterSale", "weixin", ORDER, OWN)
ANSWERED = datetime(2026, 9, 21, 14, 0, tzinfo=UTC)


def mapped(**changes: Any) -> AfterSale:
    """The sample after-sale, with some members changed."""
    raw = {**tree("aftersale.getaftersaleorder.response")["after_sale_order"], **changes}
    read = msgspec.convert(raw, wire.AfterSale)
    return after_sale_from_wire(read, make_shop(), lambda: raw, ANSWERED)


def test_the_sample() -> None:
    after_sale = mapped()
    document = tree("aftersale.getaftersaleorder.response")["after_sale_order"]
    assert after_sale.raw_source is not None
    assert after_sale.raw_source() == document
    after_sale.raw_source = None

    assert after_sale == AfterSale(
        key=KEY,
        order_key=Key("Order", "weixin", ORDER),
        shop=make_shop(),
        platform=Platform.WEIXIN_STORE,
        platform_id=OWN,
        status=AfterSaleStatus.PROCESSING,
        platform_status="USER_WAIT_RETURN",
        kind=AfterSaleKind.RETURN_AND_REFUND,
        refund=Money(fen=4300),
        items=[
            AfterSaleItem(
                after_sale_key=KEY,
                product_key=Key("Product", "weixin", "10000900000001"),
                platform_product_id="10000900000001",
                quantity=1,
            )
        ],
        created_at=datetime.fromtimestamp(1790100000, UTC),
        updated_at=datetime.fromtimestamp(1790103600, UTC),
        reason_given="quality",
        details=WeixinStoreAfterSaleDetails(
            reason_code="10000021", description_given="lid is loose", evidence=["m1"]
        ),
        open_id="oInvented1",
    )


@pytest.mark.parametrize(
    ("deadline", "expected"),
    [
        pytest.param(3_600, datetime(2026, 9, 21, 15, 0, tzinfo=UTC), id="seconds-left"),
        pytest.param("3600", datetime(2026, 9, 21, 15, 0, tzinfo=UTC), id="seconds-left-as-text"),
        pytest.param(
            1_790_200_000, datetime.fromtimestamp(1_790_200_000, UTC), id="a-time-in-unix-seconds"
        ),
        pytest.param(0, None, id="nothing-left"),
        pytest.param(None, None, id="not-told"),
    ],
)
def test_until_when_the_shop_must_answer(deadline: object, expected: datetime | None) -> None:
    assert mapped(deadline=deadline).answer_before == expected


def test_a_settled_one_has_no_deadline() -> None:
    assert mapped(status="MERCHANT_RETURN_SUCCESS", deadline=3_600).answer_before is None


@pytest.mark.parametrize("status", [*AFTER_SALE_STATUS, "NEVER_HEARD_OF"])
def test_status(status: str) -> None:
    after_sale = mapped(status=status)

    assert after_sale.platform_status == status
    assert after_sale.status is AFTER_SALE_STATUS.get(status, AfterSaleStatus.UNKNOWN)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("REFUND", AfterSaleKind.REFUND_ONLY),
        ("RETURN", AfterSaleKind.RETURN_AND_REFUND),
        ("EXCHANGE", AfterSaleKind.EXCHANGE),
        ("RESHIP", AfterSaleKind.UNKNOWN),
        (None, AfterSaleKind.UNKNOWN),
    ],
)
def test_kind(kind: str | None, expected: AfterSaleKind) -> None:
    assert mapped(type=kind).kind is expected


def test_an_exchange_refunds_nothing() -> None:
    assert mapped(type="EXCHANGE").refund is None


def test_details_may_be_a_list() -> None:
    given = [{"desc": "first", "media_id_list": ["m1", 2]}, {"desc": "then"}, {}]

    details = mapped(details=given).details

    assert details == WeixinStoreAfterSaleDetails(
        reason_code="10000021", description_given="first\nthen", evidence=["m1", "2"]
    )


def test_ids_may_be_numbers() -> None:
    after_sale = mapped(
        after_sale_order_id=int(OWN),
        order_id=int(ORDER),
        product_info={"product_id": 10000900000001, "sku_id": 4400000001, "count": "1"},
        reason=10000021,
        reason_text=None,
        complaint_id=77,
    )

    assert after_sale.key == KEY
    assert after_sale.items[0].platform_product_id == "10000900000001"
    assert after_sale.reason_given == "10000021"
    assert after_sale.details is not None
    assert (after_sale.details.reason_code, after_sale.details.complaint_id) == ("10000021", "77")


@pytest.mark.parametrize("none", ["", "0", 0, None])
def test_a_complaint_that_does_not_exist(none: object) -> None:
    details = mapped(complaint_id=none).details

    assert details is not None
    assert details.complaint_id is None


def test_the_buyer_s_parcel_has_an_id_of_its_own() -> None:
    details = mapped(
        return_info={"waybill_id": "SF9", "delivery_id": "SF", "delivery_name": "顺丰速运"}
    ).details

    assert details is not None
    assert details.return_parcel == Shipment(
        order_key=KEY,
        carrier=Carrier(code="SF", name="顺丰速运", key="sf"),
        tracking_number="SF9",
    )
    of_order = Shipment(order_key=Key("Order", "weixin", ORDER))
    assert details.return_parcel.id() != of_order.id()


@pytest.mark.parametrize("name", ["reason_list", "reject_reason_list"])
def test_both_names_of_reject_reasons(name: str) -> None:
    listed = tree("aftersale.rejectreason.get.response")["reason_list"]
    read = msgspec.convert(
        {name: [*listed, {"reject_reason_type": "5"}]}, wire.RejectReasonsResponse
    )

    assert reject_reasons_from_wire(read) == [
        RejectReason(code="21", text="other goods"),
        RejectReason(code="5", text=""),
    ]


def test_an_address_of_returns() -> None:
    read = answer("merchant.address.get", address.AddressResponse)

    assert return_address_from_wire(read.address_detail) == ReturnAddress(
        platform_id="41000001",
        name="Returns",
        address="Zhejiang Hangzhou Xihu 1 Example Road 2",
        default=True,
    )


@pytest.mark.parametrize(
    ("given", "default"),
    [
        pytest.param({"recv_addr": True}, False, id="not-the-default-one"),
        pytest.param({"recv_addr": 0, "default_recv": 1}, True, id="default-alone-is-told"),
        pytest.param({"send_addr": 1, "recv_addr": 0}, None, id="it-only-sends"),
        pytest.param({}, None, id="nothing-is-told"),
    ],
)
def test_which_addresses_take_returns(given: dict[str, Any], default: bool | None) -> None:  # noqa: FBT001 - a case
    read = msgspec.convert({"address_id": "1", **given}, address.Address)
    found = return_address_from_wire(read)

    assert (None if found is None else found.default) is default
