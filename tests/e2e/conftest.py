"""A gateway that asks for keys."""

import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.auth.key_manager import KeyManager
from schema.scope import Scope


@pytest.fixture
def book(tmp_path: Path) -> KeyManager:
    return KeyManager(tmp_path / "keys.toml", lambda: datetime.now(UTC), secrets.token_bytes)


@pytest.fixture
def keys(book: KeyManager, tmp_path: Path) -> dict[str, Any]:
    """The sections by which the gateway asks for keys of the book."""
    book.add("first", frozenset(Scope), frozenset({"*"}))
    return {"auth": {"mode": "keys", "keys_file": str(tmp_path / "keys.toml")}}
