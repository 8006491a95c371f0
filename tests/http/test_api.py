"""The routes that are not GraphQL: how they are described, refused, and what fails in them."""

import logging
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import APIRouter

from gateway.errors import Overloaded
from gateway.http.api import create_api
from gateway.http.application import Application
from tests.fixtures_served import Client
from tests.house.tree import ROOT

STATIC = ROOT / "gateway/static/swagger_ui"
DESCRIBED = {
    ("get", "/livez"): {"200"},
    ("get", "/readyz"): {"200", "503"},
    ("get", "/metrics"): {"200", "401", "403"},
    ("get", "/bulk/{id}"): {"200", "206", "304", "401", "403", "404", "409", "410", "416"},
    ("get", "/webhooks/{sender}/{shop}"): {"200", "403"},
    ("post", "/webhooks/{sender}/{shop}"): {"200", "403", "503"},
}


async def description(gateway: Client) -> Any:
    """The OpenAPI document."""
    answer = await gateway.http.get("/openapi.json")
    assert answer.status_code == 200
    return answer.json()


async def test_every_route_is_described_with_its_answers(gateway: Client) -> None:
    document = await description(gateway)

    described = {
        (method, path): set(operation["responses"])
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    }
    assert described == DESCRIBED
    tags = {tag["name"] for tag in document["tags"]}
    for operations in document["paths"].values():
        for operation in operations.values():
            assert operation["summary"]
            assert operation["description"]
            assert set(operation["tags"]) <= tags
            assert all(found["description"] for found in operation["responses"].values())
            assert all(found.get("description") for found in operation.get("parameters", []))


async def test_the_described_key_is_the_one_that_metrics_want(gateway: Client) -> None:
    document = await description(gateway)

    assert document["components"]["securitySchemes"]["api_key"]["scheme"] == "bearer"
    secured = {path for path, found in document["paths"].items() if "security" in found["get"]}
    assert secured == {"/metrics", "/bulk/{id}"}


async def test_the_description_works_below_a_prefix_and_names_no_host(gateway: Client) -> None:
    document = await description(gateway)

    assert document["servers"] == [{"url": "."}]
    assert re.findall(r"https?://", str(document)) == []


async def test_the_docs_page_loads_from_the_gateway_alone(gateway: Client) -> None:
    page = await gateway.http.get("/docs")

    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["cache-control"] == "no-store"
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert re.findall(r"https?://", page.text) == []
    names = re.findall(r'(?:src|href)="(docs/[^"]+)"', page.text)
    assert [name.rpartition("/")[2] for name in names] == ["page.css", "page.js"]
    for name in names:
        file = await gateway.http.get(f"/{name}")
        assert file.status_code == 200
        assert file.headers["cache-control"] == "public, max-age=31536000, immutable"


async def test_the_licences_of_the_page_are_served_with_it(gateway: Client) -> None:
    page = (await gateway.http.get("/docs")).text
    folder = re.findall(r'href="(docs/static/[0-9a-f]+)/page.css"', page)

    licences = await gateway.http.get(f"/{folder[0]}/THIRD-PARTY-LICENSES.txt")

    assert licences.text == (STATIC / "THIRD-PARTY-LICENSES.txt").read_text()
    for name in ("swagger-ui-dist", "Apache License", "DOMPurify", "classnames"):
        assert name in licences.text


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", "/livez", "/readyz", "/metrics"])
async def test_a_head_has_no_body(path: str, gateway: Client) -> None:
    answer = await gateway.http.head(path)

    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", "/livez", "/readyz", "/metrics"])
async def test_another_method_is_refused_with_those_allowed(path: str, gateway: Client) -> None:
    answer = await gateway.http.delete(path, headers={"X-Request-Id": "mine"})

    assert answer.status_code == 405
    assert sorted(answer.headers["allow"].split(", ")) == ["GET", "HEAD"]
    assert answer.headers["x-request-id"] == "mine"
    assert answer.json() == {
        "errors": [
            {
                "message": "Method Not Allowed",
                "extensions": {"code": "BAD_USER_INPUT", "requestId": "mine"},
            }
        ]
    }


@pytest.mark.parametrize("path", ["/nowhere", "/livez/", "/redoc", "/docs/oauth2-redirect"])
async def test_an_unknown_path_is_not_found(path: str, gateway: Client) -> None:
    answer = await gateway.http.get(path, headers={"X-Request-Id": "mine"})

    assert answer.status_code == 404
    assert answer.json()["errors"] == [
        {
            "message": "Not Found",
            "extensions": {"code": "BAD_USER_INPUT", "requestId": "mine"},
        }
    ]


async def test_metrics_are_refused_with_the_scheme_of_the_key(gateway: Client) -> None:
    answer = await gateway.http.get("/metrics", headers={"Host": "shop.example"})

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


@pytest.fixture
async def broken() -> AsyncIterator[httpx.AsyncClient]:
    """Answer a client of routes that fail."""
    router = APIRouter()

    @router.get("/broken")
    async def fail() -> None:
        """Fail with something that nobody outside may see."""
        raise RuntimeError("secret")

    @router.get("/busy")
    async def refuse() -> None:
        """Refuse as the gateway does on purpose."""
        raise Overloaded("Try again", retry_after=1.2)

    api = create_api()
    api.include_router(router)
    transport = httpx.ASGITransport(Application({}, {}, api), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        yield client


async def test_what_fails_says_nothing_internal(
    broken: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = await broken.get("/broken", headers={"X-Request-Id": "mine"})

    assert answer.status_code == 500
    assert answer.json() == {
        "errors": [
            {
                "message": "Internal error",
                "extensions": {"code": "INTERNAL", "requestId": "mine"},
            }
        ]
    }
    assert answer.headers["x-request-id"] == "mine"


async def test_a_refusal_tells_when_to_come_again(broken: httpx.AsyncClient) -> None:
    answer = await broken.get("/busy")

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert answer.json()["errors"][0]["extensions"]["retryAfter"] == 2
