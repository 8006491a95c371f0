"""Whether the process lives, and whether it can serve."""

import asyncio

import httpx
import pytest

from gateway.errors import StoreUnavailable
from gateway.http.api import create_api
from gateway.http.health import Check, Readiness, add_health_routes


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def send(readiness: Readiness, path: str = "/readyz", method: str = "GET") -> httpx.Response:
    """What is answered on a path."""
    api = create_api()
    add_health_routes(api, readiness)
    transport = httpx.ASGITransport(api)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        return await client.request(method, path)


async def ask(readiness: Readiness, path: str = "/readyz", method: str = "GET") -> tuple[int, str]:
    """The status and the body that are answered on a path."""
    response = await send(readiness, path, method)
    return response.status_code, response.text


async def fine() -> None:
    """A check that passes."""


async def broken() -> None:
    """A check that fails."""
    raise StoreUnavailable("postgresql://user:secret@10.0.0.1 does not answer")


async def test_a_process_that_answers_is_alive() -> None:
    assert await ask(Readiness({}, Clock()), "/livez") == (200, '{"status":"alive"}')


@pytest.mark.parametrize(
    ("checks", "status", "said"),
    [
        ({}, 200, '{"status":"ready"}'),
        ({"store": fine, "cache": fine}, 200, '{"status":"ready"}'),
        ({"store": broken, "cache": fine}, 503, '{"status":"unready","failed":["store"]}'),
    ],
)
async def test_it_is_ready_where_all_checks_pass(
    checks: dict[str, Check], status: int, said: str
) -> None:
    assert await ask(Readiness(checks, Clock())) == (status, said)


async def test_an_unready_process_says_when_to_ask_again() -> None:
    unready, ready = Readiness({"store": broken}, Clock()), Readiness({"store": fine}, Clock())

    assert (await send(unready)).headers["retry-after"] == "5"
    assert "retry-after" not in (await send(ready)).headers


async def test_a_check_that_hangs_has_failed() -> None:
    async def hangs() -> None:
        await asyncio.sleep(60)

    status, _ = await ask(Readiness({"store": hangs}, Clock(), timeout=0.05))

    assert status == 503


async def test_many_who_ask_make_one_check_a_second() -> None:
    clock = Clock()
    calls = 0

    async def counted() -> None:
        nonlocal calls
        calls += 1

    readiness = Readiness({"store": counted}, clock)
    await asyncio.gather(*(ask(readiness) for _ in range(20)))
    before = calls
    clock.now += 1.0
    await ask(readiness)

    assert (before, calls) == (1, 2)


async def test_a_process_about_to_end_is_not_ready() -> None:
    readiness = Readiness({}, Clock())

    readiness.stop()

    assert await ask(readiness) == (503, '{"status":"stopping"}')


async def test_head_has_no_body() -> None:
    for path in ("/livez", "/readyz"):
        assert await ask(Readiness({}, Clock()), path, "HEAD") == (200, "")


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
async def test_no_answer_is_kept_and_no_other_method_is_taken(path: str) -> None:
    readiness = Readiness({}, Clock())

    assert (await send(readiness, path)).headers["cache-control"] == "no-store"
    refused = await send(readiness, path, "POST")
    assert refused.status_code == 405
    assert sorted(refused.headers["allow"].split(", ")) == ["GET", "HEAD"]
