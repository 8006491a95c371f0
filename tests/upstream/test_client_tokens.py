"""Calls whose token the platform refuses, and what nobody may see of tokens."""

import asyncio
import io
import logging
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from gateway.concurrency.clock import Clock
from gateway.errors import PlatformCredentials, PlatformFailure, PlatformTimeout
from gateway.upstream.access_token import AccessTokenCache, TokenGrant, fingerprint
from gateway.upstream.answer import AnswerState
from gateway.upstream.client import PlatformClient
from gateway.upstream.endpoint import Endpoint
from gateway.upstream.limits import UpstreamLimits
from gateway.upstream.shared_store import open_store
from tests.upstream.clients import client_of, playing
from tests.upstream.rows import GOT, READ, UNCACHED, WRITE, Ask, Listener
from tests.upstream.server import Platform, Raw, Received, Script, answer, free_port, platform
from tests.upstream.token_platforms import Stable
from tests.upstream.token_platforms import cache_of as tokens_of
from tests.waiting import eventually

SECRET = "canary-secret-7f3b9c2d1e8a4f60"
TOKEN = "canary-token-5d1c8e7b2a9f4063"


class TokenAsk(msgspec.Struct):
    secret: str
    force: bool


class TokenGot(msgspec.Struct):
    access_token: str
    expires_in: int


TOKEN_ROW = Endpoint(
    name="token",
    method="POST",
    path="/token",
    request=TokenAsk,
    response=TokenGot,
    section="1",
    summary="A token",
)


class Fetcher:
    """Asks the played platform, as the platforms' own fetchers do."""

    def __init__(self, client: PlatformClient) -> None:
        self._client = client

    async def fetch(self, *, force: bool) -> TokenGrant:
        got = await self._client.call(TOKEN_ROW, TokenAsk(SECRET, force))
        return TokenGrant(got.value.access_token, got.value.expires_in)


class Tokens:
    """A platform that checks tokens: `number` is the one that works."""

    def __init__(self, then: Script) -> None:
        self.number = 1
        self.then = then

    def __call__(self, request: Received) -> Raw:
        if request.target == "/token":
            if b'"force":true' in request.body:
                self.number += 1
            return answer(f'{{"access_token":"{TOKEN}-{self.number}","expires_in":7200}}')
        if request.target.endswith(f"access_token={TOKEN}-{self.number}"):
            return self.then(request)
        return answer(f'{{"errcode":42001,"errmsg":"{request.target} expired rid: 1-2"}}')


def cache_of(client: PlatformClient) -> AccessTokenCache:
    return AccessTokenCache(
        "flagship", Fetcher(client), open_store("memory://"), credentials=fingerprint(SECRET)
    )


@asynccontextmanager
async def served(
    script: Script, **parts: Any
) -> AsyncIterator[tuple[PlatformClient, Platform, AccessTokenCache]]:
    """A client with tokens, of a platform that gives them."""
    async with platform(script) as played, client_of(played.url) as bare:
        tokens = cache_of(bare)
        async with client_of(played.url, tokens=tokens, **parts) as client:
            yield client, played, tokens


def calls_of(played: Platform) -> list[Received]:
    return [request for request in played.received if request.target != "/token"]


async def test_the_token_is_added_to_each_call() -> None:
    async with served(Tokens(lambda _: answer(GOT))) as (client, played, _):
        await client.call(READ, Ask())
        await client.call(WRITE, Ask())
    assert [request.target for request in played.received] == [
        "/token",
        f"/order/get?access_token={TOKEN}-1",
        f"/order/close?access_token={TOKEN}-1",
    ]


