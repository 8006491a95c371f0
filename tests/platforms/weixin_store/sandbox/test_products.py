"""The Weixin Store's goods in the sandbox: what its rules refuse, and audits in their time."""

from typing import Any

import pytest

from gateway.platforms.weixin_store.sandbox.state import WEIXIN
from tests.fixtures_sandbox import Sandbox

LISTED, IN_AUDIT = "10000900000004", "10000900000002"
FIRST_SKU = "4400000401"
SKU_OF_LISTED = {"product_id": LISTED, "sku_id": FIRST_SKU}


def _ask(sandbox: Sandbox, call: str, body: dict[str, Any]) -> dict[str, Any]:
    query = {"access_token": sandbox.token(WEIXIN)}
    answer = sandbox.client.post(f"/channels/ec/product/{call}", params=query, json=body)
    found: dict[str, Any] = answer.json()
    return found


def _document(**changes: Any) -> dict[str, Any]:
    images = [f"https://mmecimage.cn/p/x/{number}" for number in range(4)]
    document = {
        "title": "明前龙井绿茶",
        "head_imgs": images[:3],
        "desc_info": {"imgs": images[3:]},
        "deliver_method": 0,
        "extra_service": {"seven_day_return": 0, "freight_insurance": 0},
        "cats_v2": [{"cat_id": "10000113"}, {"cat_id": "545712"}],
        "skus": [{"sale_price": 1, "stock_num": 1}],
    }
    return document | changes


IMAGES = [f"https://mmecimage.cn/p/x/{number}" for number in range(21)]
PRICED = {"sale_price": 2, "stock_num": 0}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"title": ""}, 10020020),
        ({"title": "茶" * 61}, 10020021),
        ({"title": "好茶"}, 10020042),
        ({"title": "iPhone 13"}, 10020045),
        ({"head_imgs": IMAGES[:2]}, 10020106),
        ({"head_imgs": IMAGES[:10]}, 10020023),
        ({"head_imgs": IMAGES[:3] + IMAGES[:1]}, 10020023),
        ({"head_imgs": ["https://example.com/1", *IMAGES[:2]]}, 10020035),
        ({"desc_info": {"imgs": []}}, 10020107),
        ({"desc_info": {"imgs": IMAGES}}, 10020025),
        ({"cats_v2": []}, 10020017),
        ({"cats_v2": [{"cat_id": "1"}]}, 10020017),
        ({"extra_service": {}}, 40097),
        ({"skus": []}, 10020013),
        ({"skus": [{**PRICED, "sale_price": 0}]}, 10020039),
        ({"skus": [{**PRICED, "sale_price": 1_000_000_001}]}, 10020028),
        ({"skus": [{**PRICED, "market_price": 1}]}, 10020040),
        ({"skus": [{**PRICED, "stock_num": -1}]}, 40097),
    ],
)
def test_a_draft_is_refused(sandbox: Sandbox, changes: dict[str, Any], code: int) -> None:
    assert _ask(sandbox, "add", _document(**changes))["errcode"] == code


@pytest.mark.parametrize(
    ("call", "body", "code"),
    [
        ("get", {"product_id": LISTED, "data_type": 4}, 10020051),
        ("get", {"product_id": "1"}, 10020052),
        ("get", {}, 10020051),
        ("list/get", {"page_size": 31}, 10020051),
        ("list/get", {"page_size": 30, "status": 2}, 10020051),
        ("auditfree", {"product_id": LISTED, "skus": [{"sku_id": "1"}]}, 10020209),
        ("update", {"product_id": LISTED, **_document(skus=[{**PRICED, "sku_id": "1"}])}, 10020209),
        ("stock/update", {**SKU_OF_LISTED, "diff_type": 1, "num": 0}, 10020218),
        ("stock/getflow", {**SKU_OF_LISTED, "stock_type": 1}, 10020051),
    ],
)  # fmt: skip
def test_a_call_is_refused(sandbox: Sandbox, call: str, body: dict[str, Any], code: int) -> None:
    assert _ask(sandbox, call, body)["errcode"] == code


def test_a_draft_that_was_never_listed_has_no_line_copy(sandbox: Sandbox) -> None:
    created = _ask(sandbox, "add", _document())["data"]["product_id"]

    assert _ask(sandbox, "get", {"product_id": created})["errcode"] == 10020065
    assert _ask(sandbox, "delisting", {"product_id": created})["errcode"] == 10020065
    both = _ask(sandbox, "get", {"product_id": created, "data_type": 3})
    assert sorted(both) == ["edit_product", "errcode", "errmsg"]
    assert _ask(sandbox, "list/get", {"page_size": 30, "status": 1})["product_ids"] == [created]


