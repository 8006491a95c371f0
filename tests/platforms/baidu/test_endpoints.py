from typing import Any

import msgspec
import pytest

from gateway.platforms.baidu.endpoints import ENDPOINTS, after_sale_status_at
from gateway.upstream.endpoint import Endpoint, LostAnswer
from tests.platforms.baidu.samples import sample

ROWS = [pytest.param(row, id=row.name) for row in ENDPOINTS]


def test_the_table_has_every_call_once() -> None:
    assert [row.name for row in ENDPOINTS] == [
        "add.main.info",
        "add.main.logistics",
        "update.main.info",
        "update.main.status",
        "append.sub.info",
        "update.sub.info",
        "update.sub.status",
    ]


@pytest.mark.parametrize("row", ROWS)
def test_a_row_stands_where_its_sample_comes_from(row: Endpoint[Any, Any]) -> None:
    assert row.method == "POST"
    assert row.path == sample("sources")[row.name]["path"]
    assert row.section == sample("sources")[row.name]["section"]


@pytest.mark.parametrize("row", ROWS)
def test_a_request_is_written_as_its_sample(row: Endpoint[Any, Any]) -> None:
    tree = sample(f"{row.name}.request")
    request = msgspec.convert({"open_id": "buyer", **tree}, row.request)

    sent = msgspec.json.decode(msgspec.json.encode(request))

    assert sent == {"open_id": "buyer", **tree}
    cashier = ("scene_id", "scene_type", "pm_app_key") if row.name.startswith("add.") else ()
    assert row.query_fields == ("open_id", "swan_id", *cashier)


@pytest.mark.parametrize("row", ROWS)
def test_an_answer_is_read_from_its_sample(row: Endpoint[Any, Any]) -> None:
    tree = sample(f"{row.name}.response")

    answer = msgspec.convert(tree, row.response)

    assert [record.resource_id for record in answer.data] == [
        record["resource_id"] for record in tree["data"]
    ]
    assert {record.rows_affected for record in answer.data} == {"1"}


@pytest.mark.parametrize(
    ("name", "after"),
    [
        ("add.main.info", LostAnswer.REPEAT),
        ("add.main.logistics", LostAnswer.REPEAT),
        ("update.main.info", LostAnswer.REPEAT),
        ("update.main.status", LostAnswer.REPEAT),
        ("append.sub.info", LostAnswer.REBUILD),
        ("update.sub.info", LostAnswer.REPEAT),
        ("update.sub.status", LostAnswer.REPEAT),
    ],
)
def test_what_follows_a_lost_answer(name: str, after: LostAnswer) -> None:
    (row,) = (row for row in ENDPOINTS if row.name == name)

    assert row.after_lost_answer is after
    assert not row.repeatable


@pytest.mark.parametrize("path", ["app/update/sub/status", "/app/update/sub/status"])
def test_the_path_of_the_last_call_can_be_set(path: str) -> None:
    row = after_sale_status_at(path)

    assert row.path == "/rest/2.0/smartapp/app/update/sub/status"
    assert row.name == "update.sub.status"
