"""Bodies of requests that came before are not parsed again."""

import json
from collections.abc import AsyncIterator

import httpx
import pytest

from gateway.http import request_pipeline
from gateway.http.parameters import Parameters, from_body
from tests.http.small_gateway import SmallGateway, served

DOCUMENT = 'query Greet($name: String! = "world") { hello(name: $name) }'


def greeting(variables: dict[str, str]) -> str:
    """The body of a request."""
    return json.dumps({"query": DOCUMENT, "variables": variables})


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Answer the bodies that were parsed."""
    parsed: list[bytes] = []

    def parse(body: bytes) -> Parameters:
        parsed.append(body)
        return from_body(body)

    monkeypatch.setattr(request_pipeline, "from_body", parse)
    return parsed


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
    client: httpx.AsyncClient, asked: list[bytes]
) -> None:
    body = greeting({})

    answers = [(await client.post("", content=body)).text for _ in range(3)]

    assert answers == [answers[0]] * 3
    assert '"errors"' not in answers[0]
    assert len(asked) == 1


async def test_variables_are_read_each_time(client: httpx.AsyncClient, asked: list[bytes]) -> None:
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
