"""The state file: keeps the server state as JSON between runs."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from gateway.sandbox.part import Parts
from gateway.sandbox.server_state import SandboxState
from gateway.sandbox.tokens import TokenBook

INTERVAL = 1.0


class StateFileError(ValueError):
    """A state file of another version or other platforms."""


@dataclass(frozen=True, slots=True)
class _Saved:
    seeded_at: int
    shops: dict[str, dict[str, msgspec.Raw]]
    tokens: TokenBook


def load_state(path: Path, parts: Parts) -> SandboxState | None:
    """Read a saved state, or None if there is none yet.

    Raises:
        StateFileError: the file cannot be read as the state of these parts.
    """
    if not path.exists():
        return None
    try:
        saved = msgspec.json.decode(path.read_bytes(), type=_Saved)
        shops = {
            part.name: {
                app_id: msgspec.json.decode(shop, type=part.shop_type)
                for app_id, shop in saved.shops[part.name].items()
            }
            for part in parts
        }
    except KeyError as missing:
        raise StateFileError(f"{path} has no shops of the platform {missing}") from None
    except msgspec.MsgspecError as error:
        raise StateFileError(f"{path} is of another version: {error}") from None
    return SandboxState(saved.seeded_at, shops, saved.tokens)


def save_state(path: Path, state: SandboxState) -> None:
    """Write the state atomically; only its owner may read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.new")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.encode(state))
    unfinished.replace(path)


class StateFile:
    """Saves at most once a second while requests arrive, and at the end."""

    def __init__(self, path: Path, state: Callable[[], SandboxState]) -> None:
        self._path = path
        self._state = state
        self._changed = asyncio.Event()

    def changed(self) -> None:
        """Record that the state may have changed."""
        self._changed.set()

    @contextlib.asynccontextmanager
    async def saving(self) -> AsyncIterator[None]:
        """Keep the file up to date while the context lasts."""
        task = asyncio.create_task(self._save_changes())
        try:
            yield
        finally:
            task.cancel()
            save_state(self._path, self._state())

    async def _save_changes(self) -> None:
        while True:
            await self._changed.wait()
            await asyncio.sleep(INTERVAL)
            self._changed.clear()
            save_state(self._path, self._state())
