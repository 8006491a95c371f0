"""Identical queries that are under way at the same time are executed once."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping

import httpx
import pytest

from gateway.http.request_pipeline import RequestLimits
from tests.http.small_gateway import SmallGateway, served, without_cost
from tests.waiting import eventually

SLOW = {"query": "query ($m: String!) { slow(seconds: 0.3, mark: $m) }", "variables": {"m": "a"}}
FAILING = {"query": '{ slow(seconds: 0.3, mark: "a") fails(how: "store") }'}


@pytest.fixture
async def small() -> SmallGateway:
    """Answer a gateway in which nothing is written unless a test says so."""
    return SmallGateway(writes=0, limits=RequestLimits(body_bytes=10_000, cost=100, seconds=3))


@pytest.fixture
async def client(small: SmallGateway) -> AsyncIterator[httpx.AsyncClient]:
    """Answer a client of it."""
    with served(small.app) as url:
        async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
            yield client


async def post(
    client: httpx.AsyncClient,
    body: Mapping[str, object] = SLOW,
    headers: Mapping[str, str] | None = None,
) -> httpx.Response:
    """One request."""
    return await client.post("", json=body, headers=headers)


async def noted(marks: list[str]) -> None:
    """Wait until the journal holds something there."""
    await eventually(lambda: marks)


async def test_the_same_query_is_executed_once(
    small: SmallGateway, client: httpx.AsyncClient
) -> None:
    answers = await asyncio.gather(*(post(client) for _ in range(5)))

    assert [without_cost(answer) for answer in answers] == [{"data": {"slow": "a"}}] * 5
    assert small.journal.started == ["a"]
    assert small.observed.seen == [("query", "OK")] * 5


async def test_one_that_comes_afterwards_is_executed_anew(
    small: SmallGateway, client: httpx.AsyncClient
) -> None:
    await post(client)
    await post(client)

    assert small.journal.started == ["a", "a"]


async def test_an_error_bears_the_id_of_each_request(
    small: SmallGateway, client: httpx.AsyncClient
) -> None:
    answers = await asyncio.gather(
        *(post(client, FAILING, {"x-request-id": f"request-{n}"}) for n in range(2))
    )

    errors = [answer.json()["errors"][0]["extensions"] for answer in answers]
    assert errors == [
        {"code": "STORE_UNAVAILABLE", "retryAfter": 5, "requestId": "request-0"},
        {"code": "STORE_UNAVAILABLE", "retryAfter": 5, "requestId": "request-1"},
    ]
    assert small.journal.started == ["a"]
    assert small.observed.seen == [("query", "STORE_UNAVAILABLE")] * 2


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (SLOW | {"variables": {"m": "b"}}, {}),
        (FAILING, {}),
        (SLOW, {"authorization": "Bearer another"}),
        (SLOW, {"cache-control": "no-cache"}),
    ],
    ids=["variables", "document", "caller", "afresh"],
)
async def test_what_differs_is_executed_for_itself(
    small: SmallGateway,
    client: httpx.AsyncClient,
    body: Mapping[str, object],
    headers: Mapping[str, str],
) -> None:
    await asyncio.gather(post(client), post(client, body, headers))

    assert len(small.journal.started) == 2


async def test_nobody_joins_what_began_before_a_write(
    small: SmallGateway, client: httpx.AsyncClient
) -> None:
    first = asyncio.create_task(post(client))
    await noted(small.journal.started)
    small.writes = 1
    await post(client)
    await first

    assert small.journal.started == ["a", "a"]


async def test_nobody_joins_where_writes_are_not_known(
    small: SmallGateway, client: httpx.AsyncClient
) -> None:
    small.writes = None

    await asyncio.gather(post(client), post(client))

    assert small.journal.started == ["a", "a"]


async def test_a_query_with_a_file_is_executed_for_itself(
    small: SmallGateway, client: httpx.AsyncClient
) -> None:
    operations = SLOW | {"variables": {"m": "a", "f": None}}
    parts: dict[str, tuple[str | None, bytes]] = {
        "operations": (None, json.dumps(operations).encode()),
        "map": (None, b'{"0": ["variables.f"]}'),
        "0": ("a.png", b"bytes"),
    }
    headers = {"graphql-require-preflight": "1"}

    answers = await asyncio.gather(
        *(client.post("", files=parts, headers=headers) for _ in range(2))
    )

    assert [without_cost(answer) for answer in answers] == [{"data": {"slow": "a"}}] * 2
    assert small.journal.started == ["a", "a"]


async def test_queries_by_get_are_executed_for_themselves(
    small: SmallGateway, client: httpx.AsyncClient
) -> None:
    query = {"query": '{ slow(seconds: 0.3, mark: "a") }'}

    await asyncio.gather(*(client.get("", params=query) for _ in range(2)))

    assert small.journal.started == ["a", "a"]


async def test_one_that_leaves_takes_nothing_from_the_others(
    small: SmallGateway, client: httpx.AsyncClient
) -> None:
    body = {"query": '{ slow(seconds: 2, mark: "a") }'}
    async with httpx.AsyncClient(base_url=client.base_url, trust_env=False) as leaving:
        first = asyncio.create_task(post(leaving, body))
        await noted(small.journal.started)
        second = asyncio.create_task(post(client, body))
        await asyncio.sleep(0.5)
        first.cancel()
        await asyncio.wait([first])

    assert without_cost(await second) == {"data": {"slow": "a"}}
    assert first.cancelled()
    assert (small.journal.started, small.journal.cancelled) == (["a"], [])
    assert small.observed.seen == [("query", "CLIENT_GONE"), ("query", "OK")]


async def test_what_nobody_waits_for_is_cancelled(
    small: SmallGateway, client: httpx.AsyncClient
) -> None:
    body = {"query": '{ slow(seconds: 30, mark: "a") }'}

    answers = await asyncio.gather(post(client, body), post(client, body))

    codes = [answer.json()["errors"][0]["extensions"]["code"] for answer in answers]
    assert codes == ["TIMEOUT", "TIMEOUT"]
    await noted(small.journal.cancelled)
    assert (small.journal.started, small.journal.cancelled) == (["a"], ["a"])
