"""What a product's answer tells of the document that the platform would take."""

import msgspec
import pytest

from gateway.platforms.wechat_store.mapping.product_standing import standing_product
from gateway.platforms.wechat_store.mapping.product_to_wire import check_known
from gateway.platforms.wechat_store.wire import product as read
from gateway.platforms.wechat_store.wire import product_write as wire
from gateway.ports.writing.problems import InputRefused, Problems
from tests.platforms.wechat_store.samples import answer


def _answered(delivery_type: int | str | None, template_id: int | str | None) -> read.Product:
    raw = answer("get", read.ProductResponse).product_info
    told = read.DeliveryInfo(delivery_type=delivery_type, template_id=template_id)
    return msgspec.structs.replace(raw, delivery_info=told)


@pytest.mark.parametrize(
    ("delivery_type", "template_id", "expected"),
    [
        (1, 103312920, wire.DeliveryInfo(delivery_type=1, template_id=103312920)),
        (1, "103312920", wire.DeliveryInfo(delivery_type=1, template_id=103312920)),
        (1, None, wire.DeliveryInfo(delivery_type=1, template_id=0)),
        (1, "t-103", msgspec.UNSET),
        (1, "9" * 5_000, msgspec.UNSET),
        (0, "t-103", wire.DeliveryInfo(delivery_type=0, template_id=0, express=[])),
        ("0", "", wire.DeliveryInfo(delivery_type=0, template_id=0, express=[])),
        (None, "t-103", None),
    ],
    ids=str,
)
def test_delivery(
    delivery_type: int | str | None, template_id: int | str | None, expected: object
) -> None:
    raw = _answered(delivery_type, template_id)

    assert standing_product(raw, None).delivery_info == expected


def test_a_template_without_a_number_is_asked_of_the_caller() -> None:
    standing = standing_product(_answered(1, "t-103"), None)
    problems = Problems()
    check_known(standing, problems)

    with pytest.raises(InputRefused) as caught:
        problems.stop()
    assert ("delivery",) in {tuple(one.field or ()) for one in caught.value.errors}
