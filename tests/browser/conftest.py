"""The whole gateway with GraphiQL, and a browser that can reach nothing else."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, Route, async_playwright, expect
from pydantic import SecretStr

from gateway.registry import PLATFORMS
from gateway.sandbox.wechat_events import EVENT_AES_KEY, EVENT_TOKEN
from gateway.settings import Settings
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Serve, configuration, serving

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
KEY = "cgw_demo_key"
#: Milliseconds that a step may take: a busy machine draws the editors in more than five seconds.
TIMEOUT = 30_000


@pytest.fixture
async def graphiql_url(serve: Serve, sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[str]:
    """Answer the address of a GraphiQL that holds a key already."""
    assert serve is not None
    events = {"event_token": EVENT_TOKEN, "event_aes_key": EVENT_AES_KEY}
    shops = configuration(sandbox, tmp_path)["shops"]
    shops[0] |= events
    settings = Settings.from_dict(PLATFORMS, configuration(sandbox, tmp_path, shops=shops))
    server = settings.server.with_graphiql_key(SecretStr(KEY))
    async with serving(settings.model_copy(update={"server": server})) as client:
        yield str(client.http.base_url.join("/graphql"))


@pytest.fixture
def refused() -> list[str]:
    """Answer the addresses beyond the gateway that a page asked for."""
    return []


@pytest.fixture
async def page(chromium: Path, graphiql_url: str, refused: list[str]) -> AsyncIterator[Page]:
    """Answer a browser's page that is cut off from every other host."""
    origin = graphiql_url.removesuffix("/graphql")

    async def guard(route: Route) -> None:
        url = route.request.url
        if url.startswith((f"{origin}/", "data:")):
            await route.continue_()
        else:
            refused.append(url)
            await route.abort()

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        context = await browser.new_context(viewport={"width": 1400, "height": 900})
        await context.route("**/*", guard)
        page = await context.new_page()
        page.set_default_timeout(TIMEOUT)
        expect.set_options(timeout=TIMEOUT)
        yield page
        await browser.close()
