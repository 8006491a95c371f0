"""GraphiQL in a real browser, with every other host out of reach."""

import re

from playwright.async_api import ConsoleMessage, Page, expect

from gateway.platforms.wechat_store.sandbox.orders import merchant_order
from gateway.platforms.wechat_store.sandbox.state import FLAGSHIP
from gateway.sandbox.wechat_events import EventPusher
from tests.browser.conftest import KEY
from tests.fixtures_sandbox import Sandbox


async def open_page(page: Page, url: str) -> None:
    """Open the page, and wait until its editors are there."""
    await page.goto(url)
    # The headers name the key already.
    await expect(page.get_by_label("Headers").get_by_text(KEY)).to_be_visible()
    for editor in ("Operation Editor", "Result Window"):
        await expect(page.get_by_label(editor).locator(".view-line").first).to_be_attached()


async def run(page: Page, tab: str) -> None:
    """Choose a tab, and run what stands there."""
    await page.get_by_role("tab", name=tab).click()
    await page.get_by_role("button", name="Execute query").click()


async def test_an_example_tab_shows_real_answers(
    page: Page, graphiql_url: str, refused: list[str]
) -> None:
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))

    def listen(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            complaints.append(message.text)

    page.on("console", listen)
    await open_page(page, graphiql_url)
    await expect(page).to_have_title("GraphiQL")
    await run(page, "Orders")

    answer = page.get_by_label("Result Window")
    await expect(answer.get_by_text('"orders"')).to_be_visible()
    await expect(answer.get_by_text('"platformId"').first).to_be_visible()
    await expect(answer.get_by_text('"errors"')).to_have_count(0)
    # The schema was loaded, with the key.
    await page.get_by_role("button", name="Show Documentation Explorer").click()
    await expect(page.get_by_role("link", name="OrderConnection")).to_be_visible()
    origin = graphiql_url.removesuffix("/graphql")
    assert {worker.url.startswith(origin) for worker in page.workers} == {True}
    assert refused == []
    assert complaints == []


async def test_every_example_is_answered(page: Page, graphiql_url: str) -> None:
    await open_page(page, graphiql_url)
    for tab, found in {
        "Shops": '"旗舰店"',
        "Orders": '"WECHAT_STORE"',
        "Product": '"totalStock"',
        "Shelves": '"ShelfProductList"',
    }.items():
        await run(page, tab)

        answer = page.get_by_label("Result Window")
        await expect(answer.get_by_text(found).first).to_be_visible()
        await expect(answer.get_by_text('"errors"')).to_have_count(0)


async def test_a_query_is_checked_in_place_and_made_pretty(
    page: Page, graphiql_url: str, refused: list[str]
) -> None:
    await open_page(page, graphiql_url)
    editor = page.get_by_label("Operation Editor")
    await editor.locator(".view-line").first.click()
    await page.keyboard.press("Control+A")
    # The editor closes the last bracket by itself.
    await page.keyboard.insert_text("{shops{kee name}")

    await expect(editor.locator(".squiggly-error")).to_have_count(1)
    await page.get_by_role("button", name=re.compile("Prettify query")).click()

    await expect(editor.locator(".view-line")).to_have_count(7)
    assert refused == []


async def test_a_subscription_moves(page: Page, graphiql_url: str, sandbox: Sandbox) -> None:
    push = graphiql_url.replace("/graphql", "/webhooks/wechat/flagship")
    await open_page(page, graphiql_url)
    await run(page, "Live")
    # While it runs, the button stops it.
    await expect(page.get_by_role("button", name="Stop query")).to_be_visible()
    answer = page.get_by_label("Result Window")
    async with EventPusher(push, merchant_order) as buyers:
        for _ in range(2):
            order = sandbox.order()
            await buyers.paid(FLAGSHIP.app_id, order)

            await expect(answer.get_by_text(f'"{order["order_id"]}"')).to_be_visible()

    await expect(answer.get_by_text('"errors"')).to_have_count(0)
    await page.get_by_role("button", name="Stop query").click()
    await expect(page.get_by_role("button", name="Execute query")).to_be_visible()
