from typing import Any

import pytest

from gateway.platforms.mini_program.mapping.partner_order import consistent
from gateway.wechat.order_prices import PriceInfo, prices_from_wire

#: 10500 = 20500 − 9000 − 300 − 500 − 200, and the merchant gets the finder's 200 besides.
WHOLE = {
    "product_price": 20000,
    "freight": 500,
    "original_order_price": 20500,
    "discounted_price": 9000,
    "deduction_price": 300,
    "change_down_price": 500,
    "finder_discounted_price": 200,
    "order_price": 10500,
    "merchant_receive_price": 10700,
}
PLAIN = {
    "product_price": 20000,
    "freight": 500,
    "original_order_price": 20500,
    "order_price": 20500,
    "merchant_receive_price": 20500,
}


@pytest.mark.parametrize(
    ("amounts", "verdict"),
    [
        pytest.param(WHOLE, True, id="all three hold"),
        pytest.param(PLAIN, True, id="absent discounts count as none"),
        pytest.param(PLAIN | {"freight": 501}, False, id="original is not products and freight"),
        pytest.param(WHOLE | {"order_price": 10501}, False, id="paid is wrong"),
        pytest.param(WHOLE | {"merchant_receive_price": 10500}, False, id="received is wrong"),
        pytest.param(WHOLE | {"deduction_price": None}, False, id="a discount is missing"),
        pytest.param(
            {**WHOLE, "discounted_price": None, "merchant_discounted_price": 9000},
            True,
            id="the merchant's discount under its other name",
        ),
        pytest.param(PLAIN | {"merchant_receive_price": None}, None, id="received is missing"),
        pytest.param(PLAIN | {"order_price": None}, None, id="paid is missing"),
        pytest.param(PLAIN | {"original_order_price": None}, None, id="original is missing"),
        pytest.param(PLAIN | {"freight": None}, None, id="freight is missing"),
        pytest.param(
            PLAIN | {"original_order_price": None, "order_price": 1},
            False,
            id="enough is there to see that it is wrong",
        ),
        pytest.param(
            {
                "product_price": 20000,
                "order_price": 10500,
                "freight": 500,
                "discounted_price": 10000,
            },
            None,
            id="the page's own sample",
        ),
        pytest.param({}, None, id="nothing at all"),
    ],
)
def test_whether_the_amounts_satisfy_the_formulas(
    amounts: dict[str, int | None],
    verdict: bool | None,  # noqa: FBT001 - a column of the table
) -> None:
    assert consistent(PriceInfo(**amounts)) is verdict  # type: ignore[arg-type] # a table of amounts


def test_each_field_of_the_page_has_its_own() -> None:
    fields: dict[str, Any] = {
        "product_price": 1,
        "estimate_product_price": 2,
        "original_order_price": 3,
        "order_price": 4,
        "freight": 5,
        "change_freight": 6,
        "is_change_freight": True,
        "discounted_price": 7,
        "merchant_discounted_price": 8,
        "is_discounted": False,
        "finder_discounted_price": 9,
        "use_deduction": True,
        "deduction_price": 10,
        "change_down_price": 11,
        "merchant_receive_price": 12,
    }

    prices = prices_from_wire(PriceInfo(**fields), consistent=None)

    told = {
        name: value if isinstance(value, bool) else value.fen
        for name, value in vars(prices).items()
        if name != "consistent"
    }
    assert told == {
        "products": 1,
        "estimated_products": 2,
        "original": 3,
        "paid": 4,
        "freight": 5,
        "changed_freight": 6,
        "freight_changed": True,
        "discounted": 7,
        "merchant_discount": 8,
        "has_merchant_discount": False,
        "finder_discount": 9,
        "uses_points": True,
        "points_deduction": 10,
        "change_down": 11,
        "merchant_receives": 12,
    }


def test_what_the_platform_left_out_is_none() -> None:
    prices = prices_from_wire(PriceInfo(), consistent=None)

    assert set(vars(prices).values()) == {None}
