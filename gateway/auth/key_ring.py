"""Key ring: the valid API keys, reloaded when their file changes."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import structlog

from gateway.auth.keys_file import parse_keys
from gateway.auth.viewer import Viewer
from gateway.errors import ConfigurationError

#: Seconds between two looks at the file; the contract promises five.
CHECK_SECONDS: Final = 1.0

_log = structlog.stdlib.get_logger(__name__)


class KeyRing:
    """The viewers of one keys file, by the fingerprint of their key.

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
        self._viewers = self._parsed(self._content)
        self._next_check = clock() + CHECK_SECONDS
        self._complaint = ""

    def find(self, digest: str) -> Viewer | None:
        """The viewer of the key with this fingerprint; None: it is unknown or revoked."""
        now = self._clock()
        if now >= self._next_check:
            self._next_check = now + CHECK_SECONDS
            self._refresh()
        return self._viewers.get(digest)

    def __len__(self) -> int:
        return len(self._viewers)

    def _refresh(self) -> None:
        try:
            content = _content(self._path)
            if content == self._content:
                return
            # Set first: an invalid file is logged once, not every second.
            self._content = content
            self._viewers = self._parsed(content)
        except ConfigurationError as error:
            self._complain(error.message)
        else:
            self._complaint = ""
            _log.info(
                "auth.keys_file.reloaded",
                message="The keys file was reloaded.",
                keys=len(self._viewers),
            )

    def _complain(self, message: str) -> None:
        if message != self._complaint:
            self._complaint = message
            _log.error(
                "auth.keys_file.invalid",
                message="The keys file is invalid; the keys loaded before remain valid.",
                reason=message,
            )

    def _parsed(self, content: bytes) -> dict[str, Viewer]:
        return {
            record.sha256: record.viewer()
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
