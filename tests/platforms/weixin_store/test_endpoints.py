"""The table of endpoints against the reference's samples."""

from typing import Any

import msgspec
import pytest

from gateway.platforms.weixin_store.endpoints import ENDPOINTS
from gateway.upstream.endpoint import BodyKind, Endpoint
from tests.platforms.weixin_store.samples import FOLDER, body, tree

Row = Endpoint[Any, Any]

#: All others are asked by POST: a GET of theirs is refused with 43002.
ASKED_BY_GET = {"basics.info.get", "category.all"}


def _named(row: Row) -> str:
    return row.name


def test_every_call_has_a_sample_and_a_name_of_its_own() -> None:
    names = [row.name for row in ENDPOINTS]

    assert len(set(names)) == len(names)
    assert set(names) == {
        path.name.removesuffix(".request.json")
        for path in FOLDER.glob("*.request.json")
        if (FOLDER / path.name.replace("request", "response")).exists()
    }


@pytest.mark.parametrize("row", ENDPOINTS, ids=_named)
def test_the_path_is_below_one_of_the_two_folders_of_the_platform(row: Row) -> None:
    folder, _, rest = row.path.partition("/ec/")

    assert folder in {"/channels", "/shop"}
    # One call takes a file, or an address to fetch it from.
    assert rest.replace("/", ".") == row.name.removesuffix(".url")


@pytest.mark.parametrize("row", ENDPOINTS, ids=_named)
def test_the_sample_answer_decodes(row: Row) -> None:
    answer = msgspec.json.decode(body(f"{row.name}.response"), type=row.response)

    assert isinstance(answer, row.response)


@pytest.mark.parametrize("row", ENDPOINTS, ids=_named)
def test_the_sample_request_comes_out_as_it_went_in(row: Row) -> None:
    request = msgspec.json.decode(body(f"{row.name}.request"), type=row.request)

    assert msgspec.json.decode(msgspec.json.encode(request)) == tree(f"{row.name}.request")


@pytest.mark.parametrize("row", ENDPOINTS, ids=_named)
def test_only_some_reads_are_asked_by_get(row: Row) -> None:
    by_get = (row.method, row.body) == ("GET", BodyKind.NONE)

    assert by_get is (row.name in ASKED_BY_GET)
    assert by_get or row.method == "POST"


@pytest.mark.parametrize("row", ENDPOINTS, ids=_named)
def test_a_read_voids_nothing(row: Row) -> None:
    assert not (row.repeatable and row.ttl is not None and row.invalidates)
