"""Keys file: the records of API keys, as TOML that an operator can read."""

import fcntl
import json
import os
import tempfile
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Final

import msgspec

from gateway.auth.keys import key_id
from gateway.auth.viewer import ALL_SHOPS, RefundLimit, Viewer
from gateway.errors import ConfigurationError
from schema.scope import Scope

#: Instead of keys of shops: every shop, including those added later.
EVERY_SHOP: Final = "*"

_HEADER: Final = "# Written by `gateway keys`. It holds hashes, never keys.\n"

Digest = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
Instant = Annotated[datetime, msgspec.Meta(tz=True)]
#: An amount in fen.
Ceiling = Annotated[int, msgspec.Meta(ge=0)]


class KeyRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The record of one API key, without the key itself."""

    name: Annotated[str, msgspec.Meta(min_length=1)]
    #: Of the key, in hexadecimal.
    sha256: Digest
    scopes: frozenset[Scope]
    #: Keys of shops, or EVERY_SHOP alone.
    shops: frozenset[str]
    created_at: Instant
    #: None: the key does not expire.
    expires_at: Instant | None = None
    #: None: the key was not revoked.
    revoked_at: Instant | None = None
    #: Networks of the clients that may use it, such as 10.0.0.0/8; empty: all.
    networks: frozenset[str] = frozenset()
    #: Most that one call may refund, in fen; None: no ceiling.
    refund_per_call: Ceiling | None = None
    #: Most that a day's calls may refund, in fen; None: no ceiling.
    refund_per_day: Ceiling | None = None
    #: The id of the first of the keys that it replaces; None: it replaces none.
    replaces: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{12}$")] | None = None

    def __post_init__(self) -> None:
        # A ValueError here is an error of the file, with its place.
        for network in self.networks:
            ip_network(network)

    @property
    def id(self) -> str:
        """A short id, unique even if two keys have the same name."""
        return key_id(self.sha256)

    def is_valid(self, now: datetime) -> bool:
        """Whether it is neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    def viewer(self) -> Viewer:
        """The viewer that this key authenticates."""
        return Viewer(
            name=self.name,
            scopes=self.scopes,
            shops=ALL_SHOPS if EVERY_SHOP in self.shops else self.shops,
            # A mutation that is repeated with the new key is the same one.
            key_id=self.replaces or self.id,
            refund_limit=RefundLimit(self.refund_per_call, self.refund_per_day),
        )


class _Document(msgspec.Struct, forbid_unknown_fields=True):
    keys: list[KeyRecord] = []


def read_keys(path: Path) -> list[KeyRecord]:
    """The keys of a file in its order; empty if there is no file.

    Raises:
        ConfigurationError: the file cannot be read, or is not a keys file.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from None
    return parse_keys(content, path)


def parse_keys(content: bytes, path: Path) -> list[KeyRecord]:
    """Parse the content of a keys file; `path` is for messages.

    Raises:
        ConfigurationError: the content is invalid.
    """
    try:
        return msgspec.convert(tomllib.loads(content.decode()), _Document).keys
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path}: expected UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path}: not valid TOML: {error}") from None
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"{path}: not a keys file: {error}") from None


def valid_record(records: Iterable[KeyRecord], key_id: str, now: datetime) -> KeyRecord | None:
    """The valid key of this id, or the last that replaces it; None: there is none."""
    mine = [one for one in records if one.is_valid(now) and key_id in {one.id, one.replaces}]
    return mine[-1] if mine else None


def write_keys(path: Path, records: Iterable[KeyRecord]) -> None:
    """Replace the keys file atomically; only its owner may read it.

    Raises:
        ConfigurationError: the file cannot be written.
    """
    content = _HEADER + "".join(_table(record) for record in records)
    try:
        _replace(path, content.encode())
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be written: {error.strerror}") from None


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Lock the keys file against other processes between a read and a write.

    Raises:
        ConfigurationError: the file's folder does not exist.
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
    rows = {
        "name": _text(record.name),
        "sha256": _text(record.sha256),
        "scopes": _texts(record.scopes),
        "shops": _texts(record.shops),
        "created_at": _instant(record.created_at),
        "expires_at": _instant(record.expires_at),
        "revoked_at": _instant(record.revoked_at),
        "networks": _texts(record.networks) if record.networks else None,
        "refund_per_call": _number(record.refund_per_call),
        "refund_per_day": _number(record.refund_per_day),
        "replaces": None if record.replaces is None else _text(record.replaces),
    }
    lines = [f"{name} = {value}" for name, value in rows.items() if value is not None]
    return "\n".join(["", "[[keys]]", *lines]) + "\n"


def _text(value: str) -> str:
    # A JSON string is a TOML basic string.
    return json.dumps(value, ensure_ascii=False)


def _texts(values: Iterable[str]) -> str:
    return f"[{', '.join(_text(str(value)) for value in sorted(values))}]"


def _number(value: int | None) -> str | None:
    return None if value is None else str(value)


def _instant(value: datetime | None) -> str | None:
    if value is None:
        return None
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
