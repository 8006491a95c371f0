"""The sandbox's order centre of Baidu."""

from collections.abc import Callable
from typing import Any

import pytest

from gateway.platforms.baidu.sandbox.invented import Invented
from gateway.platforms.baidu.sandbox.state import SWAN
from tests.fixtures_sandbox import Sandbox
from tests.sandbox.calls import ask_baidu, sample

CODES = Invented()
Change = Callable[[Any], object]
ORDER_ID = "2221554346520"


def imported(sandbox: Sandbox) -> Any:
    body = sample("baidu", "add.main.info.request")
    assert rows(ask_baidu(sandbox, "add.main.info", body)) == ["1"]
    return body["Data"][0]


def kept(sandbox: Sandbox, order_id: str = ORDER_ID) -> Any:
    return sandbox.shops("baidu")[SWAN.app_id]["orders"][order_id]


def rows(answer: dict[str, Any]) -> list[str]:
    assert answer["errno"] == 0
    return [row["rows_affected"] for row in answer["data"]]


def test_an_order_is_kept_whole(sandbox: Sandbox) -> None:
    record = imported(sandbox)
    order = kept(sandbox)
    assert order["open_id"] == "swanbuyer"
    assert order["subs"] == record["EXT"].pop("SubsOrder")
    assert order["main"] == record


def test_fields_of_later_versions_are_kept_beside_it(sandbox: Sandbox) -> None:
    query = {"scene_id": "1", "scene_type": "2", "pm_app_key": "key"}
    ask_baidu(sandbox, "add.main.info", sample("baidu", "add.main.info.request"), query)
    assert kept(sandbox)["query"] == query


def test_an_import_overwrites_even_the_after_sales(sandbox: Sandbox) -> None:
    imported(sandbox)
    body = sample("baidu", "add.main.info.request")
    del body["Data"][0]["EXT"]["SubsOrder"]
    assert rows(ask_baidu(sandbox, "add.main.info", body)) == ["1"]
    assert kept(sandbox)["subs"] is None
    assert kept(sandbox)["calls"] == ["add/main/info 200", "add/main/info 200"]


def test_an_import_takes_one_order(sandbox: Sandbox) -> None:
    body = sample("baidu", "add.main.info.request")
    body["Data"] *= 2
    answer = ask_baidu(sandbox, "add.main.info", body)
    assert (answer["errno"], answer["data"]) == (CODES.several_orders, [])
    assert ORDER_ID not in sandbox.shops("baidu")[SWAN.app_id]["orders"]


def main(record: Any) -> Any:
    return record["EXT"]["MainOrder"]


REFUSED: list[tuple[str, Change, int]] = [
    ("no Title", lambda r: r.pop("Title"), CODES.bad_request),
    ("no ResourceID", lambda r: r.pop("ResourceID"), CODES.bad_request),
    ("CateID as text", lambda r: r.update(CateID="1"), CODES.bad_request),
    ("CateID that the manual does not list", lambda r: r.update(CateID=3), CODES.bad_request),
    ("foreign BizAPPID", lambda r: r.update(BizAPPID="other"), CODES.foreign_app),
    ("status of another kind", lambda r: r.update(Status=2), CODES.bad_request),
    ("virtual status", lambda r: r.update(CateID=2, Status=5), CODES.bad_request),
    ("no EXT", lambda r: r.pop("EXT"), CODES.bad_request),
    ("no product", lambda r: main(r).update(Products=[]), CODES.bad_request),
    ("no product ID", lambda r: main(r)["Products"][0].pop("ID"), CODES.bad_request),
    (
        "six images",
        lambda r: main(r)["Products"][0].update(ImgList=["u"] * 6),
        CODES.too_many_images,
    ),
    (
        "too many attributes",
        lambda r: main(r)["Products"][0].update(SkuAttr=[{"Name": "a", "Value": "b"}] * 5),
        CODES.too_many_attributes,
    ),
    ("wrong amount", lambda r: main(r)["Payment"].update(Amount=2391), CODES.amount_wrong),
    ("no IsPayment", lambda r: main(r)["Payment"].pop("IsPayment"), CODES.bad_request),
    ("unknown method", lambda r: main(r)["Payment"].update(Method=3), CODES.bad_request),
    ("page state", lambda r: main(r)["OrderDetail"].update(Status=3), CODES.bad_request),
    (
        "after-sale status",
        lambda r: r["EXT"]["SubsOrder"]["Items"][0].update(SubStatus=405),
        CODES.bad_request,
    ),
    (
        "after-sale kind",
        lambda r: r["EXT"]["SubsOrder"]["Items"][0].update(OrderType=4),
        CODES.bad_request,
    ),
    (
        "payment of an after-sale without method",
        lambda r: r["EXT"]["SubsOrder"]["Items"][0].update(Payment={"Amount": 1}),
        CODES.bad_request,
    ),
    (
        "refund without product",
        lambda r: r["EXT"]["SubsOrder"]["Items"][0]["Refund"].update(Product=[]),
        CODES.bad_request,
    ),
]


