"""Freight templates in the sandbox: what is asked, and each refusal (weixin-store.md 6)."""

import copy
from typing import Any

import pytest

from gateway.platforms.weixin_store.sandbox.state import WEIXIN
from tests.fixtures_sandbox import Sandbox
from tests.platforms.weixin_store.samples import tree

TEMPLATE = "38000000001"


def ask(sandbox: Sandbox, call: str, body: Any) -> dict[str, Any]:
    """Call `merchant/...` with the store's token."""
    query = {"access_token": sandbox.token(WEIXIN)}
    answer = sandbox.client.post(f"/channels/ec/merchant/{call}", params=query, json=body)
    result: dict[str, Any] = answer.json()
    return result


def stored(sandbox: Sandbox, template_id: str = TEMPLATE) -> dict[str, Any]:
    answer = ask(sandbox, "getfreighttemplatedetail", {"template_id": template_id})
    template: dict[str, Any] = answer["freight_template"]
    return template


def changed(sandbox: Sandbox, **members: Any) -> dict[str, Any]:
    """The answer to an update of the sample's template with some members changed."""
    template = {**stored(sandbox), **members}
    wanted = {name: value for name, value in template.items() if value is not None}
    return ask(sandbox, "updatefreighttemplate", {"freight_template": wanted})


def methods(*areas: list[Any], default: list[Any] | None = None) -> dict[str, Any]:
    """The default rule, if any, and one rule for each list of areas."""
    numbers = {"first_val_amount": 1, "first_price": 1, "second_val_amount": 1, "second_price": 1}
    rules = [{"is_default": 0, "address_infos": one, **numbers} for one in areas]
    if default is not None:
        rules.insert(0, {"is_default": 1, "address_infos": default, **numbers})
    return {"freight_calc_method_list": rules}


def test_templates_are_listed_a_page_at_a_time(sandbox: Sandbox) -> None:
    first = ask(sandbox, "getfreighttemplatelist", {"offset": 0, "limit": 1})
    rest = ask(sandbox, "getfreighttemplatelist", {"offset": 1, "limit": 20})

    assert first["template_id_list"] == [TEMPLATE]
    assert rest["template_id_list"] == ["38000000002"]


def test_the_reference_s_sample_is_taken(sandbox: Sandbox) -> None:
    made = ask(sandbox, "addfreighttemplate", tree("merchant.addfreighttemplate.request"))

    assert made["errcode"] == 0
    sent = tree("merchant.addfreighttemplate.request")["freight_template"]
    found = stored(sandbox, made["template_id"])
    assert {name: found[name] for name in sent} == sent


def test_an_update_replaces_the_template(sandbox: Sandbox) -> None:
    before = stored(sandbox)

    assert changed(sandbox, name="新名")["errcode"] == 0

    after = stored(sandbox)
    assert {**after, "update_time": 0} == {**before, "name": "新名", "update_time": 0}


ZHEJIANG = {"province_name": "浙江省"}
HANGZHOU = {**ZHEJIANG, "city_name": "杭州市"}
REFUSED: dict[str, tuple[dict[str, Any], int]] = {
    "no such template": ({"template_id": "1"}, 10020005),
    "no id": ({"template_id": None}, 10020007),
    "a default rule with areas": (
        {"all_freight_calc_method": methods(default=[ZHEJIANG])},
        10021053,
    ),
    "a rule without areas": ({"all_freight_calc_method": methods([], default=[])}, 10021054),
    "a district without its city": (
        {"all_freight_calc_method": methods([{**ZHEJIANG, "county_name": "西湖区"}], default=[])},
        10021054,
    ),
    "no default rule": ({"all_freight_calc_method": methods([ZHEJIANG])}, 10021055),
    "no origin": ({"address_info": {}}, 10021081),
    "no time of shipping": ({"send_time": "SendTime_ONE_HOUR"}, 10021082),
    "another template's name": ({"name": "按重量"}, 10021200),
    "nowhere to be sent": (
        {"not_send_area": {"address_infos": [{"province_name": "全国"}]}},
        10025501,
    ),
    "areas that overlap": (
        {"all_freight_calc_method": methods([HANGZHOU], [HANGZHOU], default=[])},
        22192018,
    ),
    "no time stamps": ({"update_time": None}, 40097),
    "an unknown word": ({"valuation_type": "VOLUME"}, 40097),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_the_platform_refuses(sandbox: Sandbox, case: str) -> None:
    members, code = REFUSED[case]
    before = copy.deepcopy(stored(sandbox))

    assert changed(sandbox, **members)["errcode"] == code
    assert stored(sandbox) == before
