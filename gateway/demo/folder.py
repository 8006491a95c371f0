"""The folder in which `gateway run` keeps its state between runs."""

import base64
import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from gateway.errors import ConfigurationError

#: In the current directory.
FOLDER: Final = Path(".gateway")

_KEY_BYTES: Final = 32
_OWNER_ONLY: Final = 0o600


class DemoFolder:
    """The paths of the demo's state; only its owner may read it."""

    def __init__(self, path: Path = FOLDER) -> None:
        self.path = path
        self.configuration = path / "gateway.toml"
        self.database = path / "gateway.db"
        self.keys = path / "keys.toml"
        self.shown_key = path / "demo.key"
        self.encryption_key = path / "encryption.key"
        self.sandbox = path / "sandbox.json"
        self.lock = path / "run.lock"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Create the folder, and lock it against a second demo.

        Raises:
            ConfigurationError: another demo runs on it, or it cannot be made.
        """
        try:
            self.path.mkdir(mode=0o700, exist_ok=True)
            # Not the folder itself: changing the keys file locks that.
            descriptor = os.open(self.lock, os.O_RDWR | os.O_CREAT, _OWNER_ONLY)
        except FileExistsError:
            raise ConfigurationError(
                f"{self.path} is not a folder; the demo keeps its state in a folder of that name"
            ) from None
        except OSError as error:
            raise ConfigurationError(f"{self.path}: {error.strerror}") from None
        try:
            _lock(descriptor, self.path)
            yield
        finally:
            os.close(descriptor)

    def reset(self) -> None:
        """Delete everything."""
        of_database = self.path.glob(f"{self.database.name}*")
        for file in (
            *of_database,
            self.configuration,
            self.keys,
            self.shown_key,
            self.encryption_key,
            self.sandbox,
        ):
            file.unlink(missing_ok=True)

    def encryption_key_text(self, random_bytes: Callable[[int], bytes]) -> str:
        """The encryption key of the demo's ledger, in base64; created on the first start."""
        if not self.encryption_key.exists():
            key = base64.b64encode(random_bytes(_KEY_BYTES)).decode()
            write_private(self.encryption_key, f"{key}\n")
        return self.encryption_key.read_text(encoding="ascii").strip()


def write_private(path: Path, text: str) -> None:
    """Write a file, atomically, that only its owner may read."""
    unfinished = path.with_name(f"{path.name}.new")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    unfinished.replace(path)


def _lock(descriptor: int, path: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ConfigurationError(
            f"another `gateway run` uses {path}; end it, or start this one in another directory"
        ) from None
