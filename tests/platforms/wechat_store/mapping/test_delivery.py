"""Delivery templates."""

import msgspec
import pytest

from gateway.platforms.wechat_store.mapping.delivery import template_from_wire
from gateway.platforms.wechat_store.wire.express import Fee, Template, TemplateResponse
from schema.delivery import (
    DeliveryFee,
    DeliveryPayer,
    DeliveryService,
    DeliveryTemplate,
    DeliveryValuation,
    FeeRule,
    RegionalFeeRule,
)
from schema.key import Key
from schema.money import Money
from tests.platforms.wechat_store.samples import answer, make_shop

SHOP = make_shop()


def _rule(units: int, fee: int, more: int, more_fee: int) -> FeeRule:
    return FeeRule(
        start_units=units,
        start_fee=Money(fen=fee),
        additional_units=more,
        additional_fee=Money(fen=more_fee),
    )


def _guangzhou(rule: FeeRule) -> list[RegionalFeeRule]:
    return [RegionalFeeRule(country="中国", province="广东省", city="广州市", rule=rule)]


def test_the_manual_s_template() -> None:
    raw = answer("express.getbyid", TemplateResponse).template_info

    assert template_from_wire(raw, SHOP) == DeliveryTemplate(
        key=Key("DeliveryTemplate", "flagship", "103312916"),
        shop=SHOP,
        platform_id="103312916",
        name="testexpress",
        payer=DeliveryPayer.BUYER,
        valuation=DeliveryValuation.BY_PIECE,
        fees=[
            DeliveryFee(
                service=DeliveryService.SURFACE_MAIL,
                standard=_rule(1, 2, 3, 1),
                regional=_guangzhou(_rule(1, 1000, 1, 3)),
            ),
            DeliveryFee(
                service=DeliveryService.EXPRESS,
                standard=_rule(1, 3, 3, 2),
                regional=_guangzhou(_rule(1, 10, 1, 30)),
            ),
            DeliveryFee(
                service=DeliveryService.EMS,
                standard=_rule(1, 4, 3, 3),
                regional=_guangzhou(_rule(1, 8, 2, 11)),
            ),
        ],
    )


@pytest.mark.parametrize(
    ("assumer", "payer"),
    [
        pytest.param(1, DeliveryPayer.SELLER, id="the-seller"),
        pytest.param(2, DeliveryPayer.UNKNOWN, id="a-value-that-the-manual-lacks"),
        pytest.param(None, DeliveryPayer.UNKNOWN, id="not-told"),
    ],
)
def test_payer(assumer: int | None, payer: DeliveryPayer) -> None:
    assert template_from_wire(Template(id=1, assumer=assumer), SHOP).payer is payer


@pytest.mark.parametrize(
    ("code", "valuation"),
    [
        pytest.param(None, DeliveryValuation.BY_PIECE, id="the-default"),
        pytest.param(1, DeliveryValuation.BY_WEIGHT, id="by-weight"),
        pytest.param(2, DeliveryValuation.BY_VOLUME, id="by-volume"),
        pytest.param(3, DeliveryValuation.UNKNOWN, id="a-value-that-the-manual-lacks"),
    ],
)
def test_valuation(code: int | None, valuation: DeliveryValuation) -> None:
    assert template_from_wire(Template(id=1, valuation=code), SHOP).valuation is valuation


def test_a_fee_that_tells_nothing_costs_nothing() -> None:
    template = template_from_wire(msgspec.structs.replace(Template(id=1), top_fee=[Fee()]), SHOP)

    assert template.fees == [
        DeliveryFee(service=DeliveryService.UNKNOWN, standard=_rule(0, 0, 0, 0), regional=[])
    ]
