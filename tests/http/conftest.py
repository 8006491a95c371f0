"""Fixtures of the HTTP edge."""

from collections.abc import Iterator

import httpx
import pytest

from tests.http.small_gateway import SmallGateway, served


@pytest.fixture
def small() -> SmallGateway:
    """Answer a gateway over the small schema, with its default limits."""
    return SmallGateway()


@pytest.fixture
def gateway_url(small: SmallGateway) -> Iterator[str]:
    """Answer the address of GraphQL on a running gateway that is open to loopback."""
    with served(small.app) as url:
        yield f"{url}/graphql"


@pytest.fixture
def client(gateway_url: str) -> Iterator[httpx.Client]:
    """Answer a client whose relative addresses lead to GraphQL."""
    with httpx.Client(base_url=gateway_url, timeout=10, trust_env=False) as client:
        yield client
