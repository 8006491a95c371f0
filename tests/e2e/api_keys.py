"""API keys of tests."""

import secrets
from collections.abc import Iterable

from gateway.auth.key_manager import KeyManager
from schema.scope import Scope


def key(book: KeyManager, scopes: Iterable[str], shops: Iterable[str] = ("*",)) -> dict[str, str]:
    """The header of a new key; made before the gateway starts, which then knows it at once."""
    granted = frozenset(Scope(scope) for scope in scopes)
    made = book.add(secrets.token_hex(4), granted, frozenset(shops))
    return {"Authorization": f"Bearer {made.get_secret_value()}"}
