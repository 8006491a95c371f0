"""Time, points and places: what one caller may take of the gateway."""

import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import httpx
import pytest

from gateway.http.rate_limiter import RateLimiter
from gateway.http.request_pipeline import RequestLimits
from tests.http.small_gateway import SmallGateway, served
from tests.http.test_protocol import RESPONSE, code_of
from tests.waiting import eventually


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@contextmanager
def client_of(small: SmallGateway) -> Iterator[httpx.Client]:
    """A client of a gateway that is made for one test."""
    with (
        served(small.app) as url,
        httpx.Client(base_url=url, timeout=60, trust_env=False) as client,
    ):
        yield client


def limits(*, seconds: float = 5, in_flight: int = 512) -> RequestLimits:
    """Limits of which one is narrow."""
    return RequestLimits(body_bytes=100_000, cost=100, seconds=seconds, in_flight=in_flight)


#: 3 for its 23 tokens, once; 1 for the operation, 5 shops: each 1, 1 for its products, and 4 nodes.
#: There is one shop.
FOUR_OF_EACH = {
    "query": "query ($n: Int) { shops { products(first: $n) { nodes { id } } } }",
    "variables": {"n": 4},
}
#: The largest that is reserved, as one that fails uses nothing of it.
ABSENT = {"query": "{ shops { products(first: 5) { nodes { id } } } missing }"}


def test_what_was_reserved_and_not_used_comes_back_at_once() -> None:
    small = SmallGateway(limits=limits(), rate_limiter=RateLimiter(60, Clock()))
    with client_of(small) as client:
        first = client.post("", json=FOUR_OF_EACH)
        second = client.post("", json=FOUR_OF_EACH)

    known = {"limit": 100, "perMinute": 60}
    assert first.json()["extensions"]["cost"] == (
        known | {"reserved": 31, "used": 7, "remaining": 50, "fullIn": 10}
    )
    assert first.headers["ratelimit-policy"] == '"points";q=60;w=60'
    assert first.headers["ratelimit"] == '"points";r=50;t=10'
    # The list of shops counts as long as it was.
    assert second.json()["extensions"]["cost"] == (
        known | {"reserved": 7, "used": 7, "remaining": 43, "fullIn": 17}
    )


def test_points_come_back_a_little_at_a_time() -> None:
    clock = Clock()
    rate_limiter = RateLimiter(60, clock)
    small = SmallGateway(limits=limits(), rate_limiter=rate_limiter)
    with client_of(small) as client:
        rate_limiter.spend("open", 31)
        refused = client.post("", json=FOUR_OF_EACH)
        told = int(refused.headers["retry-after"])
        clock.now += told - 0.5
        early = client.post("", json=FOUR_OF_EACH)
        clock.now += 0.5
        admitted = client.post("", json=FOUR_OF_EACH)

    assert (refused.status_code, code_of(refused)) == (429, "RATE_LIMITED")
    assert told == 5
    error = refused.json()["errors"][0]
    assert error["message"] == (
        "The operation costs 31 points and 26 are left; 60 are refilled a minute"
    )
    cost = {"reserved": 31, "used": 0, "limit": 100, "remaining": 0, "perMinute": 60, "fullIn": 65}
    assert refused.json()["extensions"]["cost"] == cost
    assert error["extensions"]["cost"] == cost
    assert error["extensions"]["retryAfter"] == 5
    assert refused.headers["ratelimit"] == '"points";r=0;t=65'
    assert early.status_code == 429
    assert admitted.status_code == 200


def test_a_result_without_data_uses_only_what_was_given() -> None:
    small = SmallGateway(limits=limits(), rate_limiter=RateLimiter(60, Clock()))
    with client_of(small) as client:
        failed = client.post("", json=ABSENT)

    cost = failed.json()["extensions"]["cost"]
    assert failed.json()["data"] is None
    assert (cost["reserved"], cost["used"], cost["remaining"]) == (36, 1, 57)


def test_variables_that_cannot_be_read_are_not_charged_for_the_work() -> None:
    small = SmallGateway(limits=limits(), rate_limiter=RateLimiter(60, Clock()))
    with client_of(small) as client:
        query = (
            "query ($m: Int!) { shops { products(first: 1) { nodes { id } } } number(value: $m) }"
        )
        refused = client.post("", json={"query": query, "variables": {"m": "four"}})

    cost = refused.json()["extensions"]["cost"]
    assert code_of(refused) == "BAD_USER_INPUT"
    assert (cost["reserved"], cost["used"], cost["remaining"]) == (16, 1, 55)


def test_documents_that_are_refused_are_paid_for_once() -> None:
    small = SmallGateway(limits=limits(), rate_limiter=RateLimiter(60, Clock()))
    with client_of(small) as client:
        codes = [
            code_of(client.post("", json={"query": f"{{ nowhere{number} }}"}))
            for number in (*range(60), 0, 60)
        ]

    assert codes == ["GRAPHQL_VALIDATION_FAILED"] * 61 + ["RATE_LIMITED"]


