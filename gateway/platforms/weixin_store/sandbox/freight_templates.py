"""Freight templates (reference, section 6)."""

import copy

from gateway.platforms.weixin_store.sandbox.state import WeixinCall
from gateway.sandbox.request import Fields, Refusal, Wire
from gateway.sandbox.wechat import Route

NO_SUCH_TEMPLATE = 10020005
NO_ID = 10020007
DEFAULT_WITH_AREAS = 10021053
BAD_AREA = 10021054
NO_DEFAULT = 10021055
NO_ORIGIN = 10021081
BAD_SEND_TIME = 10021082
NAME_TAKEN = 10021200
NOWHERE = 10025501
OVERLAP = 22192018

SEND_TIMES = ("SendTime_TWENTYFOUR_HOUR", "SendTime_FOUTYEIGHT_HOUR", "SendTime_FOUR_HOUR")
VALUATIONS = ("PIECE", "WEIGHT")
SHIPPING_METHODS = ("FREE", "CONDITION_FREE", "NO_FREE")
PRICES = ("first_price", "second_price")
NAMES = ("province_name", "city_name", "county_name")


def list_ids(call: WeixinCall) -> Wire:
    """`merchant/getfreighttemplatelist`."""
    offset = call.body.whole("offset", at_least=0)
    limit = call.body.whole("limit", at_least=1)
    return {"template_id_list": [*call.shop.templates][offset : offset + limit]}


def get(call: WeixinCall) -> Wire:
    """`merchant/getfreighttemplatedetail`."""
    return {"freight_template": call.shop.templates[_find(call, call.body)]}


def add(call: WeixinCall) -> Wire:
    """`merchant/addfreighttemplate`."""
    template = _checked(call, None)
    number = 1 + max(map(int, call.shop.templates), default=38_000_000_000)
    call.shop.templates[str(number)] = {
        **template,
        "template_id": str(number),
        "create_time": call.now,
        "update_time": call.now,
    }
    return {"template_id": str(number)}


def update(call: WeixinCall) -> Wire:
    """`merchant/updatefreighttemplate`: every member is wanted, the times included."""
    given = call.body.inner("freight_template")
    if not given.has("template_id"):
        raise Refusal(NO_ID, "template_id missing")
    template_id = _find(call, given)
    for name in ("create_time", "update_time"):
        given.whole(name)
    call.shop.templates[template_id] = {**_checked(call, template_id), "update_time": call.now}
    return {"template_id": template_id}


ROUTES = {
    "/channels/ec/merchant/getfreighttemplatelist": Route(list_ids),
    "/channels/ec/merchant/getfreighttemplatedetail": Route(get),
    "/channels/ec/merchant/addfreighttemplate": Route(add),
    "/channels/ec/merchant/updatefreighttemplate": Route(update),
}


def _find(call: WeixinCall, fields: Fields) -> str:
    template_id = fields.text("template_id")
    if template_id not in call.shop.templates:
        raise Refusal(NO_SUCH_TEMPLATE, "template not exist")
    return template_id


def _checked(call: WeixinCall, own: str | None) -> Wire:
    given = call.body.inner("freight_template")
    name = given.text("name")
    if any(one["name"] == name for id_, one in call.shop.templates.items() if id_ != own):
        raise Refusal(NAME_TAKEN, "template name exist")
    for member, words in (("valuation_type", VALUATIONS), ("shipping_method", SHIPPING_METHODS)):
        if given.text(member) not in words:
            raise given.refuse(member, f"must be one of {', '.join(words)}")
    if given.text("send_time", empty=True) not in SEND_TIMES:
        raise Refusal(BAD_SEND_TIME, "invalid send_time")
    if not given.has("address_info") or not given.inner("address_info").data.get("province_name"):
        raise Refusal(NO_ORIGIN, "address_info missing")
    _check_methods(given)
    _check_not_sent(given)
    return copy.deepcopy(dict(given.data))


def _check_methods(given: Fields) -> None:
    methods = given.inner("all_freight_calc_method").inners("freight_calc_method_list", empty=True)
    places: list[tuple[str, ...]] = []
    has_default = False
    for method in methods:
        for name in PRICES:
            method.whole(name, at_least=0)
        areas = method.inners("address_infos", empty=True)
        if method.data.get("is_default") in (1, True):
            has_default = True
            if areas:
                raise Refusal(DEFAULT_WITH_AREAS, "default rule has address_infos")
            continue
        if not areas:
            raise Refusal(BAD_AREA, "address_infos missing")
        places += (_place(area) for area in areas)
    if not has_default and given.text("shipping_method") != "FREE":
        raise Refusal(NO_DEFAULT, "no default rule")
    if len(set(places)) < len(places):
        raise Refusal(OVERLAP, "address_infos overlap")


def _place(area: Fields) -> tuple[str, ...]:
    place = tuple(area.optional_text(name) for name in NAMES)
    # A level without the one above it is no area.
    if not place[0] or (place[2] and not place[1]):
        raise Refusal(BAD_AREA, "invalid address_infos")
    return place


def _check_not_sent(given: Fields) -> None:
    if not given.has("not_send_area"):
        return
    areas = given.inner("not_send_area").inners("address_infos", empty=True)
    if any(area.optional_text("province_name") == "全国" for area in areas):
        raise Refusal(NOWHERE, "cannot be sent anywhere")
