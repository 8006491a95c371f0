"""Every write of every platform, while the call for an access token fails: nothing was sent."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import pytest

from gateway.errors import PlatformCredentials, PlatformFailure, PlatformRejected
from gateway.mutation_progress import MutationProgress, working
from gateway.outbox.delivery import result_of
from gateway.platform_kit.writes import send_write
from gateway.platforms.baidu.tokens import client_tokens
from gateway.ports import DeliveryStatus
from gateway.registry import PLATFORMS, modules_named
from gateway.upstream.access_token import AccessTokenCache
from gateway.upstream.client import PlatformClient
from gateway.upstream.endpoint import Endpoint
from gateway.upstream.error_table import ErrorTable
from gateway.upstream.limits import UpstreamLimits
from gateway.upstream.shared_store import open_store
from gateway.upstream.token_source import TokenSource
from gateway.upstream.transport import UpstreamTransport
from gateway.wechat.tokens import stable_tokens
from tests.upstream.server import Raw, Received, answer, platform

FIXTURES: Final = Path(__file__).parents[1] / "fixtures"
#: What the samples leave out: it stands in the URL.
IN_URL: Final = {"open_id": "buyer", "filename": "a.png"}
TOKENS: Final[Mapping[str, TokenSource]] = {
    "weixin_store": stable_tokens("wx0", "secret"),
    "wechat_store": stable_tokens("wx1", "secret"),
    "mini_program": stable_tokens("wx2", "secret"),
    "baidu": client_tokens("key", "secret"),
}
PATHS: Final = ("/cgi-bin/stable_token", "/oauth/2.0/token")

_RETRY, _LATER = DeliveryStatus.AGAIN, DeliveryStatus.LATER
#: How the token call fails, in the words of each platform; and what becomes of a push meanwhile.
FAILURES: Final[Mapping[str, tuple[Raw, DeliveryStatus]]] = {
    "reset": (Raw(b"", then="reset"), _RETRY),
    "closed": (Raw(b"", then="close"), _RETRY),
    "silence": (Raw(b"", then="hang"), _RETRY),
    "cut off": (Raw(b"HTTP/1.1 200 X\r\ncontent-length: 9\r\n\r\n{", then="close"), _RETRY),
    "no HTTP": (Raw(b"SMTP ready\r\n\r\n"), _RETRY),
    "500": (answer("", 500), _RETRY),
    "502": (answer("<html>", 502), _RETRY),
    "404": (answer("<html>", 404), _RETRY),
    "403": (answer("<html>", 403), _RETRY),
    "429": (answer("", 429), _LATER),
    "redirect": (answer("", 302, headers={"location": "/"}), _RETRY),
    "empty": (answer(""), _RETRY),
    "HTML": (answer("<html>"), _RETRY),
    "no token": (answer("{}"), _RETRY),
    "blank token": (answer('{"access_token":" ","expires_in":7200}'), _RETRY),
    "ended token": (answer('{"access_token":"t","expires_in":0}'), _RETRY),
    "busy": (answer('{"errcode":-1,"error":"server_error"}'), _RETRY),
    "quota": (answer('{"errcode":45009,"error_code":17}'), _LATER),
    "refused": (answer('{"errcode":40002,"error_code":100}'), _RETRY),
    "credentials": (answer('{"errcode":40125,"error":"invalid_client"}'), _RETRY),
}


class Call(NamedTuple):
    """A call, and the manual's sample of its request."""

    row: Endpoint[Any, Any]
    request: Any


def sample_of(name: str, row: Endpoint[Any, Any]) -> Call:
    sample = json.loads((FIXTURES / name / f"{row.name}.request.json").read_bytes())
    return Call(row, msgspec.convert(IN_URL | (sample or {}), row.request))


WRITES: Final = {
    name: [sample_of(name, row) for row in module.ENDPOINTS if not row.repeatable]
    for name, module in modules_named("endpoints").items()
}
ERRORS: Final[Mapping[str, ErrorTable[Any]]] = {
    name: module.ERRORS for name, module in modules_named("errors").items()
}


def test_every_write_of_every_platform_is_tried() -> None:
    assert set(WRITES) == set(TOKENS) == {one.name for one in PLATFORMS}
    assert {name: len(writes) for name, writes in WRITES.items()} == {
        "weixin_store": 25,
        "wechat_store": 19,
        "mini_program": 9,
        "baidu": 7,
    }


async def _unsent(client: PlatformClient, write: Call) -> PlatformFailure:
    """How a write fails; the mutation that makes it counts as not begun."""
    progress = MutationProgress()
    with working(progress), pytest.raises(PlatformFailure) as caught:
        await send_write(client, write.row, write.request, None)
    assert progress.steps == 0, write.row.name
    return caught.value


@pytest.mark.parametrize("name", list(WRITES))
@pytest.mark.parametrize("failure", list(FAILURES))
async def test_a_write_whose_token_call_fails_was_not_sent(name: str, failure: str) -> None:
    raw, after = FAILURES[failure]
    limits = UpstreamLimits(connect_timeout=60.0, read_timeout=0.3, retries=0)

    async with platform(lambda _: raw) as played:
        transport = UpstreamTransport(limits)
        store = open_store("memory://")

        async def fail(write: Call) -> PlatformFailure:
            source = TOKENS[name]
            bare = PlatformClient(
                "shop", played.url, transport=transport, errors=source.errors, limits=limits
            )
            tokens = AccessTokenCache(
                "shop", source.fetcher(bare), store, credentials=write.row.name
            )
            client = PlatformClient(
                "shop",
                played.url,
                transport=transport,
                errors=ERRORS[name],
                tokens=tokens,
                limits=limits,
            )
            return await _unsent(client, write)

        failures = await asyncio.gather(*map(fail, WRITES[name]))
        await transport.aclose()
        await store.aclose()

    assert {_path(request) for request in played.received} <= set(PATHS)
    for write, failed in zip(WRITES[name], failures, strict=True):
        assert not failed.sent, write.row.name
        assert not isinstance(failed, PlatformRejected), write.row.name
        result = result_of(failed, write.row)
        assert (result.result_status, result.lost) == (after, False), write.row.name
        assert isinstance(failed, PlatformCredentials) is (failure in {"403", "credentials"})


def _path(request: Received) -> str:
    return request.target.partition("?")[0]
