"""A gateway with GraphiQL, and a browser that can reach nothing else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, sync_playwright

from gateway.http.graphiql import GraphiQL
from gateway.http.paths import Paths
from tests.browser.shop_window import endpoint
from tests.http.small_gateway import served

#: Chromium talks to no service of its maker, and runs as root in a container.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
KEY = "gw_demo_key"


@pytest.fixture(scope="session")
def graphiql_url() -> Iterator[str]:
    """Answer the address of a GraphiQL that holds a key already."""
    graphiql = GraphiQL(key=KEY)
    graphql = endpoint(KEY, graphiql)
    app = Paths({"/graphql": graphql}, {"/graphql/static/": graphiql.static}, graphql)
    with served(app) as url:
        yield f"{url}/graphql"


@pytest.fixture
def refused() -> list[str]:
    """Answer the addresses beyond the gateway that a page asked for."""
    return []


@pytest.fixture
def page(chromium: Path, graphiql_url: str, refused: list[str]) -> Iterator[Page]:
    """Answer a browser's page that is cut off from every other host."""
    origin = graphiql_url.removesuffix("/graphql")

    def guard(route: Route) -> None:
        url = route.request.url
        if url.startswith((f"{origin}/", "data:")):
            route.continue_()
        else:
            refused.append(url)
            route.abort()

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        context = browser.new_context(viewport={"width": 1400, "height": 900})
        context.route("**/*", guard)
        page = context.new_page()
        page.set_default_timeout(30_000)
        yield page
        browser.close()
