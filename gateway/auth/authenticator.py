"""Authenticator: from the Authorization header of a request to the caller."""

from collections.abc import Callable
from typing import Final, Protocol

from gateway.auth.key_ring import KeyRing
from gateway.auth.key_uses import KeyUses
from gateway.auth.keys import fingerprint, is_well_formed
from gateway.auth.viewer import ALL_SHOPS, Viewer
from gateway.errors import ConfigurationError, Unauthenticated
from gateway.settings import AuthSettings
from schema.scope import Scope

_HOW: Final = "send Authorization: Bearer KEY"
_EVERYONE: Final = Viewer(name="open", scopes=frozenset(Scope), shops=ALL_SHOPS, key_id="open")


class Authenticator(Protocol):
    """Authenticates requests."""

    def authenticate(
        self, authorization: str | None, *, local: bool = False, peer: str | None = None
    ) -> Viewer:
        """The caller, by the value of the header; None: the request has no such header.

        `local`: the request comes from this machine, and not through a proxy. `peer`: the
        client's address.

        Raises:
            Unauthenticated: the header is missing or malformed, or its key is not valid.
        """


class OpenAuthenticator:
    """Accepts every request, with every scope and shop: for a gateway on loopback."""

    def authenticate(
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
        return _EVERYONE


class KeyAuthenticator:
    """Accepts requests with a valid API key, from where it may be used."""

    def __init__(self, ring: KeyRing, uses: KeyUses, now: Callable[[], float]) -> None:
        """`now` gives unix seconds."""
        self._ring = ring
        self._uses = uses
        self._now = now

    def authenticate(
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
        if authorization is None:
            raise Unauthenticated(f"an API key is required: {_HOW}")
        scheme, _, key = authorization.partition(" ")
        key = key.strip()
        if scheme.lower() != "bearer" or not key:
            raise Unauthenticated(f"the Authorization header is malformed: {_HOW}")
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


def authenticator_for(
    settings: AuthSettings, ring: KeyRing | None, uses: KeyUses, now: Callable[[], float]
) -> Authenticator:
    """The authenticator of the configured mode; `now` gives unix seconds.

    `ring` are the keys; None in the mode "open", which knows none. Their uses are noted in `uses`.

    Raises:
        ConfigurationError: the mode is not supported.
    """
    if ring is None:
        return OpenAuthenticator()
    if settings.mode == "keys":
        return KeyAuthenticator(ring, uses, now)
    raise ConfigurationError(f'auth.mode: "{settings.mode}" is not built in this version')
