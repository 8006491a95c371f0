"""JSON Web Tokens: verified with the issuer's keys, their claims read as a viewer."""

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import ExpiredTokenError, InvalidClaimError, JoseError, MissingClaimError
from joserfc.jws import JWSRegistry

from gateway.auth.jwks import ALGORITHMS, Jwks, PublicKey
from gateway.auth.keys_file import EVERY_SHOP
from gateway.auth.viewer import ALL_SHOPS, AllShops, Viewer
from gateway.errors import Unauthenticated
from schema.scope import Scope

#: Characters of a token.
MOST_CHARACTERS: Final = 8_192
#: Seconds by which the clocks of issuer and gateway may differ.
CLOCK_SKEW: Final = 60
#: Characters of a `kid` and of a `sub`.
_MOST_ID: Final = 255
#: Hexadecimal digits that name a subject in the store.
_ID_DIGITS: Final = 32
_MALFORMED: Final = "the token is malformed: was it copied completely?"
_PERIODS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRules:
    """What a token has to say, and in which claims it says what it permits."""

    issuer: str
    audience: str
    scopes_claim: str = "scope"
    shops_claim: str = "shops"


def looks_like_token(text: str) -> bool:
    """Whether a text has the three parts of a signed token, which no API key has."""
    return text.count(".") == _PERIODS


class TokenVerifier:
    """Verifies tokens of one issuer.

    The algorithms are fixed. The key is the one that the issuer publishes under the token's `kid`;
    keys and addresses of keys in the token (`jwk`, `jku`, `x5c`, `x5u`) are ignored.
    """

    def __init__(self, jwks: Jwks, rules: TokenRules, now: Callable[[], float]) -> None:
        """`now` gives unix seconds."""
        self._jwks = jwks
        self._rules = rules
        # Headers that it does not know are ignored, unless the token says that they are critical.
        self._registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
        self._registry.max_header_length = MOST_CHARACTERS
        self._claims = jwt.JWTClaimsRegistry(
            now=lambda: int(now()),
            leeway=CLOCK_SKEW,
            iss={"essential": True, "value": rules.issuer},
            aud={"essential": True, "value": rules.audience},
            sub={"essential": True},
            iat={"essential": True},
            exp={"essential": True},
        )

    async def viewer(self, token: str) -> Viewer:
        """The viewer that a token authenticates: `jwt:` and its subject.

        Raises:
            Unauthenticated: the token is not valid; the message repeats nothing of it.
            Overloaded: the issuer's keys cannot be read now.
        """
        if len(token) > MOST_CHARACTERS:
            raise Unauthenticated(f"the token is longer than {MOST_CHARACTERS} characters")
        algorithm, kid = _header(token)
        if algorithm not in ALGORITHMS:
            raise Unauthenticated("the token is signed with an algorithm that is not accepted here")
        if kid is None:
            raise Unauthenticated("the token does not name its key (kid)")
        key = await self._jwks.key(kid)
        if key is None:
            raise Unauthenticated("the token is signed with a key that its issuer does not publish")
        return self._read(self._verified(token, key))

    def _verified(self, token: str, key: PublicKey) -> Mapping[str, Any]:
        try:
            claims = jwt.decode(token, key, registry=self._registry).claims
            self._claims.validate(claims)
        except ExpiredTokenError:
            raise Unauthenticated("the token has expired: get a new one") from None
        except MissingClaimError:
            raise Unauthenticated(
                "the token lacks one of the claims iss, aud, sub, iat, exp"
            ) from None
        except InvalidClaimError as refused:
            raise Unauthenticated(_REASONS.get(str(refused.claim), _MALFORMED)) from None
        except (JoseError, ValueError, TypeError, RecursionError):
            raise Unauthenticated("the token's signature is not valid") from None
        return claims

    def _read(self, claims: Mapping[str, Any]) -> Viewer:
        subject: str = claims["sub"]
        if not 0 < len(subject) <= _MOST_ID or not subject.isprintable():
            raise Unauthenticated(_REASONS["sub"])
        known = {scope.value: scope for scope in Scope}
        granted = _names(claims.get(self._rules.scopes_claim))
        digest = sha256(f"{self._rules.issuer}\0{subject}".encode()).hexdigest()
        return Viewer(
            # No API key has a colon in its name.
            name=f"jwt:{subject}",
            scopes=frozenset(known[name] for name in granted if name in known),
            shops=_shops(_names(claims.get(self._rules.shops_claim))),
            key_id=f"jwt:{digest[:_ID_DIGITS]}",
        )


_REASONS: Final = {
    "iss": "the token is of another issuer",
    "aud": "the token is for another audience",
    "sub": f"the token's subject is not up to {_MOST_ID} printable characters",
    "nbf": "the token is not valid yet: is the clock right?",
    "iat": "the token was issued in the future: is the clock right?",
}


def _header(token: str) -> tuple[str, str | None]:
    """The algorithm and the id of the key that a token names, unverified."""
    try:
        part = token.split(".", 1)[0]
        header = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        raise Unauthenticated(_MALFORMED) from None
    if not isinstance(header, dict) or not isinstance(header.get("alg"), str):
        raise Unauthenticated(_MALFORMED)
    kid = header.get("kid")
    return header["alg"], kid if isinstance(kid, str) and 0 < len(kid) <= _MOST_ID else None


def _names(claim: object) -> frozenset[str]:
    """The names of a claim: separated by spaces, as OAuth has them, or a list."""
    if isinstance(claim, str):
        return frozenset(claim.split())
    if isinstance(claim, list):
        return frozenset(name for name in claim if isinstance(name, str))
    return frozenset()


def _shops(names: frozenset[str]) -> frozenset[str] | AllShops:
    return ALL_SHOPS if EVERY_SHOP in names else names
