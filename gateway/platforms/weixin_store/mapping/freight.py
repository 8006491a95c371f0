"""Maps freight templates to delivery templates, and changes of them back (section 6)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from gateway.platforms.weixin_store.wire.freight import Amount, FreightTemplate, Method
from gateway.wechat.scalars import money, shown, yes
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
from schema.shop import Shop

#: The platform names no countries.
COUNTRY: Final = "中国"
_FREE: Final = "FREE"
_NOT_FREE: Final = "NO_FREE"
_PAYER: Final[Mapping[str, DeliveryPayer]] = {
    _FREE: DeliveryPayer.SELLER,
    "CONDITION_FREE": DeliveryPayer.BUYER,
    _NOT_FREE: DeliveryPayer.BUYER,
}
_VALUATION: Final[Mapping[str, DeliveryValuation]] = {
    "PIECE": DeliveryValuation.BY_PIECE,
    "WEIGHT": DeliveryValuation.BY_WEIGHT,
}
_VALUATION_WORDS: Final = {valuation: word for word, valuation in _VALUATION.items()}
_EXPRESS: Final = "EXPRESS"
_NO_RULE: Final = FeeRule(
    start_units=0, start_fee=Money(fen=0), additional_units=0, additional_fee=Money(fen=0)
)
#: What a new template takes from another of its shop: nothing of the input says it.
_TAKEN_OVER: Final = ("send_time", "delivery_type", "delivery_id", "address_info")


class Place(NamedTuple):
    """An area by its names; an empty one is all of the area above it."""

    province: str
    city: str
    district: str


def place_of(regional: RegionalFeeRule) -> Place:
    """The area of a public fee rule."""
    return Place(regional.province, regional.city, regional.district or "")


def template_from_wire(raw: FreightTemplate, shop: Shop) -> DeliveryTemplate:
    """A delivery template: a rule of several areas is one regional rule for each of them."""
    platform_id = str(raw.template_id)
    methods = _methods(raw)
    default = next((rule_of(one) for one in methods if yes(one.is_default)), _NO_RULE)
    express = raw.delivery_type in (None, "", _EXPRESS)
    fee = DeliveryFee(
        service=DeliveryService.EXPRESS if express else DeliveryService.UNKNOWN,
        standard=default,
        regional=[
            _regional(place, rule_of(one))
            for one in methods
            if not yes(one.is_default)
            for place in _places(one)
        ],
    )
    return DeliveryTemplate(
        key=Key("DeliveryTemplate", shop.key_name, platform_id),
        shop=shop,
        platform_id=platform_id,
        name=shown(raw.name) or "",
        payer=_PAYER.get(raw.shipping_method or "", DeliveryPayer.UNKNOWN),
        valuation=_VALUATION.get(raw.valuation_type or "", DeliveryValuation.UNKNOWN),
        fees=[fee] if methods else [],
    )


def _methods(raw: FreightTemplate) -> Sequence[Method]:
    methods = raw.all_freight_calc_method
    return (methods.freight_calc_method_list if methods else None) or ()


def rule_of(method: Method) -> FeeRule:
    """The fees of a rule; a fraction of a kilogram is rounded."""
    return FeeRule(
        start_units=_units(method.first_val_amount),
        start_fee=money(method.first_price) or Money(fen=0),
        additional_units=_units(method.second_val_amount),
        additional_fee=money(method.second_price) or Money(fen=0),
    )


def _units(amount: Amount | None) -> int:
    try:
        return round(float(amount or 0))
    except (ValueError, OverflowError):
        return 0


def _places(method: Method) -> list[Place]:
    return [
        Place(area.province_name or "", area.city_name or "", area.county_name or "")
        for area in method.address_infos or method.address_info or ()
    ]


def _regional(place: Place, rule: FeeRule) -> RegionalFeeRule:
    return RegionalFeeRule(
        country=COUNTRY,
        province=place.province,
        city=place.city,
        district=place.district or None,
        rule=rule,
    )


def new_document(draft: DeliveryTemplate, like: Mapping[str, Any]) -> dict[str, Any]:
    """The whole document of a new template; its origin and times are those of another one."""
    return {
        **{name: like[name] for name in _TAKEN_OVER if name in like},
        "name": draft.name,
        "valuation_type": _VALUATION_WORDS[draft.valuation],
        "shipping_method": _shipping_method(draft.payer),
        "all_condition_free_detail": {"condition_free_detail_list": []},
        "all_freight_calc_method": {"freight_calc_method_list": _all_methods(draft, (), ())},
        "not_send_area": {"address_infos": []},
        "is_default": 0,
    }


def changed_document(
    current: Mapping[str, Any],
    wire: FreightTemplate,
    before: DeliveryTemplate,
    draft: DeliveryTemplate,
) -> dict[str, Any]:
    """The platform's own document with what the draft changes, and all else as it came.

    `wire` and `before` are the same document, decoded and mapped. A rule whose areas stay together
    is sent with what is not mapped of it.
    """
    document = dict(current)
    if draft.name != before.name:
        document["name"] = draft.name
    if draft.payer is not before.payer:
        document["shipping_method"] = _shipping_method(draft.payer)
    if draft.valuation is not before.valuation:
        document["valuation_type"] = _VALUATION_WORDS[draft.valuation]
    if draft.fees != before.fees:
        methods = dict(current.get("all_freight_calc_method") or {})
        raws = methods.get("freight_calc_method_list") or ()
        methods["freight_calc_method_list"] = _all_methods(draft, raws, _methods(wire))
        document["all_freight_calc_method"] = methods
    return document


def _shipping_method(payer: DeliveryPayer) -> str:
    return _FREE if payer is DeliveryPayer.SELLER else _NOT_FREE


def _all_methods(
    draft: DeliveryTemplate, raws: Sequence[dict[str, Any]], methods: Sequence[Method]
) -> list[dict[str, Any]]:
    if not draft.fees:
        return []
    fee = draft.fees[0]
    left = {place_of(one): one.rule for one in fee.regional}
    defaults: list[dict[str, Any]] = []
    kept: list[dict[str, Any]] = []
    for raw, method in zip(raws, methods, strict=True):
        if yes(method.is_default):
            # A second one, of another carrier perhaps, is not mapped.
            defaults.append(raw if defaults else _changed(raw, method, fee.standard))
            continue
        places = _places(method)
        rules = [left.get(place) for place in places]
        if rules and rules[0] is not None and all(rule == rules[0] for rule in rules):
            kept.append(_changed(raw, method, rules[0]))
            left = {place: rule for place, rule in left.items() if place not in places}
    if not defaults:
        defaults.append({"is_default": 1, "address_infos": [], **_numbers(fee.standard)})
    return [*defaults, *kept, *_new_methods(left)]


def _changed(raw: dict[str, Any], method: Method, rule: FeeRule) -> dict[str, Any]:
    """The platform's rule with the numbers that differ: the others may be fractions."""
    old, new = _numbers(rule_of(method)), _numbers(rule)
    return {**raw, **{name: new[name] for name in new if new[name] != old[name]}}


def _new_methods(rules: Mapping[Place, FeeRule]) -> list[dict[str, Any]]:
    """The areas with equal fees in one rule."""
    places: list[tuple[FeeRule, list[dict[str, str]]]] = []
    for place, rule in rules.items():
        areas = next((areas for known, areas in places if known == rule), None)
        if areas is None:
            areas = []
            places.append((rule, areas))
        areas.append(_area(place))
    return [{"is_default": 0, "address_infos": areas, **_numbers(rule)} for rule, areas in places]


def _area(place: Place) -> dict[str, str]:
    names = ("province_name", "city_name", "county_name")
    return {name: value for name, value in zip(names, place, strict=True) if value}


def _numbers(rule: FeeRule) -> dict[str, int]:
    return {
        "first_val_amount": rule.start_units,
        "first_price": rule.start_fee.fen,
        "second_val_amount": rule.additional_units,
        "second_price": rule.additional_fee.fen,
    }
