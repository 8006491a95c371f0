"""Authenticator: from the Authorization header of a request to the caller."""

from collections.abc import Callable
from typing import Final, Protocol

from gateway.auth.key_ring import KeyRing
from gateway.auth.keys import fingerprint, is_well_formed
from gateway.auth.viewer import ALL_SHOPS, Viewer
from gateway.errors import ConfigurationError, Unauthenticated
from gateway.settings import AuthSettings
from schema.scope import Scope

_HOW: Final = "send Authorization: Bearer KEY"
_EVERYONE: Final = Viewer(name="open", scopes=frozenset(Scope), shops=ALL_SHOPS, key_id="open")


class Authenticator(Protocol):
    """Authenticates requests."""

    def authenticate(self, authorization: str | None, *, local: bool = False) -> Viewer:
        """The caller, by the value of the header; None: the request has no such header.

        `local`: the request comes from this machine, and not through a proxy.

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
    """Accepts requests with a valid API key."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    def authenticate(
        self,
        authorization: str | None,
        *,
        local: bool = False,  # noqa: ARG002 - the protocol's
    ) -> Viewer:
        """The viewer of the key in the header; the request's host does not matter.

        Raises:
            Unauthenticated: the header is missing or malformed, or its key is not valid.
        """
        if authorization is None:
            raise Unauthenticated(f"an API key is required: {_HOW}")
        scheme, _, key = authorization.partition(" ")
        key = key.strip()
        if scheme.lower() != "bearer" or not key:
            raise Unauthenticated(f"the Authorization header is malformed: {_HOW}")
        viewer = self._ring.find(fingerprint(key))
        if viewer is not None:
            return viewer
        if not is_well_formed(key):
            raise Unauthenticated(
                "this is not an API key of the gateway: was it copied completely?"
            )
        raise Unauthenticated("the API key is not known here, or was revoked")


def authenticator_for(settings: AuthSettings, clock: Callable[[], float]) -> Authenticator:
    """The authenticator of the configured mode; `clock` is monotonic, in seconds.

    Raises:
        ConfigurationError: the keys file is invalid, or the mode is not supported.
    """
    if settings.mode == "open":
        return OpenAuthenticator()
    if settings.mode == "keys":
        return KeyAuthenticator(KeyRing(settings.keys_file, clock))
    raise ConfigurationError(f'auth.mode: "{settings.mode}" is not built in this version')
