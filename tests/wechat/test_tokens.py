import contextlib
from hashlib import sha256

import msgspec
import pytest

from gateway.errors import (
    PlatformCredentials,
    PlatformMalformed,
    PlatformRejected,
    PlatformUnavailable,
)
from gateway.platform_kit.connection import PlatformClients
from gateway.platforms.mini_program.endpoints import ENDPOINTS
from gateway.platforms.mini_program.errors import ERRORS
from gateway.platforms.mini_program.sandbox.state import MINI
from gateway.upstream.access_token import TokenAnswer
from gateway.wechat.tokens import TOKEN_ERRORS, StableToken, TokenRequest, stable_tokens
from tests.fixtures_sandbox import Sandbox
from tests.platforms.mini_program.samples import sample

PATH = "/cgi-bin/stable_token"


@pytest.fixture
def fetcher(sandbox: Sandbox, clients: PlatformClients) -> StableToken:
    client = clients.bare("mini", sandbox.base_url, TOKEN_ERRORS)
    return StableToken(client, app_id=MINI.app_id, secret=MINI.secret)


async def test_the_same_token_is_given_again(fetcher: StableToken, sandbox: Sandbox) -> None:
    first = await fetcher.fetch(force=False)
    sandbox.advance(100)
    again = await fetcher.fetch(force=False)

    assert again.token == first.token
    assert first.expires_in == 7200
    assert again.expires_in == pytest.approx(7100, abs=2)


async def test_force_gets_another_one(fetcher: StableToken) -> None:
    first = await fetcher.fetch(force=False)

    assert (await fetcher.fetch(force=True)).token != first.token


@pytest.mark.parametrize(
    ("app_id", "secret", "code"),
    [("wx0", MINI.secret, "40013"), (MINI.app_id, "wrong", "40125")],
)
async def test_a_refusal_that_only_a_person_can_mend(
    sandbox: Sandbox, clients: PlatformClients, app_id: str, secret: str, code: str
) -> None:
    client = clients.bare("mini", sandbox.base_url, TOKEN_ERRORS)

    with pytest.raises(PlatformCredentials) as caught:
        await StableToken(client, app_id=app_id, secret=secret).fetch(force=False)

    assert caught.value.platform_code == code
    assert sandbox.counts() == {PATH: 1}


@pytest.mark.parametrize(
    ("kind", "value", "failure"),
    [
        ("errcode", -1, PlatformUnavailable),
        ("empty", None, PlatformMalformed),
        ("body", "{}", PlatformMalformed),
    ],
)
async def test_a_failure_that_may_pass(
    fetcher: StableToken,
    sandbox: Sandbox,
    kind: str,
    value: object,
    failure: type[PlatformUnavailable],
) -> None:
    sandbox.fault(kind, value, times=None, path=PATH)

    with pytest.raises(failure):
        await fetcher.fetch(force=False)


def test_neither_secret_nor_token_is_shown() -> None:
    request = TokenRequest(appid="wx1", secret="s3cr3t")
    answer = TokenAnswer(access_token="t0k3n", expires_in=7200)

    assert repr(request) == "TokenRequest(appid='wx1')"
    assert repr(answer) == "TokenAnswer(expires_in=7200)"


@pytest.mark.parametrize("code", [40001, 40014, 41001, 42001])
@pytest.mark.parametrize("path", ["/mall/deleteorder", "/channels/ec/cooperation/order/get"])
async def test_a_call_whose_token_is_refused_is_sent_with_another_one(
    sandbox: Sandbox, clients: PlatformClients, code: int, path: str
) -> None:
    """41001 says that there is no token, although one stands in the URL."""
    sandbox.fault("errcode", code, times=1, path=path)
    source = stable_tokens(MINI.app_id, MINI.secret)
    client = clients.connect("mini", sandbox.base_url, ERRORS, source).client
    row = next(row for row in ENDPOINTS if row.path == path)
    request = msgspec.convert(sample(f"{row.name}.request"), row.request)

    with contextlib.suppress(PlatformRejected):
        # The sandbox may not have that order.
        await client.call(row, request)

    assert len(sandbox.requests(path)) == 2
    # The platform gave the same one again, and so another one by force.
    assert sandbox.counts()[PATH] == 3


def test_shops_of_one_app_share_their_tokens_and_others_do_not() -> None:
    source = stable_tokens("wx9f8e", "s3cret-of-9f8e")

    assert source.credentials == sha256(b"wx9f8e\x00s3cret-of-9f8e").hexdigest()[:16]