async def test_calls_whose_token_expired_are_repeated_with_a_new_one() -> None:
    """B1: the batch succeeds, one refresh, each sent once more at most."""
    script = Tokens(lambda _: answer(GOT))
    async with served(script, limits=UpstreamLimits()) as (client, played, _):
        await client.call(READ, Ask())
        script.number += 1
        played.received.clear()
        answers = await asyncio.gather(
            *(client.call(WRITE, Ask(order_id=str(n))) for n in range(100))
        )
    assert [one.body for one in answers] == [GOT] * 100
    assert len(calls_of(played)) == 200
    assert len(played.received) == 201


async def test_a_platform_that_refuses_every_token_is_called_twice() -> None:
    """B4: at most two calls a request, one forced refresh in half a minute."""
    never = answer('{"errcode":40001,"errmsg":"invalid credential rid: 6-7"}')
    listener = Listener()
    async with served(Tokens(lambda _: never), observer=listener) as (client, played, _):
        for _ in range(5):
            with pytest.raises(PlatformCredentials) as caught:
                await client.call(READ, Ask())
        assert client.health.report.availability.name == "DOWN"
    assert len(calls_of(played)) == 6
    assert sum(b'"force":true' in request.body for request in played.received) == 1
    assert {outcome for _, _, outcome in listener.heard} == {"token"}
    assert caught.value.retry_after is not None
    assert caught.value.retry_after <= 30


async def test_the_second_refusal_is_told_with_the_platforms_own_id() -> None:
    never = answer('{"errcode":40001,"errmsg":"invalid credential rid: 6-7"}')
    async with served(Tokens(lambda _: never)) as (client, _, _):
        with pytest.raises(PlatformCredentials, match="a new one as well") as caught:
            await client.call(READ, Ask())
    assert (caught.value.platform_code, caught.value.request_id) == ("40001", "6-7")


async def test_waiting_for_a_token_ends_at_the_deadline() -> None:
    async with (
        platform(lambda _: Raw(b"", then="hang")) as played,
        client_of(played.url, limits=UpstreamLimits()) as bare,
        client_of(played.url, tokens=cache_of(bare)) as client,
    ):
        with pytest.raises(PlatformTimeout) as caught:
            await client.call(WRITE, Ask(), deadline=Clock().monotonic() + 0.05)
    assert not caught.value.sent


@pytest.mark.parametrize("fresh", [True, False])
async def test_a_list_does_not_wait_for_a_token_once_the_token_calls_time_out(
    *, fresh: bool
) -> None:
    fetcher = Stable(wait=0.2)
    timeout = PlatformTimeout("no", endpoint="token", shop="flagship")
    fetcher.failures = [timeout]
    tokens = tokens_of(fetcher, open_store("memory://"), Clock(random=lambda: 0.0))
    async with platform(lambda _: answer(GOT)) as played:
        async with client_of(played.url, tokens=tokens) as client:
            # The first list waits, as nothing is known of the platform.
            with pytest.raises(PlatformTimeout) as caught:
                await client.call(READ, Ask(), fresh=fresh, probe_seconds=0.02)
            assert fetcher.asked == [False]
            assert not caught.value.sent
            with pytest.raises(PlatformTimeout):
                await client.call(READ, Ask(), fresh=fresh, probe_seconds=0.02)
            assert fetcher.asked == [False, False]
            # The token call goes on without the list.
            await eventually(lambda: tokens.current() == "token-1")
            found = await client.call(READ, Ask(), fresh=True, probe_seconds=0.02)
        await played.closed(0)
    assert found.state is AnswerState.LIVE
    assert fetcher.asked == [False, False]


async def test_a_list_does_not_wait_for_another_token_once_the_token_calls_time_out() -> None:
    fetcher = Stable()
    timeout = PlatformTimeout("no", endpoint="token", shop="flagship")
    tokens = tokens_of(fetcher, open_store("memory://"), Clock(random=lambda: 0.0))
    refused = answer('{"errcode":42001}')
    async with platform(lambda _: refused) as played:
        async with client_of(played.url, tokens=tokens) as client:
            await tokens.get()
            fetcher.failures, fetcher.wait = [timeout], 0.2
            with pytest.raises(PlatformTimeout):
                await client.call(READ, Ask(), fresh=True, probe_seconds=0.02)
            fetcher.number += 1
            with pytest.raises(PlatformTimeout):
                await client.call(READ, Ask(), fresh=True, probe_seconds=0.02)
            await eventually(lambda: tokens.current() == "token-2")
        await played.closed(0)
    assert fetcher.asked == [False, False, False]


