"""Key manager: adds, lists and revokes API keys, and checks the scopes and shops given to them."""

import re
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec
from pydantic import SecretStr

from gateway.auth.keys import RandomBytes, fingerprint, new_key
from gateway.auth.keys_file import EVERY_SHOP, KeyRecord, locked, read_keys, write_keys
from gateway.errors import BadUserInput
from schema.scope import Scope


def scopes_named(names: Iterable[str]) -> frozenset[Scope]:
    """The scopes of these names.

    Raises:
        BadUserInput: no name is given, or one is unknown; the message lists the valid ones.
    """
    return frozenset(Scope(name) for name in _checked(names, tuple(Scope), "scope"))


def shops_named(names: Iterable[str], shops: Collection[str]) -> frozenset[str]:
    """These keys of shops, or `*` for every shop.

    Raises:
        BadUserInput: no name is given, or one is unknown; the message lists the valid ones.
    """
    return _checked(names, (*shops, EVERY_SHOP), "shop")


def _checked(names: Iterable[str], known: Collection[str], kind: str) -> frozenset[str]:
    given = list(names)
    unknown = [name for name in given if name not in known]
    if unknown or not given:
        wrong = f"no such {kind}: {', '.join(unknown)}" if unknown else f"no {kind} is given"
        raise BadUserInput(f"{wrong}; expected some of {', '.join(known)}")
    return frozenset(given)


_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class KeyManager:
    """The keys of one file; every change is written to it at once."""

    def __init__(self, path: Path, now: Callable[[], datetime], random_bytes: RandomBytes) -> None:
        """`now` gives the time in UTC, `random_bytes` is `secrets.token_bytes`."""
        self._path = path
        self._now = now
        self._random_bytes = random_bytes

    def add(self, name: str, scopes: frozenset[Scope], shops: frozenset[str]) -> SecretStr:
        """Create a key, store its hash, and return the key, which cannot be read again.

        Raises:
            BadUserInput: a valid key has that name, or the name is invalid.
            ConfigurationError: the keys file cannot be read or written.
        """
        if _NAME.fullmatch(name) is None:
            raise BadUserInput(
                f"{name!r} is not a valid name for a key: expected up to 64 letters, digits, "
                "dots, hyphens and underscores"
            )
        key = new_key(self._random_bytes)
        record = KeyRecord(
            name=name,
            sha256=fingerprint(key.get_secret_value()),
            scopes=scopes,
            shops=shops,
            created_at=self._now(),
        )
        with locked(self._path):
            records = read_keys(self._path)
            if _valid_key(records, name) is not None:
                raise BadUserInput(
                    f"there is a key {name} already; revoke it, or choose another name"
                )
            write_keys(self._path, [*records, record])
        return key

    def records(self) -> list[KeyRecord]:
        """Every key, those revoked as well, oldest first.

        Raises:
            ConfigurationError: the keys file cannot be read.
        """
        return read_keys(self._path)

    def revoke(self, name: str) -> KeyRecord:
        """Revoke the key of this name.

        Raises:
            BadUserInput: no valid key has this name.
            ConfigurationError: the keys file cannot be read or written.
        """
        with locked(self._path):
            records = read_keys(self._path)
            index = _valid_key(records, name)
            if index is None:
                raise BadUserInput(f"there is no key {name}: {_valid_names(records)}")
            records[index] = msgspec.structs.replace(records[index], revoked_at=self._now())
            write_keys(self._path, records)
        return records[index]


def _valid_key(records: list[KeyRecord], name: str) -> int | None:
    for index, record in enumerate(records):
        if record.name == name and record.revoked_at is None:
            return index
    return None


def _valid_names(records: list[KeyRecord]) -> str:
    names = [record.name for record in records if record.revoked_at is None]
    return f"the keys are {', '.join(names)}" if names else "there are none"
