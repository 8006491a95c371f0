"""Delivery templates: manual chapter 3."""

import copy

from gateway.platforms.wechat_store.sandbox.product_rules import EXPRESS_IDS
from gateway.platforms.wechat_store.sandbox.regions import CITIES, COUNTRY
from gateway.platforms.wechat_store.sandbox.state import StoreCall
from gateway.sandbox.request import Fields, Refusal, Wire

PAYERS = (0, 1)
VALUATIONS = (0, 1, 2)
BY_PIECE = 0
AMOUNTS = ("StartStandards", "StartFees", "AddStandards", "AddFees")
REGION = ("DestCountry", "DestProvince", "DestCity")


def add(call: StoreCall) -> Wire:
    """`/merchant/express/add` (3.1)."""
    template = _checked(call)
    call.shop.last_id += 1
    template_id = call.shop.last_id
    call.shop.templates[template_id] = {"Id": template_id, **template}
    return {"template_id": template_id}


def delete(call: StoreCall) -> Wire:
    """`/merchant/express/del` (3.2)."""
    del call.shop.templates[_find(call)]
    return {}


def update(call: StoreCall) -> Wire:
    """`/merchant/express/update` (3.3)."""
    template_id = _find(call)
    call.shop.templates[template_id] = {"Id": template_id, **_checked(call)}
    return {}


def getbyid(call: StoreCall) -> Wire:
    """`/merchant/express/getbyid` (3.4)."""
    return {"template_info": call.shop.templates[_find(call)]}


def getall(call: StoreCall) -> Wire:
    """`/merchant/express/getall` (3.5)."""
    return {"templates_info": list(call.shop.templates.values())}


def _find(call: StoreCall) -> int:
    template_id = call.body.whole("template_id")
    if template_id not in call.shop.templates:
        raise Refusal(call.invented.codes.template_not_found, "template not exist")
    return template_id


def _checked(call: StoreCall) -> Wire:
    template = call.body.inner("delivery_template")
    template.text("Name")
    template.one_of("Assumer", PAYERS)
    if template.one_of("Valuation", VALUATIONS) != BY_PIECE:
        raise Refusal(call.invented.codes.valuation_unsupported, "only by piece is supported")
    template.each("TopFee", _check_fee)
    given = template.data
    return {name: copy.deepcopy(given[name]) for name in ("Name", "Assumer", "Valuation", "TopFee")}


def _check_fee(fee: Fields) -> None:
    fee.one_of("Type", EXPRESS_IDS)
    _check_amounts(fee.inner("Normal"))
    for rule in fee.inners("Custom", empty=True):
        _check_amounts(rule)
        _check_region(rule)


def _check_region(rule: Fields) -> None:
    """Refuse a place that the manual's list of regions does not have."""
    country, province, city = map(rule.text, REGION)
    if country != COUNTRY or city not in CITIES.get(province, ()):
        raise rule.refuse("DestCity", "is not in the list of regions")


def _check_amounts(rule: Fields) -> None:
    for name in AMOUNTS:
        rule.whole(name, at_least=0)
