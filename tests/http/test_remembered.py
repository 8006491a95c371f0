"""What is remembered of requests that came before."""

import json
from collections.abc import AsyncIterator

import httpx
import pytest

from gateway.http.documents import Document
from gateway.http.remembered import LruCache
from tests.http.small_gateway import SmallGateway, served

DOCUMENT = 'query Greet($name: String! = "world") { hello(name: $name) }'


def greeting(variables: dict[str, str]) -> str:
    """The body of a request."""
    return json.dumps({"query": DOCUMENT, "variables": variables})


def test_what_was_not_asked_for_longest_is_forgotten() -> None:
    kept: LruCache[str, int] = LruCache(most=2)
    kept.keep("a", 1, 1)
    kept.keep("b", 2, 1)
    assert kept.get("a") == 1

    kept.keep("c", 3, 1)

    assert (kept.get("a"), kept.get("b"), kept.get("c")) == (1, None, 3)


def test_sizes_are_counted_together() -> None:
    kept: LruCache[bytes, int] = LruCache(characters=10)
    kept.keep(b"a", 1, 6)
    kept.keep(b"a", 1, 6)
    assert kept.get(b"a") == 1

    kept.keep(b"b", 2, 5)

    assert (kept.get(b"a"), kept.get(b"b")) == (None, 2)
    kept.keep(b"c", 3, 5)
    assert (kept.get(b"b"), kept.get(b"c")) == (2, 3)


def test_what_is_too_large_pushes_nothing_out() -> None:
    kept: LruCache[str, int] = LruCache(characters=10)
    kept.keep("a", 1, 10)

    kept.keep("b", 2, 11)

    assert (kept.get("a"), kept.get("b")) == (1, None)


@pytest.fixture
def asked(small: SmallGateway, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Answer the documents that were looked up."""
    found: list[str] = []
    look_up = small.documents.get

    def get(text: str) -> Document:
        found.append(text)
        return look_up(text)

    monkeypatch.setattr(small.documents, "get", get)
    return found


@pytest.fixture
def small() -> SmallGateway:
    """Answer a gateway of one's own."""
    return SmallGateway()


@pytest.fixture
async def client(small: SmallGateway) -> AsyncIterator[httpx.AsyncClient]:
    """Answer a client that sends JSON."""
    headers = {"content-type": "application/json"}
    with served(small.app) as url:
        async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False) as client:
            yield client


async def test_a_body_without_variables_is_read_once(
    client: httpx.AsyncClient, asked: list[str]
) -> None:
    body = greeting({})

    answers = [(await client.post("", content=body)).text for _ in range(3)]

    assert answers == [answers[0]] * 3
    assert '"errors"' not in answers[0]
    assert len(asked) == 1


async def test_variables_are_read_each_time(client: httpx.AsyncClient, asked: list[str]) -> None:
    bodies = [greeting({"name": name}) for name in "甲乙甲乙"]

    answers = [(await client.post("", content=body)).json() for body in bodies]

    greetings = [answer["data"]["hello"] for answer in answers]
    assert greetings[0] == greetings[2] != greetings[1] == greetings[3]
    assert len(asked) == len(bodies)


async def test_a_refused_body_is_refused_again(client: httpx.AsyncClient) -> None:
    body = '{"query": "{ nowhere }"}'

    answers = [await client.post("", content=body) for _ in range(2)]

    assert answers[0].json()["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert answers[1].json()["errors"][0]["message"] == answers[0].json()["errors"][0]["message"]
