"""JWKS: the public keys of a token issuer, cached, and read again for a key that is unknown."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable, Mapping
from contextvars import Context
from typing import Any, Final

import structlog
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey

from gateway.errors import GatewayError, Overloaded

#: Signature algorithms of tokens: public keys only, and never what the token asks for.
ALGORITHMS: Final = frozenset(
    {
        "RS256",
        "RS384",
        "RS512",
        "PS256",
        "PS384",
        "PS512",
        "ES256",
        "ES384",
        "ES512",
        "Ed25519",
    }
)
#: Seconds between two readings of the set.
REFRESH_EVERY: Final = 600.0
#: Seconds between two readings for keys that are unknown: anybody can name one.
UNKNOWN_EVERY: Final = 10.0
#: Seconds for which keys are used while the set cannot be read.
LONGEST_USE: Final = 86_400.0
#: Seconds that a request waits for the set.
_WAIT: Final = 5.0
#: Keys of a set; an issuer has two or three.
_MOST_KEYS: Final = 100
_LEAST_RSA_BITS: Final = 2048
#: The public members of a key, by its type.
_MEMBERS: Final[Mapping[str, tuple[str, ...]]] = {
    "RSA": ("n", "e"),
    "EC": ("crv", "x", "y"),
    "OKP": ("crv", "x"),
}

PublicKey = RSAKey | ECKey | OKPKey

_log = structlog.stdlib.get_logger(__name__)


class IssuerUnavailable(GatewayError):
    """The JWKS of the issuer cannot be read; the message says why."""


class Jwks:
    """The keys of one issuer, by their `kid`.

    One reading is under way at a time, whoever waits for it; a caller that gives up does not end
    it. If the set cannot be read, the keys that were read before remain.
    """

    def __init__(self, read: Callable[[], Awaitable[bytes]], clock: Callable[[], float]) -> None:
        """`read` returns the JWKS document or raises IssuerUnavailable; `clock` is monotonic."""
        self._read = read
        self._clock = clock
        self._keys: Mapping[str, PublicKey] = {}
        self._succeeded_at: float | None = None
        self._tried_at: float | None = None
        self._reading: asyncio.Task[IssuerUnavailable | None] | None = None

    async def key(self, kid: str) -> PublicKey | None:
        """The key of this id; None: the issuer does not publish it.

        Raises:
            Overloaded: the set could not be read yet, or not for a day.
        """
        if kid not in self._keys and (self._under_way() or self._may_try()):
            await asyncio.wait({self._begin()}, timeout=_WAIT)
        if self._succeeded_at is None or self._clock() - self._succeeded_at > LONGEST_USE:
            if self._may_try():
                self._begin()
            raise Overloaded(
                "the keys of the token issuer cannot be read now", retry_after=UNKNOWN_EVERY
            )
        return self._keys.get(kid)

    async def refresh(self) -> None:
        """Reads the set.

        Raises:
            IssuerUnavailable: it cannot be read, or has no key that can be used.
        """
        failure = await asyncio.shield(self._begin())
        if failure is not None:
            raise failure

    async def aclose(self) -> None:
        """Ends a reading that is under way."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait({self._reading})

    def __len__(self) -> int:
        return len(self._keys)

    def _under_way(self) -> bool:
        return self._reading is not None and not self._reading.done()

    def _may_try(self) -> bool:
        return self._tried_at is None or self._clock() - self._tried_at >= UNKNOWN_EVERY

    def _begin(self) -> "asyncio.Task[IssuerUnavailable | None]":
        if self._reading is None or self._reading.done():
            self._tried_at = self._clock()
            # It must not log under the id of the request that happens to start it.
            self._reading = asyncio.create_task(self._take(), context=Context())
        return self._reading

    async def _take(self) -> IssuerUnavailable | None:
        """Reads the set; returns why not, so that nobody has to wait for an error."""
        try:
            keys = keys_of(await self._read())
        except IssuerUnavailable as failure:
            _log.warning(
                "auth.jwks.unavailable",
                message="The keys of the token issuer cannot be read; those known remain valid.",
                reason=failure.message,
                keys=len(self._keys),
            )
            return failure
        if keys.keys() != self._keys.keys():
            _log.info(
                "auth.jwks.changed",
                message="The token issuer publishes other keys.",
                keys=len(keys),
            )
        self._keys = keys
        self._succeeded_at = self._clock()
        return None


def keys_of(document: bytes) -> dict[str, PublicKey]:
    """The keys of a JWKS document that can verify signatures, by their `kid`.

    Keys of other kinds and uses are left out, as RFC 7517 says, and those that are too weak. Of
    a private key only the public part is read.

    Raises:
        IssuerUnavailable: it is no JWKS, or has no such key.
    """
    try:
        listed = json.loads(document)["keys"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise IssuerUnavailable("the issuer's answer is not a JWKS") from None
    if not isinstance(listed, list) or len(listed) > _MOST_KEYS:
        raise IssuerUnavailable("the issuer's answer is not a JWKS")
    keys = {}
    for entry in listed:
        key = _key(entry)
        if key is not None:
            keys[str(entry["kid"])] = key
    if not keys:
        raise IssuerUnavailable("the issuer's JWKS has no key that can be used")
    return keys


def _key(entry: Any) -> PublicKey | None:
    if not isinstance(entry, dict) or not isinstance(entry.get("kid"), str):
        return None
    kind, algorithm = entry.get("kty"), entry.get("alg")
    if not isinstance(kind, str) or kind not in _MEMBERS or entry.get("use", "sig") != "sig":
        return None
    if algorithm is not None and algorithm not in ALGORITHMS:
        return None
    public = {name: entry[name] for name in ("kty", "alg", *_MEMBERS[kind]) if name in entry}
    try:
        if kind == "RSA" and _bits(public["n"]) < _LEAST_RSA_BITS:
            return None
        key = JWKRegistry.import_key(public)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return key if isinstance(key, RSAKey | ECKey | OKPKey) else None


def _bits(number: str) -> int:
    """The bits of a number in base64url, as a JWK has it."""
    padded = number + "=" * (-len(number) % 4)
    return int.from_bytes(base64.urlsafe_b64decode(padded)).bit_length()
