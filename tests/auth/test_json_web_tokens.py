"""Tokens that are accepted, and the attacks on those that must not be."""

import base64
import hmac
import json
import time
from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

from gateway.auth import ALL_SHOPS
from gateway.auth.json_web_tokens import TokenRules, TokenVerifier
from gateway.auth.jwks import Jwks
from gateway.errors import Unauthenticated
from schema.scope import Scope
from tests.auth.issuer import AUDIENCE, ISSUER, Issuer, Key

NOW = 1_795_752_000
RULES = TokenRules(issuer=ISSUER, audience=AUDIENCE)
SIGNATURE = "the token's signature is not valid"
MALFORMED = "the token is malformed: was it copied completely?"
UNKNOWN = "the token is signed with a key that its issuer does not publish"
ALGORITHM = "the token is signed with an algorithm that is not accepted here"


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
async def verifier(issuer: Issuer) -> AsyncIterator[TokenVerifier]:
    jwks = Jwks(issuer.read, time.monotonic)
    yield TokenVerifier(jwks, RULES, lambda: NOW)
    await jwks.aclose()


async def refusal(verifier: TokenVerifier, token: str) -> str:
    """The message of the refusal; it repeats no part of the token."""
    with pytest.raises(Unauthenticated) as caught:
        await verifier.viewer(token)
    message = caught.value.message
    assert not any(len(part) > 3 and part in message for part in token.split("."))
    assert "anna" not in message
    return message


def encoded(value: object) -> str:
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def claims(**others: Any) -> dict[str, Any]:
    said = {"iss": ISSUER, "aud": AUDIENCE, "sub": "anna", "iat": NOW, "exp": NOW + 60}
    return {**said, "scope": "orders:read", "shops": ["mini"], **others}


def pem(key: RSAKey) -> bytes:
    return key.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


async def test_claims_tell_who_asks_and_what_is_permitted(
    verifier: TokenVerifier, issuer: Issuer
) -> None:
    viewer = await verifier.viewer(issuer.token(now=NOW))

    assert viewer.name == "jwt:anna"
    assert viewer.scopes == {Scope.ORDERS_READ, Scope.CATALOG_READ}
    assert viewer.shops == frozenset({"mini", "swan"})
    # Of issuer and subject: another issuer's anna is another caller.
    digest = sha256(f"{ISSUER}\0anna".encode()).hexdigest()
    assert viewer.key_id == f"jwt:{digest[:32]}"


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [
        *((name, RSAKey.generate_key(2048)) for name in ("RS256", "RS384", "PS256", "PS512")),
        ("ES256", ECKey.generate_key("P-256")),
        ("ES384", ECKey.generate_key("P-384")),
        ("ES512", ECKey.generate_key("P-521")),
        ("Ed25519", OKPKey.generate_key("Ed25519")),
    ],
)
async def test_algorithms_of_public_keys_are_accepted(
    verifier: TokenVerifier, issuer: Issuer, algorithm: str, key: Key
) -> None:
    issuer.keys["two"] = key

    viewer = await verifier.viewer(issuer.token("two", algorithm=algorithm, now=NOW))

    assert viewer.name == "jwt:anna"


@pytest.mark.parametrize(
    ("scope", "shops", "scopes", "seen"),
    [
        ("pii:read  ops:read", "mini swan", {Scope.PII_READ, Scope.OPS_READ}, {"mini", "swan"}),
        (["pii:read", 7, "admin"], ["mini", None], {Scope.PII_READ}, {"mini"}),
        ("ORDERS:READ orders:*", [], set(), set()),
        (None, None, set(), set()),
        ({"orders:read": True}, {"mini": True}, set(), set()),
        ("orders:read", "*", {Scope.ORDERS_READ}, ALL_SHOPS),
        ("orders:read", ["*"], {Scope.ORDERS_READ}, ALL_SHOPS),
    ],
)
async def test_scopes_and_shops_are_texts_or_lists(
    verifier: TokenVerifier, issuer: Issuer, scope: Any, shops: Any, scopes: Any, seen: Any
) -> None:
    viewer = await verifier.viewer(issuer.token(now=NOW, scope=scope, shops=shops))

    assert (viewer.scopes, viewer.shops) == (scopes, seen)


