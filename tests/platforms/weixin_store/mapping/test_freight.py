"""Freight templates as they are read; any of them written back unchanged, or changed in part."""

import copy
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.platforms.weixin_store.mapping.freight import (
    changed_document,
    new_document,
    template_from_wire,
)
from gateway.platforms.weixin_store.rules.freight import template_from_input
from gateway.platforms.weixin_store.wire.freight import FreightTemplate
from gateway.ports.writing.problems import InputRefused
from schema.delivery import DeliveryPayer, DeliveryService, DeliveryTemplate, DeliveryValuation
from schema.errors import ErrorCode
from schema.inputs.delivery import (
    DeliveryFeeInput,
    DeliveryTemplateInput,
    FeeRuleInput,
    RegionalFeeRuleInput,
)
from schema.money import MoneyInput
from tests.platforms.weixin_store.samples import make_shop, tree

SHOP = make_shop()
SAMPLE: dict[str, Any] = tree("merchant.updatefreighttemplate.request")["freight_template"]
Template = dict[str, Any]


def decoded(template: Template) -> FreightTemplate:
    return msgspec.convert(template, FreightTemplate)


def mapped(template: Template) -> DeliveryTemplate:
    return template_from_wire(decoded(template), SHOP)


def money(fen: int) -> MoneyInput:
    return MoneyInput(fen=fen)


def rule(start: int, fen: int, more: int, more_fen: int) -> FeeRuleInput:
    return FeeRuleInput(
        start_units=start,
        start_fee=money(fen),
        additional_units=more,
        additional_fee=money(more_fen),
    )


def regional(province: str, city: str = "", district: str | None = None) -> RegionalFeeRuleInput:
    return RegionalFeeRuleInput(
        country="中国", province=province, city=city, district=district, rule=rule(1, 100, 1, 50)
    )


def as_input(template: DeliveryTemplate) -> DeliveryTemplateInput:
    """What a client sends that gives back what it was shown."""
    return DeliveryTemplateInput(
        name=template.name,
        payer=template.payer,
        valuation=template.valuation,
        fees=[
            DeliveryFeeInput(
                service=fee.service,
                standard=rule(
                    fee.standard.start_units,
                    fee.standard.start_fee.fen,
                    fee.standard.additional_units,
                    fee.standard.additional_fee.fen,
                ),
                regional=[
                    RegionalFeeRuleInput(
                        country=one.country,
                        province=one.province,
                        city=one.city,
                        district=one.district,
                        rule=rule(
                            one.rule.start_units,
                            one.rule.start_fee.fen,
                            one.rule.additional_units,
                            one.rule.additional_fee.fen,
                        ),
                    )
                    for one in fee.regional
                ],
            )
            for fee in template.fees
        ],
    )


def written(template: Template, given: DeliveryTemplateInput) -> Template:
    """What is sent where a template is replaced by an input."""
    before = mapped(template)
    draft = template_from_input(given, SHOP, before)
    return changed_document(template, decoded(template), before, draft)


def refused(given: DeliveryTemplateInput, template: Template = SAMPLE) -> dict[str, ErrorCode]:
    """The paths that are refused, with their codes."""
    with pytest.raises(InputRefused) as refusal:
        template_from_input(given, SHOP, mapped(template))
    return {".".join(one.field or ()): one.code for one in refusal.value.errors}


def sample_input(**changed: Any) -> DeliveryTemplateInput:
    given = as_input(mapped(SAMPLE))
    for name, value in changed.items():
        setattr(given, name, value)
    return given


def test_the_sample() -> None:
    template = mapped(SAMPLE)

    assert (template.platform_id, template.name) == ("38000000001", "Standard")
    assert template.payer is DeliveryPayer.BUYER
    assert template.valuation is DeliveryValuation.BY_PIECE
    (fee,) = template.fees
    assert fee.service is DeliveryService.EXPRESS
    assert (fee.standard.start_units, fee.standard.start_fee.fen) == (1, 600)
    assert (fee.standard.additional_units, fee.standard.additional_fee.fen) == (1, 200)
    (tibet,) = fee.regional
    assert (tibet.country, tibet.province, tibet.city) == ("中国", "Tibet", "")
    assert tibet.district is None
    assert (tibet.rule.start_fee.fen, tibet.rule.additional_fee.fen) == (1800, 900)


@pytest.mark.parametrize(
    ("word", "payer"),
    [
        ("FREE", DeliveryPayer.SELLER),
        ("CONDITION_FREE", DeliveryPayer.BUYER),
        ("NO_FREE", DeliveryPayer.BUYER),
        ("NEW_METHOD", DeliveryPayer.UNKNOWN),
    ],
)
def test_who_pays(word: str, payer: DeliveryPayer) -> None:
    assert mapped({**SAMPLE, "shipping_method": word}).payer is payer


