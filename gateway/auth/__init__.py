"""Authentication: API keys, the file with their hashes, JSON Web Tokens, and what they permit."""

from gateway.auth.authenticator import (
    Authenticator,
    KeyAuthenticator,
    OpenAuthenticator,
    TokenAuthenticator,
    authenticator_for,
)
from gateway.auth.viewer import ALL_SHOPS, AllShops, RefundLimit, Viewer

__all__ = [
    "ALL_SHOPS",
    "AllShops",
    "Authenticator",
    "KeyAuthenticator",
    "OpenAuthenticator",
    "RefundLimit",
    "TokenAuthenticator",
    "Viewer",
    "authenticator_for",
]
