import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from structlog.testing import capture_logs

from gateway.auth.jwks import IssuerUnavailable, Jwks, keys_of
from gateway.errors import Overloaded
from tests.auth.issuer import Issuer

DAY = 86_400.0


class Clock:
    """A clock that only a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
async def jwks(issuer: Issuer, clock: Clock) -> AsyncIterator[Jwks]:
    made = Jwks(issuer.read, clock)
    yield made
    await made.aclose()


async def test_a_known_key_is_not_asked_for_again(jwks: Jwks, issuer: Issuer, clock: Clock) -> None:
    for _ in range(3):
        clock.now += 60.0
        assert await jwks.key("one") is not None

    assert issuer.reads == 1


async def test_a_key_of_later_is_found_and_one_withdrawn_is_dropped(
    jwks: Jwks, issuer: Issuer, clock: Clock
) -> None:
    await jwks.key("one")
    issuer.keys = {"two": ECKey.generate_key("P-256")}

    clock.now += 10.0

    assert await jwks.key("two") is not None
    assert await jwks.key("one") is None
    assert issuer.reads == 2


async def test_requests_at_once_share_one_reading(jwks: Jwks, issuer: Issuer) -> None:
    issuer.answering.clear()
    asking = [asyncio.create_task(jwks.key("one")) for _ in range(50)]
    await asyncio.sleep(0)
    issuer.answering.set()

    assert all(key is not None for key in await asyncio.gather(*asking))
    assert issuer.reads == 1


async def test_unknown_keys_cause_one_reading_in_ten_seconds(
    jwks: Jwks, issuer: Issuer, clock: Clock
) -> None:
    await jwks.key("one")

    for second in range(25):
        clock.now = 101.0 + second
        for garbage in range(20):
            assert await jwks.key(f"{second}-{garbage}") is None

    assert issuer.reads == 3


async def test_a_caller_that_gives_up_leaves_the_reading_to_the_others(
    jwks: Jwks, issuer: Issuer
) -> None:
    issuer.answering.clear()
    first = asyncio.create_task(jwks.key("one"))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    issuer.answering.set()

    assert await jwks.key("one") is not None
    assert issuer.reads == 1


async def test_known_keys_go_on_while_the_issuer_is_away(
    jwks: Jwks, issuer: Issuer, clock: Clock
) -> None:
    await jwks.key("one")
    issuer.answer = b"maintenance"

    clock.now += DAY
    with capture_logs() as logs, pytest.raises(IssuerUnavailable):
        await jwks.refresh()

    assert [(line["event"], line["reason"]) for line in logs] == [
        ("auth.jwks.unavailable", "the issuer's answer is not a JWKS")
    ]
    assert await jwks.key("one") is not None
    assert await jwks.key("two") is None


async def test_keys_are_not_used_for_more_than_a_day_without_the_issuer(
    jwks: Jwks, issuer: Issuer, clock: Clock
) -> None:
    await jwks.key("one")

    clock.now += DAY + 1.0
    with pytest.raises(Overloaded) as caught:
        await jwks.key("one")

    assert caught.value.message == "the keys of the token issuer cannot be read now"
    assert caught.value.retry_after == 10.0
    # It is read again meanwhile.
    await jwks.refresh()
    assert await jwks.key("one") is not None
    assert issuer.reads == 2


async def test_an_issuer_that_was_never_reached_is_told(
    jwks: Jwks, issuer: Issuer, clock: Clock
) -> None:
    issuer.answer = b"{}"

    for _ in range(5):
        with pytest.raises(Overloaded):
            await jwks.key("one")
    assert issuer.reads == 1

    issuer.answer = None
    clock.now += 10.0
    assert await jwks.key("one") is not None


async def test_a_reading_under_way_is_ended_with_the_gateway(issuer: Issuer, clock: Clock) -> None:
    jwks = Jwks(issuer.read, clock)
    issuer.answering.clear()
    asking = asyncio.create_task(jwks.key("one"))
    await asyncio.sleep(0)

    await jwks.aclose()

    with pytest.raises(Overloaded):
        await asking


def jwk(key: Any, **members: Any) -> dict[str, Any]:
    return {**key.as_dict(private=False), "kid": "k", **members}


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(jwk(RSAKey.generate_key(2048)), id="rsa"),
        pytest.param(jwk(ECKey.generate_key("P-521"), use="sig", alg="ES512"), id="ec"),
        pytest.param(jwk(OKPKey.generate_key("Ed25519")), id="okp"),
        pytest.param(jwk(ECKey.generate_key("P-256"), x5t="x", more=[1]), id="more-members"),
    ],
)
def test_public_keys_for_signatures_are_read(entry: dict[str, Any]) -> None:
    assert list(keys_of(json.dumps({"keys": [entry]}).encode())) == ["k"]


def test_of_a_private_key_the_public_part_is_read() -> None:
    private = {**ECKey.generate_key("P-256").as_dict(private=True), "kid": "k"}

    (key,) = keys_of(json.dumps({"keys": [private]}).encode()).values()

    assert "d" in private
    assert not key.is_private


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(
            {**OctKey.generate_key(256).as_dict(private=True), "kid": "k"}, id="symmetric"
        ),
        pytest.param({"kty": "RSA", "n": "gA" + "A" * 339, "e": "AQAB", "kid": "k"}, id="weak"),
        pytest.param(jwk(ECKey.generate_key("P-256"), use="enc"), id="for-encryption"),
        pytest.param(jwk(ECKey.generate_key("P-256"), alg="HS256"), id="another-algorithm"),
        pytest.param(jwk(ECKey.generate_key("P-256"), kid=7), id="kid-is-no-text"),
        pytest.param(
            {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": "k"}, id="no-point"
        ),
        pytest.param({"kty": "RSA", "n": "AQ", "kid": "k"}, id="incomplete"),
        pytest.param({"kty": ["RSA"], "kid": "k"}, id="kind-is-no-text"),
        pytest.param({"kty": "AKP", "kid": "k"}, id="unknown-kind"),
        pytest.param("key", id="no-object"),
    ],
)
def test_other_keys_are_left_out(entry: Any) -> None:
    other = jwk(ECKey.generate_key("P-256"), kid="other")

    assert list(keys_of(json.dumps({"keys": [entry, other]}).encode())) == ["other"]
    with pytest.raises(IssuerUnavailable, match="has no key that can be used"):
        keys_of(json.dumps({"keys": [entry]}).encode())


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"<html>",
        b"[]",
        b"null",
        b'{"keys": {}}',
        b'{"keys": ' + b"[" * 5000 + b"]" * 5000 + b"}",
        json.dumps({"keys": [{}] * 101}).encode(),
        b"\xff",
    ],
)
def test_what_is_no_jwks_is_refused(document: bytes) -> None:
    with pytest.raises(IssuerUnavailable):
        keys_of(document)
