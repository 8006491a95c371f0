"""Keeping the state in a JSON file between runs."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec

from gateway.sandbox.state import SandboxState

INTERVAL = 1.0


def load_state(path: Path) -> SandboxState | None:
    """Read a state that was saved, or None if there is none yet."""
    if not path.exists():
        return None
    return msgspec.json.decode(path.read_bytes(), type=SandboxState)


def save_state(path: Path, state: SandboxState) -> None:
    """Write the state, whole or not at all; only its owner may read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.new")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.encode(state))
    unfinished.replace(path)


class StateFile:
    """Saves at most once a second while requests come, and once more at the end."""

    def __init__(self, path: Path, state: Callable[[], SandboxState]) -> None:
        self._path = path
        self._state = state
        self._touched = asyncio.Event()

    def touch(self) -> None:
        """Say that the state may have changed."""
        self._touched.set()

    @contextlib.asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Keep the file in step while the context lasts."""
        keeping = asyncio.create_task(self._keep())
        try:
            yield
        finally:
            keeping.cancel()
            save_state(self._path, self._state())

    async def _keep(self) -> None:
        while True:
            await self._touched.wait()
            await asyncio.sleep(INTERVAL)
            self._touched.clear()
            save_state(self._path, self._state())
