"""The keys file: what is kept of each API key, as TOML that an operator can read."""

import fcntl
import json
import os
import tempfile
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import msgspec

from gateway.auth.keys import key_id
from gateway.auth.viewer import ALL_SHOPS, Viewer
from gateway.errors import ConfigurationError
from schema.scope import Scope

#: Instead of the keys of shops: every shop, those of later as well.
EVERY_SHOP: Final = "*"

_HEADER: Final = "# Written by `gateway keys`. It holds hashes, never keys.\n"

Digest = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class KeyRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One API key: everything but the key."""

    name: Annotated[str, msgspec.Meta(min_length=1)]
    #: Of the key, in hexadecimal.
    sha256: Digest
    scopes: frozenset[Scope]
    #: Keys of shops, or EVERY_SHOP alone.
    shops: frozenset[str]
    created_at: Instant
    #: None while the key is good.
    revoked_at: Instant | None = None

    @property
    def id(self) -> str:
        """A short name that two keys never share, also where their names are equal."""
        return key_id(self.sha256)

    def viewer(self) -> Viewer:
        """The one who asks with this key."""
        shops = ALL_SHOPS if EVERY_SHOP in self.shops else self.shops
        return Viewer(name=self.name, scopes=self.scopes, shops=shops, key_id=self.id)


class _Document(msgspec.Struct, forbid_unknown_fields=True):
    keys: list[KeyRecord] = []


def read_keys(path: Path) -> list[KeyRecord]:
    """The keys of a file in its order; none where there is no file.

    Raises:
        ConfigurationError: where the file cannot be read, or is not one of ours.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from None
    return parse_keys(content, path)


def parse_keys(content: bytes, path: Path) -> list[KeyRecord]:
    """The keys that the content of a keys file tells; `path` is for messages.

    Raises:
        ConfigurationError: where the content is not that of a keys file.
    """
    try:
        return msgspec.convert(tomllib.loads(content.decode()), _Document).keys
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path}: expected UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path}: not valid TOML: {error}") from None
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"{path}: not a keys file: {error}") from None


def write_keys(path: Path, records: Iterable[KeyRecord]) -> None:
    """Put a keys file in the place of the former one, whole or not at all, for the owner only.

    Raises:
        ConfigurationError: where the file cannot be written.
    """
    content = _HEADER + "".join(_table(record) for record in records)
    try:
        _replace(path, content.encode())
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be written: {error.strerror}") from None


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep other processes from changing the keys file between a read and a write of it.

    Raises:
        ConfigurationError: where the file's folder does not exist.
    """
    try:
        folder = os.open(path.parent, os.O_RDONLY)
    except OSError as error:
        raise ConfigurationError(f"{path.parent}: {error.strerror}") from None
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _replace(path: Path, content: bytes) -> None:
    target = path.resolve()
    # mkstemp gives mode 0600 from the start: no other user ever sees the content.
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _table(record: KeyRecord) -> str:
    lines = [
        "",
        "[[keys]]",
        f"name = {_text(record.name)}",
        f"sha256 = {_text(record.sha256)}",
        f"scopes = {_texts(record.scopes)}",
        f"shops = {_texts(record.shops)}",
        f"created_at = {_instant(record.created_at)}",
    ]
    if record.revoked_at is not None:
        lines.append(f"revoked_at = {_instant(record.revoked_at)}")
    return "\n".join(lines) + "\n"


def _text(value: str) -> str:
    # A JSON string is a TOML basic string.
    return json.dumps(value, ensure_ascii=False)


def _texts(values: Iterable[str]) -> str:
    return f"[{', '.join(_text(str(value)) for value in sorted(values))}]"


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