# --- the canary


def failing_scripts() -> dict[str, Script]:
    """Every class of failure; each that can repeats what it was sent."""

    def echo(status: int, code: int) -> Script:
        return lambda request: answer(
            f'{{"errcode":{code},"errmsg":"{request.target} {SECRET}"}}', status
        )

    return {
        "rejected": echo(200, 40035),
        "busy": echo(200, -1),
        "quota": echo(200, 45009),
        "rate": echo(200, 45011),
        "credentials": echo(200, 40013),
        "token": echo(200, 40001),
        "unavailable": echo(503, 0),
        "status": lambda request: answer(f"<html>{request.target}</html>", 404),
        "forbidden": lambda request: answer(f"<html>{request.target}</html>", 403),
        "malformed": lambda request: answer(f"<html>{request.target}</html>"),
        "wrong type": lambda request: answer(f'{{"order":"{request.target}"}}'),
        "redirect": lambda request: answer("", 302, headers={"location": request.target}),
        "too large": lambda _: answer(b"a" * 10_001),
        "no http": lambda request: Raw(request.target.encode() + b"\r\n\r\n"),
        "reset": lambda _: Raw(b"", then="reset"),
        "cut off": lambda _: Raw(b"HTTP/1.1 200 X\r\ncontent-length: 9\r\n\r\n", then="close"),
        "silence": lambda _: Raw(b"", then="hang"),
    }


def everything_of(failure: BaseException) -> str:
    shown = io.StringIO()
    traceback.print_exception(failure, file=shown)
    causes = [failure, failure.__cause__, failure.__context__]
    for one in causes:
        shown.write(f"{one!r} {one} {getattr(one, '__dict__', {})!r} {getattr(one, 'args', ())!r}")
    return shown.getvalue()


@pytest.mark.parametrize("name", list(failing_scripts()))
@pytest.mark.parametrize("row", [READ, UNCACHED, WRITE], ids=lambda row: row.name)
async def test_no_failure_shows_the_token_or_the_secret(
    name: str, row: Endpoint[Ask, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """Reliability 4.2, canary: logs at DEBUG, texts, reprs, arguments, causes, tracebacks."""
    caplog.set_level(logging.DEBUG)
    limits = UpstreamLimits(
        connect_timeout=0.5, read_timeout=0.1, retries=1, max_response_bytes=10_000
    )
    script = Tokens(failing_scripts()[name])
    async with served(script, limits=limits) as (client, _, tokens):
        with pytest.raises(PlatformFailure) as caught:
            await client.call(row, Ask())
        shown = everything_of(caught.value) + caplog.text + repr(tokens) + repr(client)
        shown += everything_of(client.health.report.last_error or caught.value)
    assert "canary" not in shown
    assert len(str(caught.value)) <= 400


async def test_a_token_call_that_fails_shows_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with playing(lambda request: answer(request.body + b"}")) as (client, _):
        with pytest.raises(PlatformFailure) as caught:
            await cache_of(client).get()
    assert "canary" not in everything_of(caught.value) + caplog.text


async def test_an_unreachable_platform_shows_no_token(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with platform(Tokens(lambda _: answer(GOT))) as played, client_of(played.url) as bare:
        tokens = cache_of(bare)
        await tokens.get()
        async with client_of(f"http://127.0.0.1:{free_port()}", tokens=tokens) as client:
            with pytest.raises(PlatformFailure) as caught:
                await client.call(WRITE, Ask())
    assert "canary" not in everything_of(caught.value) + caplog.text
