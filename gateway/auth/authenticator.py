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

    def authenticate(self, authorization: str | None) -> Viewer:
        """The sender, by the header's value; None where there was no such header.

        Raises:
            Unauthenticated: where the header is missing, malformed, or holds no good key.
        """


class OpenAuthenticator:
    """Lets everyone in, with every scope and shop: for a gateway on loopback."""

    def authenticate(self, authorization: str | None) -> Viewer:  # noqa: ARG002 - the protocol's
        """Whoever asks, as one viewer called "open"."""
        return _EVERYONE


class KeyAuthenticator:
    """Lets in who holds an API key."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    def authenticate(self, authorization: str | None) -> Viewer:
        """The viewer of the key in the header.

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