@pytest.mark.parametrize(
    ("change", "code"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_an_order_is_refused(sandbox: Sandbox, change: Change, code: int) -> None:
    body = sample("baidu", "add.main.info.request")
    change(body["Data"][0])
    assert ask_baidu(sandbox, "add.main.info", body)["errno"] == code
    assert ORDER_ID not in sandbox.shops("baidu")[SWAN.app_id]["orders"]


def test_the_buyer_must_be_named_and_be_the_apps_own(sandbox: Sandbox) -> None:
    body = sample("baidu", "add.main.info.request")
    nobody = ask_baidu(sandbox, "add.main.info", body, {"open_id": ""})
    assert nobody["errno"] == CODES.open_id_missing
    foreign = next(iter(sandbox.shops("mini_program").values()))["buyers"][0]
    other = ask_baidu(sandbox, "add.main.info", body, {"open_id": foreign})
    assert other["errno"] == CODES.open_id_foreign
    both = ask_baidu(sandbox, "add.main.info", body, {"swan_id": "guest"})
    assert both["errno"] == CODES.two_buyer_ids
    assert ORDER_ID not in sandbox.shops("baidu")[SWAN.app_id]["orders"]


def test_a_buyer_who_is_not_logged_in_has_a_swan_id(sandbox: Sandbox) -> None:
    body = sample("baidu", "add.main.info.request")
    buyers = sandbox.shops("baidu")[SWAN.app_id]["buyers"]

    guest = ask_baidu(sandbox, "add.main.info", body, {"open_id": "", "swan_id": "guest"})

    assert rows(guest) == ["1"]
    assert (kept(sandbox)["open_id"], kept(sandbox)["query"]) == ("", {"swan_id": "guest"})
    assert sorted(sandbox.shops("baidu")[SWAN.app_id]["buyers"]) == sorted(buyers)


def test_an_update_replaces_what_it_gives(sandbox: Sandbox) -> None:
    imported(sandbox)
    body = sample("baidu", "update.main.info.request")
    main(body["Data"][0])["Products"][0]["Name"] = "新名字"
    assert rows(ask_baidu(sandbox, "update.main.info", body)) == ["1"]
    order = kept(sandbox)
    assert order["main"]["Title"] == "test"
    assert order["main"]["CateID"] == 2
    assert order["main"]["EXT"]["MainOrder"]["Products"][0]["Name"] == "新名字"
    assert order["subs"]["Items"][0]["SubOrderID"] == "onlyOne"


def test_an_update_checks_the_amount_too(sandbox: Sandbox) -> None:
    imported(sandbox)
    body = sample("baidu", "update.main.info.request")
    main(body["Data"][0])["Payment"]["Amount"] = 1
    assert ask_baidu(sandbox, "update.main.info", body)["errno"] == CODES.amount_wrong


def test_statuses_are_set_in_a_batch_with_an_outcome_each(sandbox: Sandbox) -> None:
    imported(sandbox)
    body = sample("baidu", "update.main.status.request")
    body["Data"][0].update(CateID=1, Status=100, Mtime=1600000000)
    assert rows(ask_baidu(sandbox, "update.main.status", body)) == ["1", "0"]
    assert (kept(sandbox)["main"]["Status"], kept(sandbox)["main"]["Mtime"]) == (100, 1600000000)
    body["Data"][0]["Status"] = 4
    assert ask_baidu(sandbox, "update.main.status", body)["errno"] == CODES.bad_request


@pytest.mark.parametrize(
    "endpoint",
    ["update.main.info", "append.sub.info", "update.sub.info", "update.sub.status"],
)
def test_without_the_order_nothing_is_applied(sandbox: Sandbox, endpoint: str) -> None:
    answer = ask_baidu(sandbox, endpoint, sample("baidu", f"{endpoint}.request"))
    assert rows(answer) == ["0"]


def test_after_sales_are_appended_and_an_append_repeated_doubles(sandbox: Sandbox) -> None:
    body = sample("baidu", "add.main.info.request")
    del body["Data"][0]["EXT"]["SubsOrder"]
    ask_baidu(sandbox, "add.main.info", body)
    appended = sample("baidu", "append.sub.info.request")
    for _ in range(2):
        assert rows(ask_baidu(sandbox, "append.sub.info", appended)) == ["1"]
    items = kept(sandbox)["subs"]["Items"]
    assert len(items) == (2 if CODES.repeated_append_doubles else 1)


def test_an_object_in_place_of_the_array_is_taken_as_the_first_manual_prints_it(
    sandbox: Sandbox,
) -> None:
    imported(sandbox)
    body = sample("baidu", "append.sub.info.request")
    assert rows(ask_baidu(sandbox, "append.sub.info", {"Data": body["Data"][0]})) == ["1"]


@pytest.mark.parametrize("endpoint", ["update.sub.info", "update.sub.status"])
def test_an_unknown_after_sale_is_not_applied(sandbox: Sandbox, endpoint: str) -> None:
    imported(sandbox)
    before = kept(sandbox)
    body = sample("baidu", f"{endpoint}.request")
    body["Data"][0]["EXT"]["SubsOrder"]["Items"][0]["SubOrderID"] = "unknown"
    assert rows(ask_baidu(sandbox, endpoint, body)) == ["0"]
    assert kept(sandbox) == before


def test_an_update_of_after_sales_covers_all_of_them(sandbox: Sandbox) -> None:
    imported(sandbox)
    appended = sample("baidu", "append.sub.info.request")
    appended["Data"][0]["EXT"]["SubsOrder"]["Items"][0]["SubOrderID"] = "another"
    ask_baidu(sandbox, "append.sub.info", appended)
    update = sample("baidu", "update.sub.info.request")
    ask_baidu(sandbox, "update.sub.info", update)
    assert kept(sandbox)["subs"] == update["Data"][0]["EXT"]["SubsOrder"]


def test_statuses_of_after_sales_are_set(sandbox: Sandbox) -> None:
    imported(sandbox)
    body = sample("baidu", "update.sub.status.request")
    del body["Data"][0]["EXT"]["SubsOrder"]["Items"][1]
    assert rows(ask_baidu(sandbox, "update.sub.status", body)) == ["1"]
    subs = kept(sandbox)["subs"]
    assert (subs["Status"], subs["Items"][0]["SubStatus"]) == (402, 402)
    assert subs["Items"][0]["Refund"]["Amount"] == 10


def test_a_body_that_is_no_object_is_refused(sandbox: Sandbox) -> None:
    assert ask_baidu(sandbox, "add.main.info", [])["errno"] == CODES.bad_request
    assert ask_baidu(sandbox, "add.main.info", {"Data": 1})["errno"] == CODES.bad_request
