"""The table of endpoints against the manual's samples."""

from typing import Any

import msgspec
import pytest

from gateway.platforms.wechat_store.endpoints import ENDPOINTS
from gateway.upstream.endpoint import BodyKind, Endpoint
from tests.platforms.wechat_store.samples import FOLDER, body, tree

Row = Endpoint[Any, Any]

#: Printed by the manual as GET, and without a body.
LISTS = {"express.getall", "group.getall", "shelf.getall"}


def _named(row: Row) -> str:
    return row.name


def test_the_table_has_the_32_calls_of_the_manual() -> None:
    assert len(ENDPOINTS) == 32
    assert len({row.name for row in ENDPOINTS}) == 32
    assert {row.name for row in ENDPOINTS} == {
        name
        for name, source in tree("sources").items()
        if (FOLDER / f"{name}.request.json").exists()
        and (FOLDER / f"{name}.response.json").exists()
        if source["section"]
    }


@pytest.mark.parametrize("row", ENDPOINTS, ids=_named)
def test_the_section_is_the_sample_s(row: Row) -> None:
    assert row.section == tree("sources")[row.name]["section"]


@pytest.mark.parametrize("row", ENDPOINTS, ids=_named)
def test_the_sample_answer_decodes(row: Row) -> None:
    answer = msgspec.json.decode(body(f"{row.name}.response"), type=row.response)

    assert isinstance(answer, row.response)


@pytest.mark.parametrize("row", ENDPOINTS, ids=_named)
def test_the_sample_request_comes_out_as_it_went_in(row: Row) -> None:
    sample = tree(f"{row.name}.request")
    request = msgspec.json.decode(
        body(f"{row.name}.request") if sample else b"{}", type=row.request
    )

    assert msgspec.json.decode(msgspec.json.encode(request)) == (sample or {})


def test_a_shelf_of_widget_5_alone_comes_out_as_it_went_in() -> None:
    row = next(row for row in ENDPOINTS if row.name == "shelf.add")
    request = msgspec.json.decode(body("shelf.add.cover.request"), type=row.request)

    assert msgspec.json.decode(msgspec.json.encode(request)) == tree("shelf.add.cover.request")


@pytest.mark.parametrize("row", ENDPOINTS, ids=_named)
def test_only_lists_are_asked_by_get(row: Row) -> None:
    assert (row.method, row.body) == (
        ("GET", BodyKind.NONE)
        if row.name in LISTS
        else ("POST", BodyKind.BYTES if row.name == "common.upload_img" else BodyKind.JSON)
    )


@pytest.mark.parametrize("row", ENDPOINTS, ids=_named)
def test_reads_are_kept_and_writes_are_never_repeated(row: Row) -> None:
    reads = "get" in row.name

    assert row.repeatable is reads
    assert (row.ttl is not None) is reads
    assert not (reads and row.invalidates)


def test_every_write_voids_what_some_read_is_tagged_with() -> None:
    tags = {tag for row in ENDPOINTS for tag in row.tags}
    voided = {name for row in ENDPOINTS for name in row.invalidates}

    assert voided == tags == {"products", "templates", "groups", "shelves", "orders"}


def test_the_upload_sends_its_name_in_the_query() -> None:
    row = next(row for row in ENDPOINTS if row.name == "common.upload_img")

    assert row.path == "/merchant/common/upload_img"
    assert row.query_fields == ("filename",)
