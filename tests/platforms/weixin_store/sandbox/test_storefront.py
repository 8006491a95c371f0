"""The home page in the sandbox: what is asked, and each refusal (weixin-store.md 7)."""

from typing import Any

import pytest

from gateway.platforms.weixin_store.sandbox.state import WEIXIN
from tests.fixtures_sandbox import Sandbox

WINDOW = "store/window/product/"
CLASSES = "store/classification/tree/"


def ask(sandbox: Sandbox, call: str, **body: Any) -> dict[str, Any]:
    query = {"access_token": sandbox.token(WEIXIN)}
    answer = sandbox.client.post(f"/channels/ec/{call}", params=query, json=body)
    result: dict[str, Any] = answer.json()
    return result


def window(sandbox: Sandbox) -> list[dict[str, Any]]:
    products: list[dict[str, Any]] = ask(sandbox, f"{WINDOW}list/get", page_size=30)["products"]
    return products


def test_products_are_pinned_hidden_and_moved(sandbox: Sandbox) -> None:
    last = window(sandbox)[-1]["product_id"]

    ask(sandbox, f"{WINDOW}hide", product_id=last, is_set_hide=1)
    ask(sandbox, f"{WINDOW}settop", product_id=last, is_set_top=1)
    ask(sandbox, f"{WINDOW}reorder", product_id=last, index_num=1)
    assert window(sandbox)[0] == {"product_id": last, "is_set_hide": 1, "is_set_top": 1}

    ask(sandbox, f"{WINDOW}hide", product_id=last, is_set_hide=0)
    ask(sandbox, f"{WINDOW}settop", product_id=last, is_set_top=0)
    ask(sandbox, f"{WINDOW}reorder", product_id=last, index_num=3)
    assert window(sandbox)[2] == {"product_id": last, "is_set_hide": 0, "is_set_top": 0}


def test_pages_follow_by_their_key(sandbox: Sandbox) -> None:
    first = ask(sandbox, f"{WINDOW}list/get", page_size=2)
    rest = ask(sandbox, f"{WINDOW}list/get", page_size=30, next_key=first["next_key"])

    assert len(first["products"]) == 2
    assert first["products"] + rest["products"] == [
        *window(sandbox),
        *rest["products"][len(window(sandbox)) - 2 :],
    ]


def test_a_class_s_products_come_a_page_at_a_time(sandbox: Sandbox) -> None:
    [first, *_] = ask(sandbox, f"{CLASSES}get")["resp"]["tree"]["level_1"]
    found: list[str] = []
    context = ""
    while True:
        request = {
            "level_1_id": first["id"],
            "level_2_id": 0,
            "page_size": 2,
            "page_context": context,
        }
        page = ask(sandbox, f"{CLASSES}product/get", req=request)["resp"]
        found += page["product_ids"]
        context = page["page_context"]
        if not context:
            break

    (shop,) = sandbox.shops("weixin_store").values()
    assert found == shop["home_page"]["class_products"][f"{first['id']}-0"]


REFUSED: dict[str, tuple[str, dict[str, Any], int]] = {
    "a page of 31": ("list/get", {"page_size": 31}, 10020051),
    "a product that is not listed": ("hide", {"product_id": "1", "is_set_hide": 1}, 10020051),
    "a place behind the last": ("reorder", {"index_num": 100_000}, 10020051),
    "a place before the first": ("reorder", {"index_num": 0}, 40097),
    "no flag": ("settop", {"is_set_top": 2}, 40097),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_the_platform_refuses(sandbox: Sandbox, case: str) -> None:
    call, body, code = REFUSED[case]
    if call != "list/get":
        body = {"product_id": window(sandbox)[0]["product_id"], **body}

    assert ask(sandbox, f"{WINDOW}{call}", **body)["errcode"] == code


def test_the_banner_is_told(sandbox: Sandbox) -> None:
    banner = ask(sandbox, "basics/homepage/banner/get")["banner"]

    assert [one["type"] for one in banner["banner"]] == [1, 4]