def test_areas_are_read_by_either_name() -> None:
    other = copy.deepcopy(SAMPLE)
    for method in other["all_freight_calc_method"]["freight_calc_method_list"]:
        method["address_info"] = method.pop("address_infos")

    assert mapped(other).fees == mapped(SAMPLE).fees


names = st.sampled_from(["浙江省", "江苏省", "西藏自治区"])
cities = st.sampled_from(["", "杭州市", "南京市"])
districts = st.sampled_from(["", "西湖区"])
amounts = st.one_of(st.integers(0, 50), st.sampled_from([0.5, 1.5, "2", ""]))
prices = st.one_of(st.integers(0, 10_000), st.sampled_from(["600", ""]))
areas = st.fixed_dictionaries(
    {"province_name": names}, optional={"city_name": cities, "county_name": districts}
)


def methods(default: int) -> st.SearchStrategy[Template]:
    return st.fixed_dictionaries(
        {
            "is_default": st.just(default) | st.just(bool(default)),
            "address_infos": st.just([]) if default else st.lists(areas, max_size=3),
            "first_val_amount": amounts,
            "first_price": prices,
            "second_val_amount": amounts,
            "second_price": prices,
        },
        optional={"delivery_id": st.just("SF"), "unheard_of": st.integers()},
    )


templates = st.fixed_dictionaries(
    {
        "template_id": st.sampled_from(["38000000001", 38000000001]),
        "name": st.text(min_size=1, max_size=8).filter(lambda name: bool(name.strip())),
        "valuation_type": st.sampled_from(["PIECE", "WEIGHT", "VOLUME"]),
        "send_time": st.sampled_from(["SendTime_FOUR_HOUR", "SendTime_FOUTYEIGHT_HOUR"]),
        "delivery_type": st.sampled_from(["EXPRESS", "EMS", ""]),
        "shipping_method": st.sampled_from(["FREE", "CONDITION_FREE", "NO_FREE", "OTHER"]),
        "address_info": areas,
        "all_condition_free_detail": st.just({"condition_free_detail_list": [{"min_piece": 3}]}),
        "all_freight_calc_method": st.builds(
            lambda first, rest: {"freight_calc_method_list": [first, *rest], "more": 1},
            methods(1),
            st.lists(methods(0), max_size=3),
        ),
        "is_default": st.sampled_from([0, 1, True]),
        "create_time": st.integers(1, 2**31),
        "update_time": st.integers(1, 2**31),
    },
    optional={"unheard_of": st.text(max_size=3)},
)


def are_apart(template: Template) -> bool:
    """Whether the platform could have accepted its areas: none is named twice."""
    regional = mapped(template).fees[0].regional
    places = [(one.province, one.city, one.district) for one in regional]
    # A district without its city is none, and the rules say so.
    return len(set(places)) == len(places) and all(one.city for one in regional if one.district)


@given(templates.filter(are_apart))
def test_what_is_read_and_written_back_is_unchanged(template: Template) -> None:
    before = copy.deepcopy(template)

    assert written(template, as_input(mapped(template))) == before
    assert template == before


@given(templates.filter(are_apart), prices.filter(lambda price: isinstance(price, int)))
def test_a_changed_fee_leaves_all_other_rules_as_they_came(template: Template, price: int) -> None:
    given = as_input(mapped(template))
    given.fees[0].standard.start_fee = money(price)

    sent = written(template, given)

    old = template["all_freight_calc_method"]["freight_calc_method_list"]
    new = sent["all_freight_calc_method"]["freight_calc_method_list"]
    assert mapped(sent).fees[0].standard.start_fee.fen == price
    assert mapped(sent).fees[0].regional == mapped(template).fees[0].regional
    assert [one for one in old[1:] if one["address_infos"]] == [
        one for one in new[1:] if one["address_infos"]
    ]
    assert {**sent, "all_freight_calc_method": None} == {
        **template,
        "all_freight_calc_method": None,
    }


def test_a_new_rule_joins_areas_with_equal_fees() -> None:
    given = as_input(mapped(SAMPLE))
    assert given.fees[0].regional is not None
    given.fees[0].regional += [
        regional("Zhejiang", "Hangzhou", "Xihu"),
        regional("Jiangsu", "Nanjing"),
    ]

    sent = written(SAMPLE, given)

    sample_methods = SAMPLE["all_freight_calc_method"]["freight_calc_method_list"]
    assert sent["all_freight_calc_method"]["freight_calc_method_list"] == [
        *sample_methods,
        {
            "is_default": 0,
            "address_infos": [
                {
                    "province_name": "Zhejiang",
                    "city_name": "Hangzhou",
                    "county_name": "Xihu",
                },
                {"province_name": "Jiangsu", "city_name": "Nanjing"},
            ],
            "first_val_amount": 1,
            "first_price": 100,
            "second_val_amount": 1,
            "second_price": 50,
        },
    ]


