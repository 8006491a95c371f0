"""Rules for freight templates (section 6)."""

from collections.abc import Sequence
from typing import Final

from gateway.platforms.weixin_store.mapping.freight import COUNTRY, Place, place_of
from gateway.ports.writing.inputs import read_fee_rule
from gateway.ports.writing.problems import Problems
from schema.delivery import (
    DeliveryFee,
    DeliveryPayer,
    DeliveryService,
    DeliveryTemplate,
    DeliveryValuation,
    RegionalFeeRule,
)
from schema.errors import ErrorCode
from schema.inputs.delivery import DeliveryFeeInput, DeliveryTemplateInput, RegionalFeeRuleInput
from schema.key import Key
from schema.shop import Shop

#: Where the one service of a template is in its input.
_FEE: Final = ("fees", "0")


def template_from_input(
    given: DeliveryTemplateInput, shop: Shop, before: DeliveryTemplate | None = None
) -> DeliveryTemplate:
    """The template that the input describes; `before` is the one that it replaces.

    What the platform sent and the schema does not know (UNKNOWN) may stay as it is.

    Raises:
        InputRefused: a rule is broken.
    """
    problems = Problems()
    if not given.name.strip():
        problems.add("A name is needed.", "name")
    if given.payer is DeliveryPayer.UNKNOWN and (before is None or given.payer != before.payer):
        problems.add("Say who pays: BUYER or SELLER.", "payer")
    _check_valuation(given.valuation, before, problems)
    fees = _fees(given, before, problems)
    problems.stop()
    platform_id = "" if before is None else before.platform_id
    return DeliveryTemplate(
        key=Key("DeliveryTemplate", shop.key_name, platform_id),
        shop=shop,
        platform_id=platform_id,
        name=given.name,
        payer=given.payer,
        valuation=given.valuation,
        fees=fees,
    )


def _check_valuation(
    valuation: DeliveryValuation, before: DeliveryTemplate | None, problems: Problems
) -> None:
    if valuation is DeliveryValuation.BY_VOLUME:
        problems.add(
            "The platform takes BY_PIECE and BY_WEIGHT.",
            "valuation",
            code=ErrorCode.UNSUPPORTED_BY_PLATFORM,
        )
    elif valuation is DeliveryValuation.UNKNOWN and (
        before is None or valuation is not before.valuation
    ):
        problems.add("Say what is counted: BY_PIECE or BY_WEIGHT.", "valuation")


def _fees(
    given: DeliveryTemplateInput, before: DeliveryTemplate | None, problems: Problems
) -> list[DeliveryFee]:
    if not given.fees:
        if given.payer is not DeliveryPayer.SELLER:
            problems.add("The fee rule that applies everywhere is needed.", "fees")
        return []
    if len(given.fees) > 1:
        problems.add("The platform knows one service a template.", "fees", 1)
    known = before.fees[0] if before is not None and before.fees else None
    return [_fee(given.fees[0], known, problems.below(*_FEE))]


def _fee(given: DeliveryFeeInput, known: DeliveryFee | None, problems: Problems) -> DeliveryFee:
    stays = known is not None and given.service is known.service
    if given.service is not DeliveryService.EXPRESS and not stays:
        problems.add("The platform knows EXPRESS only.", "service")
    regional = [
        _regional(one, problems.below("regional", place))
        for place, one in enumerate(given.regional or ())
    ]
    known_places = {place_of(one) for one in known.regional} if known is not None else set()
    _check_overlaps([place_of(one) for one in regional], known_places, problems)
    standard = read_fee_rule(given.standard, problems.below("standard"))
    return DeliveryFee(service=given.service, standard=standard, regional=regional)


def _regional(given: RegionalFeeRuleInput, problems: Problems) -> RegionalFeeRule:
    if given.country != COUNTRY:
        problems.add(f"The platform sends to {COUNTRY} only.", "country")
    if not given.province.strip():
        problems.add("Name the province.", "province")
    if given.district and not given.city.strip():
        problems.add("Name the city of the district.", "city")
    return RegionalFeeRule(
        country=given.country,
        province=given.province,
        city=given.city,
        district=given.district or None,
        rule=read_fee_rule(given.rule, problems.below("rule")),
    )


def _check_overlaps(places: Sequence[Place], known: set[Place], problems: Problems) -> None:
    """Notes areas that are named twice, or that an area of another rule contains.

    Two that the platform has side by side may stay so: it allowed them.
    """
    first: dict[Place, int] = {}
    for at, place in enumerate(places):
        inner = problems.below("regional", at)
        if place in first:
            inner.add("This area is named twice.", _level(place))
            continue
        first[place] = at
        for around in _around(place):
            if around in places and not {place, around} <= known:
                inner.add("This area lies in another one that is named.", _level(place))


def _around(place: Place) -> list[Place]:
    """The areas that contain an area."""
    around = []
    if place.district:
        around.append(Place(place.province, place.city, ""))
    if place.city:
        around.append(Place(place.province, "", ""))
    return around


def _level(place: Place) -> str:
    if place.district:
        return "district"
    return "city" if place.city else "province"
