"""From the Authorization header of a request to the one who sent it."""

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
    """Tells who sent a request."""

    def authenticate(self, authorization: str | None, *, names_loopback: bool = False) -> Viewer:
        """The sender, by the header's value; None where there was no such header.

        `names_loopback` tells whether the request asked for this machine by its own name.

        Raises:
            Unauthenticated: where the header is missing, malformed, or holds no good key.
        """


class OpenAuthenticator:
    """Lets everyone in, with every scope and shop: for a gateway on loopback."""

    def authenticate(
        self,
        authorization: str | None,  # noqa: ARG002 - the protocol's
        *,
        names_loopback: bool = False,
    ) -> Viewer:
        """Whoever asks, as one viewer called "open".

        Raises:
            Unauthenticated: where the request names another machine. It comes through a proxy,
                or from a page of the open web that made its own name lead here.
        """
        if not names_loopback:
            raise Unauthenticated('auth.mode "open" is for this machine alone: ask 127.0.0.1')
        return _EVERYONE


class KeyAuthenticator:
    """Lets in who holds an API key."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    def authenticate(
        self,
        authorization: str | None,
        *,
        names_loopback: bool = False,  # noqa: ARG002 - the protocol's
    ) -> Viewer:
        """The viewer of the key in the header, by whatever name the gateway was asked.

        Raises:
            Unauthenticated: where the header is missing, malformed, or holds no good key.
        """
        if authorization is None:
            raise Unauthenticated(f"an API key is needed: {_HOW}")
        scheme, _, key = authorization.partition(" ")
        key = key.strip()
        if scheme.lower() != "bearer" or not key:
            raise Unauthenticated(f"the Authorization header has another form: {_HOW}")
        viewer = self._ring.find(fingerprint(key))
        if viewer is not None:
            return viewer
        if not is_well_formed(key):
            raise Unauthenticated("this is no API key of the gateway: was it copied whole?")
        raise Unauthenticated("the API key is not known here, or was revoked")


def authenticator_for(settings: AuthSettings, clock: Callable[[], float]) -> Authenticator:
    """The authenticator of the configured mode; `clock` is monotonic, in seconds.

    Raises:
        ConfigurationError: where the keys file is broken, or the mode is not built.
    """
    if settings.mode == "open":
        return OpenAuthenticator()
    if settings.mode == "keys":
        return KeyAuthenticator(KeyRing(settings.keys_file, clock))
    raise ConfigurationError(f'auth.mode: "{settings.mode}" is not built in this version')
