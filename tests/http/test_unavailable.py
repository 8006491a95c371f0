"""What is refused because the gateway cannot serve now says when to come back."""

from collections.abc import Callable, Iterator

import httpx
import pytest

from gateway.errors import (
    GatewayError,
    LedgerUnreadable,
    Overloaded,
    StoreBusy,
    StoreDamaged,
    StoreUnavailable,
)
from tests.http.small_gateway import SmallGateway, served

ACCEPTED = ("application/json", "application/graphql-response+json", "text/event-stream", "*/*")


@pytest.fixture(scope="module")
def small() -> SmallGateway:
    return SmallGateway()


@pytest.fixture(scope="module")
def client(small: SmallGateway) -> Iterator[httpx.Client]:
    """Answer a client of a gateway that refuses what a test says."""
    with served(small.app) as url, httpx.Client(base_url=url, trust_env=False) as client:
        yield client


@pytest.mark.parametrize("accept", ACCEPTED)
@pytest.mark.parametrize(
    ("refusal", "expected"),
    [
        (lambda: StoreUnavailable("out of reach"), ("STORE_UNAVAILABLE", "5")),
        (lambda: StoreDamaged("damaged"), ("STORE_UNAVAILABLE", "60")),
        (lambda: LedgerUnreadable("one value"), ("STORE_UNAVAILABLE", "60")),
        (lambda: StoreBusy("busy", retry_after=1.2), ("OVERLOADED", "2")),
        (lambda: Overloaded("full", retry_after=0.1), ("OVERLOADED", "1")),
    ],
)
@pytest.mark.parametrize("query", ["{ hello }", "mutation { increment }"])
def test_a_503_says_when_to_come_back(
    small: SmallGateway,
    client: httpx.Client,
    accept: str,
    query: str,
    refusal: Callable[[], GatewayError],
    expected: tuple[str, str],
) -> None:
    small.refuses = refusal()

    response = client.post("", json={"query": query}, headers={"Accept": accept})

    assert response.status_code == 503
    (error,) = response.json()["errors"]
    assert (error["extensions"]["code"], response.headers["retry-after"]) == expected
