"""The sandbox answers the manual's own requests with the manual's own answers."""

from gateway.platforms.baidu.sandbox.part import ROUTES
from gateway.platforms.baidu.sandbox.state import SWAN
from tests.fixtures_sandbox import Sandbox
from tests.sandbox.calls import ask_baidu, sample, to_json

#: The manual prints this path without `ordercenter/`.
PRINTED_STATUS = "/rest/2.0/smartapp/app/update/sub/status"


def test_the_order_centre_accepts_its_samples_in_turn(sandbox: Sandbox) -> None:
    imported = sample("baidu", "add.main.info.request")
    assert ask_baidu(sandbox, "add.main.info", imported) == sample(
        "baidu", "add.main.info.response"
    )
    second = sample("baidu", "add.main.info.request")
    second["Data"][0]["ResourceID"] = "3221554346520"
    ask_baidu(sandbox, "add.main.info", second)
    appended = sample("baidu", "append.sub.info.request")
    appended["Data"][0]["EXT"]["SubsOrder"]["Items"][0]["SubOrderID"] = "another"
    ask_baidu(sandbox, "append.sub.info", appended)
    for name in (
        "update.main.info",
        "update.main.status",
        "append.sub.info",
        "update.sub.status",
        "update.sub.info",
    ):
        answer = ask_baidu(sandbox, name, sample("baidu", f"{name}.request"))
        assert answer == sample("baidu", f"{name}.response")


def test_samples_are_taken_as_they_are_printed(sandbox: Sandbox) -> None:
    # Comments and commas that JSON does not have are removed, nothing else: Data is an object, and
    # statuses are empty.
    names = ("add.main.info", "append.sub.info", "update.sub.info", "update.sub.status")
    answers = [
        ask_baidu(sandbox, name, sample("baidu", f"{name}.printed.request")) for name in names
    ]

    assert [answer["errno"] for answer in answers] == [0, 0, 0, 0]
    assert [answer["data"][0]["rows_affected"] for answer in answers] == ["1", "1", "1", "1"]


def test_the_printed_path_of_the_after_sale_status_is_played(sandbox: Sandbox) -> None:
    ask_baidu(sandbox, "add.main.info", sample("baidu", "add.main.info.request"))
    request = sample("baidu", "update.sub.status.request")
    request["Data"][0]["EXT"]["SubsOrder"]["Items"] = [{"SubOrderID": "onlyOne", "SubStatus": 402}]
    query = {"access_token": sandbox.token(SWAN), "open_id": "swanbuyer"}

    answer = sandbox.client.post(PRINTED_STATUS, params=query, content=to_json(request)).json()

    assert (answer["errno"], answer["data"][0]["rows_affected"]) == (0, "1")


def test_a_kind_that_the_manual_does_not_list_is_refused(sandbox: Sandbox) -> None:
    request = sample("baidu", "add.main.info.request")
    request["Data"][0]["CateID"] = 3

    assert ask_baidu(sandbox, "add.main.info", request)["errno"] != 0


def test_an_unknown_order_is_not_applied_as_printed(sandbox: Sandbox) -> None:
    request = sample("baidu", "update.main.status.request")
    request["Data"] = request["Data"][:1]
    request["Data"][0]["ResourceID"] = "aa"
    answer = ask_baidu(sandbox, "update.main.status", request)
    printed = sample("baidu", "refused.response")
    assert answer["errno"] == printed["errno"]
    assert answer["data"][0]["rows_affected"] == printed["data"][0]["rows_affected"] == "0"


def test_every_endpoint_is_played_and_has_its_sample() -> None:
    printed = {str(known.get("path")) for known in sample("baidu", "sources").values()}
    assert (printed - {"None"}) | {PRINTED_STATUS} == ROUTES.keys()
