"""The page at /docs in a real browser, with every other host out of reach."""

from playwright.async_api import ConsoleMessage, Page, expect


async def test_the_routes_are_shown_and_can_be_tried(
    page: Page, graphiql_url: str, refused: list[str]
) -> None:
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))

    def listen(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            complaints.append(message.text)

    page.on("console", listen)
    await page.goto(f"{graphiql_url.removesuffix('/graphql')}/docs")
    await expect(page).to_have_title("Commerce gateway: HTTP API")
    for path in ("/livez", "/readyz", "/metrics", "/webhooks/{sender}/{shop}"):
        await expect(page.get_by_text(path, exact=True).first).to_be_visible()

    await page.get_by_role("button", name="Can the process serve requests?").click()
    await page.get_by_role("button", name="Try it out").click()
    await page.get_by_role("button", name="Execute").click()

    answer = page.locator(".live-responses-table")
    await expect(answer.get_by_text('"ready"')).to_be_visible()
    await expect(answer.get_by_text("x-request-id")).to_be_visible()
    assert refused == []
    assert complaints == []
