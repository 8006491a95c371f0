"""A query by GET carries a mark, and is not sent again to whom it is known."""

import pytest

from gateway.http.response import etag_of, matches_etag
from tests.fixtures_served import Client

SHOPS = {"query": "{ shops { key } }"}


async def test_an_answer_that_is_known_is_not_sent_again(gateway: Client) -> None:
    first = await gateway.http.get("/graphql", params=SHOPS)
    again = await gateway.http.get(
        "/graphql", params=SHOPS, headers={"If-None-Match": first.headers["etag"]}
    )

    assert first.status_code == 200
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]


async def test_another_answer_is_sent_whole(gateway: Client) -> None:
    first = await gateway.http.get("/graphql", params=SHOPS)
    other = await gateway.http.get(
        "/graphql",
        params={"query": "{ shops { name } }"},
        headers={"If-None-Match": first.headers["etag"]},
    )

    assert other.status_code == 200
    assert other.headers["etag"] != first.headers["etag"]


async def test_errors_and_posts_carry_no_mark(gateway: Client) -> None:
    wrong = await gateway.http.get("/graphql", params={"query": '{ order(id: "x") { id } }'})
    posted = await gateway.http.post("/graphql", json=SHOPS)

    assert "errors" in wrong.json()
    assert "etag" not in wrong.headers
    assert "etag" not in posted.headers


@pytest.mark.parametrize(
    ("header", "known"),
    [
        (None, False),
        ("*", True),
        ('"x"', False),
        ('"x", {etag}', True),
        ("{strong}", True),
    ],
)
def test_what_if_none_match_names(header: str | None, *, known: bool) -> None:
    etag = etag_of(b"{}")
    named = (
        None
        if header is None
        else header.format(etag=etag.decode(), strong=etag.decode().removeprefix("W/"))
    )

    assert matches_etag(named, etag) is known
