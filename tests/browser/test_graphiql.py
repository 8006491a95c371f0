"""GraphiQL in a real browser, with every other host out of reach."""

import re

from playwright.sync_api import ConsoleMessage, Page, expect

from tests.browser.conftest import KEY


def open_page(page: Page, url: str) -> None:
    """Open the page, and wait until its editors are there."""
    page.goto(url)
    # The headers name the key already.
    expect(page.get_by_label("Headers").get_by_text(KEY)).to_be_visible()
    expect(page.get_by_label("Operation Editor").locator(".view-line").first).to_be_visible()
    expect(page.get_by_label("Result Window").locator(".view-line").first).to_be_attached()


def test_an_example_tab_shows_real_answers(
    page: Page, graphiql_url: str, refused: list[str]
) -> None:
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))

    def listen(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            complaints.append(message.text)

    page.on("console", listen)
    open_page(page, graphiql_url)
    expect(page).to_have_title("GraphiQL")
    page.get_by_role("tab", name="Orders").click()
    page.get_by_role("button", name="Execute query").click()

    answer = page.get_by_label("Result Window")
    expect(answer.get_by_text("7197417460812533543")).to_be_visible()
    expect(answer.get_by_text("青花瓷马克杯")).to_be_visible()
    page.get_by_role("button", name="Show Documentation Explorer").click()
    expect(page.get_by_role("link", name="OrderConnection")).to_be_visible()
    origin = graphiql_url.removesuffix("/graphql")
    assert {worker.url.startswith(origin) for worker in page.workers} == {True}
    assert refused == []
    assert complaints == []


def test_every_example_is_answered(page: Page, graphiql_url: str) -> None:
    open_page(page, graphiql_url)
    for tab, found in {
        "Shops": '"旗舰店"',
        "Orders": '"AWAITING_SHIPMENT"',
        "Product": "42",
        "Shelves": '"新品上架"',
    }.items():
        page.get_by_role("tab", name=tab).click()
        page.get_by_role("button", name="Execute query").click()

        answer = page.get_by_label("Result Window")
        expect(answer.get_by_text(found).first).to_be_visible()
        expect(answer.get_by_text("errors")).to_have_count(0)


def test_a_query_is_made_pretty_and_checked_in_place(
    page: Page, graphiql_url: str, refused: list[str]
) -> None:
    open_page(page, graphiql_url)
    editor = page.get_by_label("Operation Editor")
    editor.locator(".view-line").first.click()
    page.keyboard.press("Control+A")
    # The editor closes the last bracket by itself.
    page.keyboard.insert_text("{shops{kee name}")

    expect(editor.locator(".squiggly-error")).to_have_count(1)
    page.get_by_role("button", name=re.compile("Prettify query")).click()

    expect(editor.locator(".view-line")).to_have_count(7)
    assert refused == []
