"""Key manager: adds, lists, changes, rotates and revokes API keys, and checks what they get."""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec
from pydantic import SecretStr

from gateway.auth.keys import RandomBytes, fingerprint, new_key
from gateway.auth.keys_file import EVERY_SHOP, KeyRecord, locked, read_keys, write_keys
from gateway.auth.viewer import RefundLimit
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

    def add(
        self,
        name: str,
        scopes: frozenset[Scope],
        shops: frozenset[str],
        *,
        lifetime: timedelta | None = None,
        networks: frozenset[str] = frozenset(),
        refund_limit: RefundLimit | None = None,
    ) -> SecretStr:
        """Create a key, store its hash, and return the key, which cannot be read again.

        Without a `lifetime` it does not expire, without `networks` it may be used from anywhere.

        Raises:
            BadUserInput: a valid key has that name, or the name is invalid.
            ConfigurationError: the keys file cannot be read or written.
        """
        if _NAME.fullmatch(name) is None:
            raise BadUserInput(
                f"{name!r} is not a valid name for a key: expected up to 64 letters, digits, "
                "dots, hyphens and underscores"
            )
        limit = refund_limit or RefundLimit()
        key, now = new_key(self._random_bytes), self._now()
        record = KeyRecord(
            name=name,
            sha256=fingerprint(key.get_secret_value()),
            scopes=scopes,
            shops=shops,
            created_at=now,
            expires_at=None if lifetime is None else now + lifetime,
            networks=networks,
            refund_per_call=limit.per_call,
            refund_per_day=limit.per_day,
        )
        with locked(self._path):
            records = read_keys(self._path)
            if _valid(records, name, now):
                raise BadUserInput(
                    f"there is a key {name} already; revoke it, or choose another name"
                )
            write_keys(self._path, [*records, record])
        return key

    def records(self) -> list[KeyRecord]:
        """Every key, those revoked or expired as well, oldest first.

        Raises:
            ConfigurationError: the keys file cannot be read.
        """
        return read_keys(self._path)

    def valid_records(self) -> list[KeyRecord]:
        """The keys that are neither revoked nor expired, oldest first.

        Raises:
            ConfigurationError: the keys file cannot be read.
        """
        now = self._now()
        return [record for record in read_keys(self._path) if record.is_valid(now)]

    def rotate(
        self, name: str, overlap: timedelta, lifetime: timedelta | None = None
    ) -> tuple[SecretStr, KeyRecord]:
        """Create a key that replaces the one of this name, which expires after `overlap`.

        The new key may do the same. Without `lifetime` it lasts as long as the old one was to.

        Returns:
            The new key, and the record of the one that it replaces, with its new expiry.

        Raises:
            BadUserInput: no valid key has this name.
            ConfigurationError: the keys file cannot be read or written.
        """
        key, now = new_key(self._random_bytes), self._now()
        with locked(self._path):
            records = read_keys(self._path)
            found = self._found(records, name, now)
            old = records[found[-1]]
            if lifetime is None and old.expires_at is not None:
                lifetime = old.expires_at - old.created_at
            new = msgspec.structs.replace(
                old,
                sha256=fingerprint(key.get_secret_value()),
                created_at=now,
                expires_at=None if lifetime is None else now + lifetime,
                replaces=old.replaces or old.id,
            )
            for index in found:
                end, before = now + overlap, records[index].expires_at
                records[index] = msgspec.structs.replace(
                    records[index], expires_at=end if before is None else min(end, before)
                )
            write_keys(self._path, [*records, new])
        return key, records[found[-1]]

    def set_scopes(self, name: str, scopes: frozenset[Scope]) -> KeyRecord:
        """Give the keys of this name these scopes in place of theirs; returns the newest key.

        Raises:
            BadUserInput: no valid key has this name.
            ConfigurationError: the keys file cannot be read or written.
        """
        with locked(self._path):
            records = read_keys(self._path)
            found = self._found(records, name, self._now())
            for index in found:
                records[index] = msgspec.structs.replace(records[index], scopes=scopes)
            write_keys(self._path, records)
        return records[found[-1]]

    def revoke(self, name: str) -> list[KeyRecord]:
        """Revoke the keys of this name: one, or while it is rotated several; oldest first.

        Raises:
            BadUserInput: no valid key has this name.
            ConfigurationError: the keys file cannot be read or written.
        """
        now = self._now()
        with locked(self._path):
            records = read_keys(self._path)
            found = self._found(records, name, now)
            for index in found:
                records[index] = msgspec.structs.replace(records[index], revoked_at=now)
            write_keys(self._path, records)
        return [records[index] for index in found]

    def _found(self, records: Sequence[KeyRecord], name: str, now: datetime) -> list[int]:
        found = _valid(records, name, now)
        if not found:
            raise BadUserInput(f"there is no key {name}: {_valid_names(records, now)}")
        return found


def _valid(records: Sequence[KeyRecord], name: str, now: datetime) -> list[int]:
    """The places of the valid keys of this name: several while it is rotated."""
    return [
        index
        for index, record in enumerate(records)
        if record.name == name and record.is_valid(now)
    ]


def _valid_names(records: Iterable[KeyRecord], now: datetime) -> str:
    names = dict.fromkeys(record.name for record in records if record.is_valid(now))
    return f"the keys are {', '.join(names)}" if names else "there are none"