def test_an_audit_passes_or_refuses_in_its_time(sandbox: Sandbox) -> None:
    drafts = [
        _ask(sandbox, "add", _document(title=title, listing=1))["data"]["product_id"]
        for title in ("明前龙井绿茶", "全网最低价绿茶")
    ]

    def statuses() -> list[int]:
        answers = [_ask(sandbox, "get", {"product_id": one, "data_type": 2}) for one in drafts]
        return [answer["edit_product"]["edit_status"] for answer in answers]

    sandbox.advance(50)
    assert statuses() == [2, 2]
    sandbox.advance(11)
    assert statuses() == [4, 3]


def test_many_skus_are_taken_in_afterwards(sandbox: Sandbox) -> None:
    many = [{**PRICED, "sku_attrs": [{"attr_key": "a", "attr_value": str(n)}]} for n in range(26)]
    document = _document(skus=many, listing=1)
    created = {"product_id": _ask(sandbox, "add", document)["data"]["product_id"]}

    assert _ask(sandbox, "listing", created)["errcode"] == 10020067
    assert _ask(sandbox, "update", {**document, **created})["errcode"] == 10020067
    sandbox.advance(6)
    assert _ask(sandbox, "listing", created)["errcode"] == 10020049
    sandbox.advance(61)
    assert _ask(sandbox, "get", created)["product"]["status"] == 5


def test_a_shop_may_not_list(sandbox: Sandbox) -> None:
    sandbox.client.post("/_sandbox/weixin/shop", json={"listing_banned": True})

    assert _ask(sandbox, "listing", {"product_id": LISTED})["errcode"] == 10020208


def test_drafts_are_counted_by_the_hour_and_the_day(sandbox: Sandbox) -> None:
    limits = {"drafts_per_hour": 1, "drafts_per_day": 2}
    sandbox.client.post("/_sandbox/weixin/shop", json=limits)

    assert _ask(sandbox, "add", _document())["errcode"] == 0
    assert _ask(sandbox, "audit/cancel", {"product_id": IN_AUDIT})["errcode"] == 10020066
    sandbox.advance(3_601)
    assert _ask(sandbox, "add", _document())["errcode"] == 0
    assert _ask(sandbox, "add", _document())["errcode"] == 10020111


def test_a_sku_s_code_and_status_change_without_an_audit(sandbox: Sandbox) -> None:
    change = {"sku_id": int(FIRST_SKU), "sku_code": "NEW", "status": 11}

    assert _ask(sandbox, "auditfree", {"product_id": LISTED, "skus": [change]})["errcode"] == 0

    sku = _ask(sandbox, "get", {"product_id": int(LISTED)})["product"]["skus"][0]
    assert (sku["sku_code"], sku["status"]) == ("NEW", 11)


@pytest.mark.parametrize(
    ("query", "content", "code"),
    [
        ({"upload_type": "1"}, b"", 10020055),
        ({"height": "0"}, b"", 10020055),
        ({}, b"plain", 10020055),
        ({}, b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\na\r\n--x--', 10020055),
        ({}, b'--x\r\nContent-Disposition: form-data; name="media"\r\n\r\n\r\n--x--', 10020059),
        ({}, b'--x\r\nContent-Disposition: form-data; name="media"\r\n\r\na\r\n--x--', 10020056),
        (
            {},
            b'--x\r\nContent-Disposition: form-data; name="media"\r\n\r\n\x89PNG\r\n\x1a\n'
            + bytes(10 * 1024 * 1024)
            + b"\r\n--x--",
            10020060,
        ),
    ],
    ids=["type", "height", "plain", "name", "empty", "format", "large"],
)  # fmt: skip
def test_an_upload_is_refused(
    sandbox: Sandbox, query: dict[str, str], content: bytes, code: int
) -> None:
    known = {"upload_type": "0", "resp_type": "1", "height": "1", "width": "1"}
    token = {"access_token": sandbox.token(WEIXIN)}
    answer = sandbox.client.post(
        "/shop/ec/basics/img/upload",
        params={**known, **query, **token},
        content=content,
        headers={"Content-Type": "multipart/form-data; boundary=x"},
    )

    assert answer.json()["errcode"] == code


def test_a_category_without_rules_is_refused(sandbox: Sandbox) -> None:
    query = {"access_token": sandbox.token(WEIXIN)}
    for category in ("1", "10000113"):
        answer = sandbox.client.post(
            "/shop/ec/category/detail", params=query, json={"cat_id": category}
        )
        assert answer.json()["errcode"] == 10020063
