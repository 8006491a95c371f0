"""The page that a browser gets, and the files that it loads."""

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from graphql import (
    FragmentDefinitionNode,
    OperationDefinitionNode,
    build_schema,
    parse,
    validate,
)

from gateway.http.api import create_api
from gateway.http.application import Application
from gateway.http.cost import CostCompiler
from gateway.http.field_prices import FIELD_PRICES
from gateway.http.graphiql import GraphiQL
from gateway.http.local_callers import LocalCallers
from gateway.http.query_limits import check_query_limits
from tests.house.tree import ROOT
from tests.http.small_gateway import SmallGateway, served, without_cost

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8"
KEY = 'gw_"<demo>'
ORIGIN = "https://shop.example"
EXAMPLES = sorted((ROOT / "assets/src/examples").glob("*.graphql"))


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """Answer the address of a gateway with GraphiQL, a front end's origin, and another path."""
    page = GraphiQL(LocalCallers(possible=True), key=KEY)
    graphql = SmallGateway(key=KEY, page=page).endpoint
    api = create_api()
    api.mount("/graphql/static", page.static)
    with served(Application({"/graphql": graphql}, {}, api, origins=[ORIGIN])) as url:
        yield url


@pytest.fixture
def browser(site: str) -> Iterator[httpx.Client]:
    """Answer a client that asks as browsers do."""
    headers = {"accept": BROWSER}
    with httpx.Client(base_url=site, headers=headers, timeout=60, trust_env=False) as client:
        yield client


def test_a_browser_gets_the_page(browser: httpx.Client) -> None:
    response = browser.get("/graphql")

    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "<title>GraphiQL</title>" in response.text
    assert response.headers["vary"] == "Accept, Origin"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-content-type-options"] == "nosniff"
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    # Nothing that the page loads stands anywhere else.
    assert re.findall(r"https?://", response.text) == []


def test_everything_the_page_names_is_there(browser: httpx.Client) -> None:
    page = browser.get("/graphql").text

    names = re.findall(r'(?:src|href)="(graphql/[^"]+)"', page)
    assert [name.rpartition("/")[2] for name in names] == ["page.css", "page.js"]
    for name in names:
        assert browser.get(f"/{name}").status_code == 200


def test_the_key_stands_in_the_page_on_loopback_only(browser: httpx.Client) -> None:
    here = browser.get("/graphql").text
    elsewhere = browser.get("/graphql", headers={"host": "rebound.example"}).text

    assert 'data-authorization="Bearer gw_&quot;&lt;demo&gt;"' in here
    assert 'data-authorization="Bearer "' in elsewhere


def test_a_client_that_wants_json_gets_no_page(browser: httpx.Client) -> None:
    headers = {"accept": "*/*", "authorization": f"Bearer {KEY}"}

    response = browser.get("/graphql", params={"query": "{ shops { key } }"}, headers=headers)

    assert without_cost(response) == {"data": {"shops": [{"key": "one"}]}}


@pytest.mark.parametrize(
    ("accept_encoding", "encoding"), [("gzip, br", "gzip"), ("identity", None)]
)
def test_files_may_be_kept_for_ever(
    browser: httpx.Client, accept_encoding: str, encoding: str | None
) -> None:
    files = GraphiQL(LocalCallers(possible=True)).static

    with browser.stream(
        "GET",
        f"/graphql/static/{files.digest}/page.js",
        headers={"accept-encoding": accept_encoding},
    ) as response:
        raw = b"".join(response.iter_raw())

    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert response.headers["content-type"] == "text/javascript; charset=utf-8"
    assert response.headers.get("content-encoding") == encoding
    content = gzip.decompress(raw) if encoding else raw
    assert content == (ROOT / "gateway/static/graphiql/page.js").read_bytes()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("{digest}/THIRD-PARTY-LICENSES.txt", 200),
        ("{digest}/nothing.js", 404),
        ("{digest}/", 404),
        ("0000000000000000/page.js", 404),
        ("{digest}/..%2f..%2f__init__.py", 404),
        ("", 404),
    ],
)
def test_no_other_file_is_served(browser: httpx.Client, path: str, status: int) -> None:
    path = path.format(digest=GraphiQL(LocalCallers(possible=True)).static.digest)

    assert browser.get(f"/graphql/static/{path}").status_code == status


def test_files_are_read_only(browser: httpx.Client) -> None:
    path = f"/graphql/static/{GraphiQL(LocalCallers(possible=True)).static.digest}/page.css"

    assert browser.post(path).status_code == 405
    assert browser.head(path).text == ""


def test_other_paths_go_elsewhere(browser: httpx.Client) -> None:
    for path in ("/graphqlx", "/graphql/", "/"):
        assert browser.get(path).status_code == 404


def test_a_front_end_of_a_known_origin_may_ask(browser: httpx.Client) -> None:
    asked = {
        "origin": ORIGIN,
        "access-control-request-method": "POST",
        "access-control-request-headers": (
            "authorization, content-type, idempotency-key, x-request-id, cache-control"
        ),
    }

    before = browser.options("/graphql", headers=asked)
    answer = browser.post(
        "/graphql",
        json={"query": "{ shops { key } }"},
        headers={"origin": ORIGIN, "authorization": f"Bearer {KEY}", "accept": "*/*"},
    )

    assert before.status_code == 200
    assert before.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    shown = answer.headers["access-control-expose-headers"]
    assert shown == "X-Request-Id, Retry-After, ETag, RateLimit, RateLimit-Policy"
    assert "access-control-allow-credentials" not in answer.headers


def test_a_page_of_another_origin_may_not(browser: httpx.Client) -> None:
    headers = {"origin": "https://elsewhere.example", "access-control-request-method": "POST"}

    response = browser.options("/graphql", headers=headers)

    assert response.status_code == 400
    assert "access-control-allow-origin" not in response.headers


@pytest.mark.parametrize("path", EXAMPLES, ids=[path.stem for path in EXAMPLES])
def test_every_example_is_valid_and_far_from_the_limits(path: Path) -> None:
    schema = build_schema((ROOT / "schema/schema.graphql").read_text())
    document = parse(path.read_text())
    fragments = {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    (operation,) = (n for n in document.definitions if isinstance(n, OperationDefinitionNode))

    assert validate(schema, document) == []
    check_query_limits(document, max_depth=15, max_aliases=50)
    assert CostCompiler(schema, FIELD_PRICES, fragments).operation(operation).of({}).points < 5_000


def test_the_lock_file_names_no_registry() -> None:
    for folder in ("assets", "tests/js"):
        lock = json.loads((ROOT / folder / "package-lock.json").read_text())

        packages = {name: entry for name, entry in lock["packages"].items() if name}
        assert [name for name, entry in packages.items() if "resolved" in entry] == []
        assert [name for name, entry in packages.items() if "integrity" not in entry] == []


def test_the_licence_of_every_bundled_package_is_there() -> None:
    text = (ROOT / "gateway/static/graphiql/THIRD-PARTY-LICENSES.txt").read_text()

    titles = re.findall(r"^([@\w./-]+) \d+\.\d+\.\d+\S* \(([^)]+)\)$", text, re.MULTILINE)
    names = {name for name, _ in titles}
    assert {"graphiql", "react", "react-dom", "monaco-editor", "graphql", "prettier"} <= names
    assert {licence for _, licence in titles} == {"MIT", "BSD-2-Clause", "Apache-2.0", "0BSD"}