async def test_the_claims_of_scopes_and_shops_can_be_named(issuer: Issuer) -> None:
    rules = TokenRules(
        issuer=ISSUER, audience=AUDIENCE, scopes_claim="scp", shops_claim="https://x.example/shops"
    )
    verifier = TokenVerifier(Jwks(issuer.read, time.monotonic), rules, lambda: NOW)

    named: dict[str, Any] = {"scp": ["raw:read"], "https://x.example/shops": "flagship"}
    viewer = await verifier.viewer(issuer.token(now=NOW, **named))

    assert viewer.scopes == frozenset({Scope.RAW_READ})
    assert viewer.shops == frozenset({"flagship"})


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"exp": NOW - 60}, "the token has expired: get a new one"),
        ({"exp": None}, "the token lacks one of the claims iss, aud, sub, iat, exp"),
        ({"exp": "tomorrow"}, MALFORMED),
        ({"iat": None}, "the token lacks one of the claims iss, aud, sub, iat, exp"),
        ({"iat": NOW + 61}, "the token was issued in the future: is the clock right?"),
        ({"nbf": NOW + 61}, "the token is not valid yet: is the clock right?"),
        ({"nbf": True}, "the token is not valid yet: is the clock right?"),
        ({"aud": None}, "the token lacks one of the claims iss, aud, sub, iat, exp"),
        ({"aud": "other"}, "the token is for another audience"),
        ({"aud": ["other", AUDIENCE.upper()]}, "the token is for another audience"),
        ({"aud": {AUDIENCE: 1}}, "the token is for another audience"),
        ({"iss": None}, "the token lacks one of the claims iss, aud, sub, iat, exp"),
        ({"iss": f"{ISSUER}/"}, "the token is of another issuer"),
        ({"iss": [ISSUER]}, "the token is of another issuer"),
        ({"sub": None}, "the token lacks one of the claims iss, aud, sub, iat, exp"),
        ({"sub": 7}, "the token's subject is not up to 255 printable characters"),
        ({"sub": ""}, "the token's subject is not up to 255 printable characters"),
        ({"sub": "an\nna"}, "the token's subject is not up to 255 printable characters"),
        ({"sub": "a" * 256}, "the token's subject is not up to 255 printable characters"),
    ],
)
async def test_claims_that_are_missing_or_wrong_are_refused(
    verifier: TokenVerifier, issuer: Issuer, changed: dict[str, Any], expected: str
) -> None:
    assert await refusal(verifier, issuer.token(now=NOW, **changed)) == expected


@pytest.mark.parametrize(
    "changed",
    [
        {"exp": NOW - 59},
        {"iat": NOW + 60},
        {"nbf": NOW + 60},
        {"nbf": NOW - 0.5, "exp": NOW + 0.5},
        {"aud": ["other", AUDIENCE]},
    ],
)
async def test_clocks_may_differ_by_a_minute(
    verifier: TokenVerifier, issuer: Issuer, changed: dict[str, Any]
) -> None:
    assert (await verifier.viewer(issuer.token(now=NOW, **changed))).name == "jwt:anna"


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", ""])
@pytest.mark.parametrize("signature", ["", "AA"])
async def test_an_unsigned_token_is_refused(
    verifier: TokenVerifier, algorithm: str, signature: str
) -> None:
    head = encoded({"alg": algorithm, "kid": "one"})

    assert await refusal(verifier, f"{head}.{encoded(claims())}.{signature}") == ALGORITHM


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
async def test_a_public_key_is_no_secret_to_sign_with(
    verifier: TokenVerifier, issuer: Issuer, algorithm: str
) -> None:
    issuer.keys["one"] = key = RSAKey.generate_key(2048)
    signed = f"{encoded({'alg': algorithm, 'kid': 'one'})}.{encoded(claims())}"
    digest = algorithm.replace("HS", "sha")
    jwk = json.dumps(key.as_dict(private=False)).encode()

    for secret in (pem(key), pem(key).rstrip(), jwk, b""):
        signature = encoded(hmac.digest(secret, signed.encode(), digest))
        assert await refusal(verifier, f"{signed}.{signature}") == ALGORITHM


@pytest.mark.parametrize(
    "kid",
    [
        "two",
        "../../../../dev/null",
        "one' OR '1'='1",
        "one\0",
        "ONE",
        "https://evil.example/key",
        "| whoami",
        "a" * 255,
    ],
)
async def test_a_key_that_is_not_published_is_refused(
    verifier: TokenVerifier, issuer: Issuer, kid: str
) -> None:
    token = issuer.token(kid, key=ECKey.generate_key("P-256"), now=NOW)

    assert await refusal(verifier, token) == UNKNOWN


@pytest.mark.parametrize("kid", [None, "", "a" * 256])
async def test_a_token_names_its_key(verifier: TokenVerifier, issuer: Issuer, kid: str) -> None:
    token = issuer.token(kid, key=issuer.keys["one"], now=NOW)

    assert await refusal(verifier, token) == "the token does not name its key (kid)"


@pytest.mark.parametrize("kid", [7, ["one"], {"one": 1}, True])
async def test_the_name_of_a_key_is_a_text(verifier: TokenVerifier, kid: object) -> None:
    token = f"{encoded({'alg': 'ES256', 'kid': kid})}.{encoded(claims())}.AA"

    assert await refusal(verifier, token) == "the token does not name its key (kid)"


