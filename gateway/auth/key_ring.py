"""Key ring: the valid API keys, reloaded when their file changes."""

from collections.abc import Callable, Sequence
from ipaddress import IPv6Address, ip_address, ip_network
from pathlib import Path
from typing import Final

import structlog

from gateway.auth.keys_file import KeyRecord, parse_keys
from gateway.errors import ConfigurationError

#: Seconds between two looks at the file; the contract promises five.
CHECK_SECONDS: Final = 1.0

_log = structlog.stdlib.get_logger(__name__)


class RingKey:
    """A key of the ring: its record, and where and until when it may be used."""

    __slots__ = ("_expires_at", "_networks", "id", "record", "viewer")

    def __init__(self, record: KeyRecord) -> None:
        self.record = record
        self.id = record.id
        self.viewer = record.viewer()
        self._expires_at = None if record.expires_at is None else record.expires_at.timestamp()
        self._networks = tuple(map(ip_network, sorted(record.networks)))

    def has_expired(self, now: float) -> bool:
        """Whether its time is over at `now`, in unix seconds."""
        return self._expires_at is not None and now >= self._expires_at

    def may_come_from(self, peer: str | None) -> bool:
        """Whether a client of this address may use it; None: the address is not known."""
        if not self._networks:
            return True
        try:
            address = ip_address(peer or "")
        except ValueError:
            return False
        if isinstance(address, IPv6Address):
            # An IPv4 client of a listener on `::`.
            address = address.ipv4_mapped or address
        return any(address in network for network in self._networks)


class KeyRing:
    """The keys of one keys file that are not revoked, by their fingerprint.

    A look-up is one in a dictionary; once a second it reads the file. The content is compared,
    since two changes may have the same time stamp. An attacker chooses the key, not its SHA-256,
    so the timing of a look-up reveals nothing.
    """

    def __init__(self, path: Path, clock: Callable[[], float]) -> None:
        """`clock` is monotonic, in seconds.

        Raises:
            ConfigurationError: the file is not a keys file.
        """
        self._path = path
        self._clock = clock
        self._content = _content(path)
        self._keys = self._parsed(self._content)
        self._next_check = clock() + CHECK_SECONDS
        self._complaint = ""

    def find(self, digest: str) -> RingKey | None:
        """The key with this fingerprint; None: it is unknown or revoked."""
        self._check()
        return self._keys.get(digest)

    def records(self) -> Sequence[KeyRecord]:
        """The keys that are not revoked, in the file's order."""
        self._check()
        return [key.record for key in self._keys.values()]

    def __len__(self) -> int:
        return len(self._keys)

    def reload(self) -> None:
        """Read the file now."""
        self._next_check = self._clock()
        self._check()

    def _check(self) -> None:
        now = self._clock()
        if now >= self._next_check:
            self._next_check = now + CHECK_SECONDS
            self._refresh()

    def _refresh(self) -> None:
        try:
            content = _content(self._path)
            if content == self._content:
                return
            # Set first: an invalid file is logged once, not every second.
            self._content = content
            self._keys = self._parsed(content)
        except ConfigurationError as error:
            self._complain(error.message)
        else:
            self._complaint = ""
            _log.info(
                "auth.keys_file.reloaded",
                message="The keys file was reloaded.",
                keys=len(self._keys),
            )

    def _complain(self, message: str) -> None:
        if message != self._complaint:
            self._complaint = message
            _log.error(
                "auth.keys_file.invalid",
                message="The keys file is invalid; the keys loaded before remain valid.",
                reason=message,
            )

    def _parsed(self, content: bytes) -> dict[str, RingKey]:
        return {
            record.sha256: RingKey(record)
            for record in parse_keys(content, self._path)
            if record.revoked_at is None
        }


def _content(path: Path) -> bytes:
    """The content of the file; empty if there is no file, so that no key is valid."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from None
