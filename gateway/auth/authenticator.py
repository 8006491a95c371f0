"""Authenticator: from the Authorization header of a request to the caller."""

from collections.abc import Callable
from typing import Final, Protocol

from gateway.auth.json_web_tokens import TokenVerifier, looks_like_token
from gateway.auth.key_ring import KeyRing
from gateway.auth.key_uses import KeyUses
from gateway.auth.keys import fingerprint, is_well_formed
from gateway.auth.viewer import ALL_SHOPS, Viewer
from gateway.errors import Unauthenticated
from schema.scope import Scope

_HOW: Final = "send Authorization: Bearer KEY"
#: The caller of a gateway that asks for no key.
EVERYONE: Final = Viewer(name="open", scopes=frozenset(Scope), shops=ALL_SHOPS, key_id="open")


class Authenticator(Protocol):
    """Authenticates requests."""

    async def authenticate(
        self, authorization: str | None, *, local: bool = False, peer: str | None = None
    ) -> Viewer:
        """The caller, by the value of the header; None: the request has no such header.

        `local`: the request comes from this machine, and not through a proxy. `peer`: the
        client's address.

        Raises:
            Unauthenticated: the header is missing or malformed, or what it has is not valid.
            Overloaded: it cannot be told now whether it is.
        """


class OpenAuthenticator:
    """Accepts every request, with every scope and shop: for a gateway on loopback."""

    async def authenticate(
        self,
        authorization: str | None,  # noqa: ARG002 - the protocol's
        *,
        local: bool = False,
        peer: str | None = None,  # noqa: ARG002 - the protocol's
    ) -> Viewer:
        """The viewer "open", for every caller.

        Raises:
            Unauthenticated: the request came through a proxy, or from a web page whose host name
                resolves to this machine (DNS rebinding).
        """
        if not local:
            raise Unauthenticated('auth.mode "open" is for this machine alone: ask 127.0.0.1')
        return EVERYONE


class KeyAuthenticator:
    """Accepts requests with a valid API key, from where it may be used."""

    def __init__(self, ring: KeyRing, uses: KeyUses, now: Callable[[], float]) -> None:
        """`now` gives unix seconds."""
        self._ring = ring
        self._uses = uses
        self._now = now

    async def authenticate(
        self,
        authorization: str | None,
        *,
        local: bool = False,  # noqa: ARG002 - the protocol's
        peer: str | None = None,
    ) -> Viewer:
        """The viewer of the key in the header; the request's host does not matter.

        Raises:
            Unauthenticated: the header is missing or malformed, or its key is not valid, has
                expired, or may not be used by a client of this address.
        """
        return self.viewer(bearer(authorization, "an API key"), peer)

    def viewer(self, key: str, peer: str | None) -> Viewer:
        """The viewer of a key, used by a client of this address.

        Raises:
            Unauthenticated: as `authenticate` says.
        """
        found = self._ring.find(fingerprint(key))
        if found is None:
            if not is_well_formed(key):
                raise Unauthenticated(
                    "this is not an API key of the gateway: was it copied completely?"
                )
            raise Unauthenticated("the API key is not known here, or was revoked")
        if found.has_expired(self._now()):
            raise Unauthenticated("the API key has expired: ask for a new one")
        if not found.may_come_from(peer):
            raise Unauthenticated("the API key may not be used from this address")
        self._uses.note(found.id)
        return found.viewer


class TokenAuthenticator:
    """Accepts requests with a JSON Web Token of the issuer, or with a valid API key."""

    def __init__(self, keys: KeyAuthenticator, tokens: TokenVerifier) -> None:
        self._keys = keys
        self._tokens = tokens

    async def authenticate(
        self,
        authorization: str | None,
        *,
        local: bool = False,  # noqa: ARG002 - the protocol's
        peer: str | None = None,
    ) -> Viewer:
        """The viewer of the token or the key in the header.

        Raises:
            Unauthenticated: the header is missing or malformed, or what it has is not valid.
            Overloaded: the issuer's keys cannot be read now.
        """
        given = bearer(authorization, "a token or an API key")
        if looks_like_token(given):
            return await self._tokens.viewer(given)
        return self._keys.viewer(given, peer)


def bearer(authorization: str | None, what: str) -> str:
    """What follows `Bearer` in the header; `what` is required there.

    Raises:
        Unauthenticated: the header is missing or malformed.
    """
    if authorization is None:
        raise Unauthenticated(f"{what} is required: {_HOW}")
    scheme, _, given = authorization.partition(" ")
    given = given.strip()
    if scheme.lower() != "bearer" or not given:
        raise Unauthenticated(f"the Authorization header is malformed: {_HOW}")
    return given


def authenticator_for(
    ring: KeyRing | None, uses: KeyUses, tokens: TokenVerifier | None, now: Callable[[], float]
) -> Authenticator:
    """The authenticator of the configured mode; `now` gives unix seconds.

    `ring` are the keys; None in the mode "open", which knows none. Their uses are noted in `uses`.
    `tokens` verifies tokens; None in every mode but "jwt".
    """
    if ring is None:
        return OpenAuthenticator()
    keys = KeyAuthenticator(ring, uses, now)
    return keys if tokens is None else TokenAuthenticator(keys, tokens)
