"""Delivery templates of a Weixin Store by GraphQL: the reference's samples, sent and read."""

from typing import Any

import pytest

from gateway.platforms.weixin_store.sandbox.state import WEIXIN
from schema.key import Key
from tests.e2e.mutations import told
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client, Serve
from tests.platforms.weixin_store.samples import tree

FOLDER = "/channels/ec/merchant/"
LIST, GET, ADD, UPDATE = (
    f"{FOLDER}{name}"
    for name in (
        "getfreighttemplatelist",
        "getfreighttemplatedetail",
        "addfreighttemplate",
        "updatefreighttemplate",
    )
)
RULE = "startUnits startFee { fen } additionalUnits additionalFee { fen }"
TEMPLATE = (
    f"name payer valuation fees {{ service standard {{ {RULE} }}"
    f" regional {{ country province city district rule {{ {RULE} }} }} }}"
)
READ = f'{{ deliveryTemplates(shop: "weixin") {{ id {TEMPLATE} }} }}'
ERRORS = "userErrors { code field message }"
CREATE_TEMPLATE = f"""mutation ($input: DeliveryTemplateInput!) {{
  done: deliveryTemplateCreate(shop: "weixin", input: $input) {{
    deliveryTemplate {{ id {TEMPLATE} }} {ERRORS}
  }}
}}"""
UPDATE_TEMPLATE = f"""mutation ($id: ID!, $input: DeliveryTemplateInput!) {{
  done: deliveryTemplateUpdate(id: $id, input: $input) {{
    deliveryTemplate {{ id {TEMPLATE} }} {ERRORS}
  }}
}}"""
DELETE_TEMPLATE = (
    f"mutation ($id: ID!) {{ done: deliveryTemplateDelete(id: $id) {{ deletedId {ERRORS} }} }}"
)
ID = Key("DeliveryTemplate", "weixin", "38000000001").encode()


def weixin(sandbox: Sandbox) -> dict[str, Any]:
    """The sample shop's section of the configuration."""
    return {
        "key": "weixin",
        "platform": "weixin_store",
        "name": "微信小店",
        "app_id": WEIXIN.app_id,
        "app_secret": WEIXIN.secret,
        "base_url": sandbox.base_url,
    }


def answers_the_sample(sandbox: Sandbox) -> None:
    """Let the platform answer with the reference's sample, as its only template."""
    sample = {"errcode": 0, "errmsg": "ok", **tree("merchant.updatefreighttemplate.request")}
    sandbox.fault("body", sample, path=GET, times=None)
    ids = {"errcode": 0, "errmsg": "ok", "template_id_list": ["38000000001"]}
    sandbox.fault("body", ids, path=LIST, times=None)


async def read(gateway: Client) -> list[dict[str, Any]]:
    templates: list[dict[str, Any]] = (await gateway.ask(READ)).data["deliveryTemplates"]
    return templates


def sent(sandbox: Sandbox, path: str) -> list[Any]:
    return [request["body"] for request in sandbox.requests(path)]


async def test_what_is_read_and_written_back_is_sent_as_the_sample(
    serve: Serve, sandbox: Sandbox
) -> None:
    answers_the_sample(sandbox)
    async with serve(shops=[weixin(sandbox)]) as gateway:
        [template] = await read(gateway)
        assert template.pop("id") == ID
        done = await gateway.ask(UPDATE_TEMPLATE, {"id": ID, "input": template})

    assert told(done.data["done"]) == []
    assert done.data["done"]["deliveryTemplate"] == {"id": ID, **template}
    assert sent(sandbox, UPDATE) == [tree("merchant.updatefreighttemplate.request")]


async def test_a_new_one_is_sent_as_the_sample(serve: Serve, sandbox: Sandbox) -> None:
    answers_the_sample(sandbox)
    async with serve(shops=[weixin(sandbox)]) as gateway:
        [template] = await read(gateway)
        del template["id"]
        done = await gateway.ask(CREATE_TEMPLATE, {"input": template})

    assert told(done.data["done"]) == []
    assert sent(sandbox, ADD) == [tree("merchant.addfreighttemplate.request")]


async def test_districts_are_read_and_written(serve: Serve, sandbox: Sandbox) -> None:
    async with serve(shops=[weixin(sandbox)]) as gateway:
        template = next(one for one in await read(gateway) if one["id"] == ID)
        del template["id"]
        regional = template["fees"][0]["regional"]
        assert [one["district"] for one in regional] == [None, "西湖区", "滨江区"]
        regional[2]["district"] = "余杭区"
        done = await gateway.ask(UPDATE_TEMPLATE, {"id": ID, "input": template})
        again = next(one for one in await read(gateway) if one["id"] == ID)

    assert told(done.data["done"]) == []
    assert again == {"id": ID, **template}


@pytest.mark.parametrize("mutation", ["create", "update"])
async def test_a_lost_answer_is_told_and_not_sent_again(
    serve: Serve, sandbox: Sandbox, mutation: str
) -> None:
    path = ADD if mutation == "create" else UPDATE
    async with serve(shops=[weixin(sandbox)]) as gateway:
        template = next(one for one in await read(gateway) if one["id"] == ID)
        del template["id"]
        template["name"] = "新名"
        sandbox.fault("reset", path=path, after=True)
        asked = CREATE_TEMPLATE if mutation == "create" else UPDATE_TEMPLATE
        done = await gateway.ask(asked, {"id": ID, "input": template})

    [error] = done.data["done"]["userErrors"]
    assert error["code"] == "OUTCOME_UNKNOWN"
    assert len(sent(sandbox, path)) == 1


async def test_there_is_no_call_to_delete_one(serve: Serve, sandbox: Sandbox) -> None:
    async with serve(shops=[weixin(sandbox)]) as gateway:
        done = await gateway.ask(DELETE_TEMPLATE, {"id": ID})

    [error] = done.data["done"]["userErrors"]
    assert (error["code"], error["field"]) == ("UNSUPPORTED_BY_PLATFORM", ["id"])


async def test_a_broken_rule_is_told_with_its_path(serve: Serve, sandbox: Sandbox) -> None:
    async with serve(shops=[weixin(sandbox)]) as gateway:
        template = next(one for one in await read(gateway) if one["id"] == ID)
        del template["id"]
        template["fees"][0]["regional"].append(template["fees"][0]["regional"][0])
        done = await gateway.ask(UPDATE_TEMPLATE, {"id": ID, "input": template})

    [error] = done.data["done"]["userErrors"]
    assert (error["code"], error["field"]) == (
        "INVALID",
        ["fees", "0", "regional", "3", "province"],
    )
    assert sent(sandbox, UPDATE) == []
