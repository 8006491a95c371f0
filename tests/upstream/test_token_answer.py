"""What a platform may say when it grants a token, and what is no token."""

import json
from typing import Any

import msgspec
import pytest

from gateway.errors import PlatformUnreadable
from gateway.platforms.baidu.tokens import client_tokens
from gateway.upstream.access_token import AccessTokenCache, TokenAnswer, TokenGrant
from gateway.upstream.shared_store import open_store
from gateway.upstream.token_source import TokenSource
from gateway.wechat.tokens import stable_tokens
from tests.upstream.clients import client_of, no_delay
from tests.upstream.server import answer, in_turn, platform

SOURCES = pytest.mark.parametrize(
    "source", [stable_tokens("wx1", "s"), client_tokens("key", "s")], ids=["wechat", "baidu"]
)
NO_TOKENS = [
    {},
    {"expires_in": 7200},
    {"access_token": None, "expires_in": 7200},
    {"access_token": 7, "expires_in": 7200},
    {"access_token": "", "expires_in": 7200},
    {"access_token": " \t\n", "expires_in": 7200},
    {"access_token": "\x00", "expires_in": 7200},
    {"access_token": "\u3000\ufeff", "expires_in": 7200},
    {"access_token": "t", "expires_in": 0},
    {"access_token": "t", "expires_in": -1},
    {"access_token": "t", "expires_in": -0.5},
    {"access_token": "t", "expires_in": "0"},
    {"access_token": "t", "expires_in": "-7200"},
    {"access_token": "t", "expires_in": ""},
    {"access_token": "t", "expires_in": "soon"},
    {"access_token": "t", "expires_in": [7200]},
    {"access_token": "t", "expires_in": True},
]


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ({"expires_in": 7200}, 7200.0),
        ({"expires_in": 7199.5}, 7199.5),
        ({"expires_in": "7200"}, 7200.0),
        ({"expires_in": " 007200.0 "}, 7200.0),
        ({"expires_in": 2592000, "scope": "x"}, 2592000.0),
        # Nothing is said of its life.
        ({"expires_in": None}, 600.0),
        ({}, 600.0),
        # What nobody means.
        ({"expires_in": 10**30}, 366 * 86_400.0),
        ({"expires_in": "9" * 400}, 366 * 86_400.0),
    ],
)
def test_a_life_is_read_in_every_form(told: dict[str, Any], seconds: float) -> None:
    body = json.dumps({"access_token": " t0k3n\n", **told})
    read = msgspec.json.decode(body, type=TokenAnswer)
    assert read.grant() == TokenGrant("t0k3n", seconds)


@SOURCES
@pytest.mark.parametrize("told", NO_TOKENS, ids=str)
async def test_what_is_no_token_is_asked_for_again_and_not_kept(
    source: TokenSource, told: dict[str, Any]
) -> None:
    bad = answer(json.dumps(told))
    good = answer('{"access_token":"good","expires_in":"7200"}')
    async with (
        platform(in_turn(bad, good)) as played,
        client_of(played.url, errors=source.errors, **no_delay()) as client,
    ):
        tokens = AccessTokenCache(
            "flagship",
            source.fetcher(client),
            open_store("memory://"),
            credentials=source.credentials,
            **no_delay(),
        )
        with pytest.raises(PlatformUnreadable):
            await tokens.get()
        assert len(played.received) == 1
        assert await tokens.get() == "good"
        assert await tokens.get() == "good"
    assert len(played.received) == 2
