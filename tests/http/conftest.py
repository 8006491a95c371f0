"""Fixtures of the HTTP edge."""

from collections.abc import Iterator

import httpx
import pytest

from tests.http.small_gateway import SmallGateway, served


@pytest.fixture(scope="session")
def running() -> Iterator[tuple[SmallGateway, str]]:
    """Answer a running gateway over the small schema, with its default limits."""
    small = SmallGateway()
    with served(small.app) as url:
        yield small, f"{url}/graphql"


@pytest.fixture
def small(running: tuple[SmallGateway, str]) -> SmallGateway:
    """Answer the running gateway, in which nothing has happened yet."""
    gateway, _ = running
    gateway.forget()
    return gateway


@pytest.fixture
def gateway_url(running: tuple[SmallGateway, str]) -> str:
    """Answer the address of GraphQL on a running gateway that is open to loopback."""
    _, url = running
    return url


@pytest.fixture
def client(small: SmallGateway, gateway_url: str) -> Iterator[httpx.Client]:
    """Answer a client whose relative addresses lead to GraphQL."""
    assert small.journal.started == []
    with httpx.Client(base_url=gateway_url, timeout=60, trust_env=False) as client:
        yield client