def test_a_fraction_survives_a_change_of_its_rule_s_price() -> None:
    heavy = copy.deepcopy(SAMPLE)
    default, tibet = heavy["all_freight_calc_method"]["freight_calc_method_list"]
    default["first_val_amount"] = tibet["second_val_amount"] = 0.5
    given = as_input(mapped(heavy))
    assert given.fees[0].regional is not None
    given.fees[0].standard.start_fee = money(700)
    given.fees[0].regional[0].rule.start_fee = money(2000)

    sent = written(heavy, given)["all_freight_calc_method"]["freight_calc_method_list"]

    assert sent == [{**default, "first_price": 700}, {**tibet, "first_price": 2000}]


def test_a_removed_area_ends_its_rule() -> None:
    given = as_input(mapped(SAMPLE))
    given.fees[0].regional = []

    sent = written(SAMPLE, given)

    default, _ = SAMPLE["all_freight_calc_method"]["freight_calc_method_list"]
    assert sent["all_freight_calc_method"]["freight_calc_method_list"] == [default]


def test_a_new_template_has_the_origin_of_another_one() -> None:
    draft = template_from_input(
        DeliveryTemplateInput(
            name="Heavy",
            payer=DeliveryPayer.SELLER,
            valuation=DeliveryValuation.BY_WEIGHT,
            fees=[],
        ),
        SHOP,
    )

    assert new_document(draft, SAMPLE) == {
        "send_time": "SendTime_FOUTYEIGHT_HOUR",
        "delivery_type": "EXPRESS",
        "delivery_id": [],
        "address_info": SAMPLE["address_info"],
        "name": "Heavy",
        "valuation_type": "WEIGHT",
        "shipping_method": "FREE",
        "all_condition_free_detail": {"condition_free_detail_list": []},
        "all_freight_calc_method": {"freight_calc_method_list": []},
        "not_send_area": {"address_infos": []},
        "is_default": 0,
    }


def test_what_the_platform_takes_not_is_refused_with_its_path() -> None:
    assert refused(sample_input(name=" ")) == {"name": ErrorCode.INVALID}
    assert refused(sample_input(payer=DeliveryPayer.UNKNOWN)) == {"payer": ErrorCode.INVALID}
    assert refused(sample_input(fees=[])) == {"fees": ErrorCode.INVALID}
    assert refused(sample_input(valuation=DeliveryValuation.BY_VOLUME)) == {
        "valuation": ErrorCode.UNSUPPORTED_BY_PLATFORM
    }
    assert refused(sample_input(valuation=DeliveryValuation.UNKNOWN)) == {
        "valuation": ErrorCode.INVALID
    }


def test_one_service_is_taken() -> None:
    given = as_input(mapped(SAMPLE))
    given.fees = [given.fees[0], given.fees[0]]
    assert refused(given) == {"fees.1": ErrorCode.INVALID}
    given = as_input(mapped(SAMPLE))
    given.fees[0].service = DeliveryService.EMS
    assert refused(given) == {"fees.0.service": ErrorCode.INVALID}


@pytest.mark.parametrize(
    ("places", "path"),
    [
        ([("浙江省", "杭州市", None), ("浙江省", "杭州市", None)], "fees.0.regional.1.city"),
        ([("浙江省", "", None), ("浙江省", "杭州市", None)], "fees.0.regional.1.city"),
        ([("浙江省", "杭州市", "西湖区"), ("浙江省", "", None)], "fees.0.regional.0.district"),
        ([("浙江省", "", "西湖区")], "fees.0.regional.0.city"),
        ([(" ", "", None)], "fees.0.regional.0.province"),
    ],
)
def test_areas_that_overlap_or_are_none_are_refused(
    places: list[tuple[str, str, str | None]], path: str
) -> None:
    given = as_input(mapped(SAMPLE))
    given.fees[0].regional = [regional(*place) for place in places]

    assert path in refused(given)


def test_another_country_and_negative_units_are_refused() -> None:
    given = as_input(mapped(SAMPLE))
    place = regional("浙江省")
    place.country = "日本"
    place.rule.start_units = -1
    given.fees[0].regional = [place]

    assert refused(given) == {
        "fees.0.regional.0.country": ErrorCode.INVALID,
        "fees.0.regional.0.rule.startUnits": ErrorCode.INVALID,
    }
