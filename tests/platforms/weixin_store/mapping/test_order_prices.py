import pytest

from gateway.platforms.weixin_store.mapping.order_prices import consistent, discount_of
from gateway.platforms.weixin_store.wire.order import PriceInfo

#: 10500 = 20500 − 9000 − 100 − 200 − 300 − 50 − 150 − 70 − 80 − 50.
WHOLE = {
    "product_price": 20000,
    "freight": 500,
    "original_order_price": 20500,
    "order_price": 10500,
    "discounted_price": 9000,
    "finder_discounted_price": 100,
    "deduction_price": 200,
    "change_down_price": 300,
    "bulkbuy_discounted_price": 50,
    "national_subsidy_discounted_price": 150,
    "cash_coupon_discounted_price": 70,
    "national_subsidy_merchant_discounted_price": 80,
    "platform_activity_merchant_discounted_price": 50,
}
PLAIN = {
    "product_price": 9000,
    "freight": 600,
    "original_order_price": 9600,
    "order_price": 9600,
}


@pytest.mark.parametrize(
    ("amounts", "verdict"),
    [
        pytest.param(WHOLE, True, id="every discount counts"),
        *(
            pytest.param(WHOLE | {name: WHOLE[name] + 1}, False, id=f"{name} is wrong")
            for name in WHOLE
        ),
        pytest.param(PLAIN, True, id="absent discounts count as none"),
        pytest.param(
            {
                **WHOLE,
                "merchant_discounted_price": WHOLE["discounted_price"],
            },
            True,
            id="the merchant's discount is the same under its other name",
        ),
        pytest.param(
            PLAIN | {"order_price": 9200, "merchant_discounted_price": 400},
            True,
            id="the merchant's discount under its other name alone",
        ),
        *(pytest.param(PLAIN | {name: None}, None, id=f"{name} is missing") for name in PLAIN),
        pytest.param(
            PLAIN | {"vip_discounted_price": 1}, None, id="nobody says how members' discounts count"
        ),
        pytest.param(PLAIN | {"limited_discount_price": 1}, None, id="nor those of a limited time"),
        pytest.param(PLAIN | {"vip_discounted_price": 0}, True, id="unless there are none"),
    ],
)
def test_the_formulas_decide(amounts: dict[str, int | None], verdict: bool | None) -> None:  # noqa: FBT001 - a case
    assert consistent(PriceInfo(**amounts)) is verdict  # type: ignore[arg-type] # a table of amounts


def test_a_discount_is_what_the_buyer_pays_less() -> None:
    assert discount_of(PriceInfo(original_order_price=9600, order_price=9200)) == 400
    assert discount_of(PriceInfo(product_price=9000, freight=600, order_price=9200)) == 400
    assert discount_of(PriceInfo(order_price=9200)) is None
    assert discount_of(PriceInfo(original_order_price=9600)) is None