def test_each_caller_has_points_of_its_own() -> None:
    small = SmallGateway(limits=limits(), rate_limiter=RateLimiter(60, Clock()))
    query = {"query": "{ shops { products { pageInfo { hasNextPage } } } }"}
    with client_of(small) as client:
        statuses = [
            client.post("", json=query, headers=headers).status_code
            for headers in ({}, {}, {}, {"authorization": "Bearer k"})
        ]

    assert statuses == [200, 200, 200, 200]


def test_an_operation_beyond_the_limit_is_refused_whatever_is_left() -> None:
    small = SmallGateway(limits=limits())
    with client_of(small) as client:
        response = client.post(
            "",
            json={"query": "{ shops { products(first: 19) { nodes { id } } } }"},
            headers={"accept": RESPONSE},
        )

    assert (response.status_code, code_of(response)) == (400, "COST_LIMIT_EXCEEDED")
    assert response.json()["errors"][0]["message"] == (
        "The operation costs 106 points; the limit is 100: ask for fewer things at once"
    )
    assert response.json()["extensions"] == {"cost": {"reserved": 106, "used": 0, "limit": 100}}


@pytest.mark.parametrize("accept", ["application/json", RESPONSE])
def test_a_query_past_its_time_is_cancelled(accept: str) -> None:
    small = SmallGateway(limits=limits(seconds=0.1))
    with client_of(small) as client:
        response = client.post(
            "",
            json={"query": '{ slow(seconds: 5, mark: "a") }'},
            headers={"accept": accept},
        )

    assert response.status_code == 200
    assert response.json()["data"] is None
    (error,) = response.json()["errors"]
    assert error["message"] == "The query was not done after 0.1 seconds"
    assert error["extensions"]["code"] == "TIMEOUT"
    assert small.journal.cancelled == ["a"]


def test_a_mutation_past_its_time_goes_on() -> None:
    small = SmallGateway(limits=limits(seconds=0.1))
    with client_of(small) as client:
        response = client.post("", json={"query": "mutation { incrementSlowly(seconds: 0.3) }"})
        before = small.journal.increments
        client.post("", json={"query": '{ slow(seconds: 0.05, mark: "b") }'})
        while not small.journal.increments:
            client.post("", json={"query": '{ slow(seconds: 0.01, mark: "c") }'})

    assert response.json()["errors"][0]["extensions"]["code"] == "TIMEOUT"
    assert response.json()["data"] is None
    assert (before, small.journal.increments) == (0, 1)


def test_too_many_at_once_are_turned_away() -> None:
    small = SmallGateway(limits=limits(in_flight=1))
    with client_of(small) as client:
        slow = threading.Thread(
            target=client.post,
            args=("",),
            kwargs={"json": {"query": '{ slow(seconds: 0.5, mark: "a") }'}},
        )
        slow.start()
        while not small.journal.started:
            time.sleep(0.005)
        turned_away = client.post("", json={"query": "{ hello }"})
        slow.join()
        served_again = client.post("", json={"query": "{ hello }"})

    assert (turned_away.status_code, code_of(turned_away)) == (503, "OVERLOADED")
    assert turned_away.headers["retry-after"] == "1"
    assert served_again.status_code == 200


def test_a_body_that_does_not_come_is_given_up() -> None:
    def stalling() -> Iterator[bytes]:
        yield b"{"
        release.wait(2)

    release = threading.Event()
    small = SmallGateway(limits=limits(seconds=0.1))
    with client_of(small) as client:
        response = client.post("", content=stalling(), headers={"content-type": "application/json"})
        release.set()

    assert response.status_code == 408


@pytest.fixture
async def gone() -> AsyncIterator[SmallGateway]:
    """Answer a gateway whose client leaves while an operation runs."""
    small = SmallGateway()
    yield small
    assert await small.execution.mutations.drain(60) == 0


async def leave(small: SmallGateway, query: str) -> None:
    """Send an operation, and close the connection a little later."""
    soon = httpx.Timeout(60, read=0.2)
    with served(small.app) as url:
        async with httpx.AsyncClient(trust_env=False) as client:
            with pytest.raises(httpx.ReadTimeout):
                await client.post(url, json={"query": query}, timeout=soon)
        await eventually(lambda: small.observed.seen)


async def test_nobody_waits_for_a_query_any_more() -> None:
    small = SmallGateway()

    await leave(small, '{ slow(seconds: 30, mark: "a") }')

    assert small.journal.cancelled == ["a"]
    assert small.observed.seen == [("query", "CLIENT_GONE")]


async def test_a_mutation_ends_although_nobody_waits() -> None:
    small = SmallGateway()

    await leave(small, "mutation { incrementSlowly(seconds: 0.6) }")

    assert small.journal.increments == 1
    assert small.observed.seen == [("mutation", "OK")]