async def test_the_signature_has_to_be_of_the_named_key(
    verifier: TokenVerifier, issuer: Issuer
) -> None:
    token = issuer.token("one", key=ECKey.generate_key("P-256"), now=NOW)

    assert await refusal(verifier, token) == SIGNATURE


async def test_a_changed_payload_is_refused(verifier: TokenVerifier, issuer: Issuer) -> None:
    head, _, signature = issuer.token(now=NOW).split(".")
    payload = encoded(claims(scope="pii:read ops:write", shops=["*"]))

    assert await refusal(verifier, f"{head}.{payload}.{signature}") == SIGNATURE
    assert await refusal(verifier, f"{head}.{payload}.") == SIGNATURE


@pytest.mark.parametrize(
    ("algorithm", "other"),
    [("RS256", ECKey.generate_key("P-256")), ("ES256", RSAKey.generate_key(2048))],
)
async def test_the_algorithm_has_to_fit_the_published_key(
    verifier: TokenVerifier, issuer: Issuer, algorithm: str, other: Key
) -> None:
    mine = RSAKey.generate_key(2048) if algorithm == "RS256" else ECKey.generate_key("P-256")
    issuer.keys["one"] = other

    assert (
        await refusal(verifier, issuer.token(key=mine, algorithm=algorithm, now=NOW)) == SIGNATURE
    )


@pytest.mark.parametrize("name", ["jku", "x5u"])
async def test_addresses_of_keys_in_a_token_are_ignored(issuer: Issuer, name: str) -> None:
    mine = ECKey.generate_key("P-256")
    async with Issuer().serving() as evil:
        evil.keys = {"evil": mine, "one": mine}
        verifier = TokenVerifier(Jwks(issuer.read, time.monotonic), RULES, lambda: NOW)

        for kid, expected in (("one", SIGNATURE), ("evil", UNKNOWN)):
            token = issuer.token(kid, key=mine, now=NOW, header={name: evil.url})
            assert await refusal(verifier, token) == expected

        assert evil.reads == 0


async def test_a_key_in_a_token_is_ignored(verifier: TokenVerifier, issuer: Issuer) -> None:
    mine = ECKey.generate_key("P-256")
    header = {"jwk": mine.as_dict(private=False)}

    assert await refusal(verifier, issuer.token(key=mine, now=NOW, header=header)) == SIGNATURE


async def test_an_address_of_keys_does_no_harm_to_a_sound_token(
    verifier: TokenVerifier, issuer: Issuer
) -> None:
    header = {"jku": "https://login.example/keys", "typ": "at+jwt", "sid": "x"}

    assert (await verifier.viewer(issuer.token(now=NOW, header=header))).name == "jwt:anna"


async def test_what_is_critical_and_unknown_is_refused(
    verifier: TokenVerifier, issuer: Issuer
) -> None:
    signer = issuer.keys["one"]
    head = encoded({"alg": "ES256", "kid": "one", "crit": ["exp"], "exp": 1})
    token = issuer.token(key=signer, now=NOW)

    assert await refusal(verifier, f"{head}.{token.split('.', 1)[1]}") == SIGNATURE


async def test_a_huge_token_is_refused_unread(verifier: TokenVerifier, issuer: Issuer) -> None:
    token = issuer.token(now=NOW, more="a" * 8_192)

    assert await refusal(verifier, token) == "the token is longer than 8192 characters"
    assert issuer.reads == 0


@pytest.mark.parametrize(
    "token",
    [
        "..",
        "a.b.c",
        f"{encoded(b'[' * 4_000)}.e30.AA",
        f"{encoded([])}.e30.AA",
        f"{encoded({'kid': 'one'})}.e30.AA",
        f"{encoded({'alg': 7, 'kid': 'one'})}.e30.AA",
        f"{encoded(b'{' + b'9' * 5_000 + b'}')}.e30.AA",
        f"{encoded(bytes([255, 254]))}.e30.AA",
        "钥匙.钥匙.钥匙",
    ],
)
async def test_what_is_no_token_is_refused(verifier: TokenVerifier, token: str) -> None:
    assert await refusal(verifier, token) == MALFORMED


@pytest.mark.parametrize("payload", [b"[]", b"{", b"\xff", b"[" * 4_000, b"null"])
async def test_a_signed_payload_that_is_no_object_is_refused(
    verifier: TokenVerifier, issuer: Issuer, payload: bytes
) -> None:
    token = jws.serialize_compact({"alg": "ES256", "kid": "one"}, payload, issuer.keys["one"])

    assert await refusal(verifier, token) == SIGNATURE
