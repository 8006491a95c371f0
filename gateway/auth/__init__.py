"""Authentication: API keys, the file with their hashes, and what a key permits."""

from gateway.auth.authenticator import (
    Authenticator,
    KeyAuthenticator,
    OpenAuthenticator,
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
    "Viewer",
    "authenticator_for",
]
