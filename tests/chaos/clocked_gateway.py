"""`gateway serve` with clocks that the runner can move: a file has the seconds to add to each.

Started as `python -m tests.chaos.clocked_gateway CONFIGURATION CLOCKS`; SIGUSR1 makes it read
CLOCKS, `{"monotonic": 31, "wall": 86400}`, again.
"""

import asyncio
import json
import os
import signal
import sys
import time
from pathlib import Path

from gateway.app import create_app
from gateway.cli.listening import listen
from gateway.cli.serving import Serving, serve_until_signal, server_config
from gateway.concurrency.clock import Clock
from gateway.logs import configure_logging
from gateway.registry import PLATFORMS
from gateway.settings import Settings
from gateway.store.store import open_ledger


class MovedClocks:
    """The machine's clocks, and what was added to them."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._added = {"monotonic": 0.0, "wall": 0.0}

    def read(self, *_: object) -> None:
        """Read what is added from now on."""
        if self._file.exists():
            self._added |= json.loads(self._file.read_text())

    def monotonic(self) -> float:
        """Seconds since some moment."""
        return time.monotonic() + self._added["monotonic"]

    def wall(self) -> float:
        """Unix seconds."""
        return time.time() + self._added["wall"]


async def _try_store(settings: Settings, clocks: MovedClocks) -> None:
    async with open_ledger(settings.store, clocks.wall):
        pass


def serve(configuration: Path, file: Path) -> None:
    """Serve until a signal ends it."""
    settings = Settings.load(PLATFORMS, configuration, os.environ, {})
    configure_logging(settings.log, settings.secret_values())
    clocks = MovedClocks(file)
    clocks.read()
    signal.signal(signal.SIGUSR1, clocks.read)
    asyncio.run(_try_store(settings, clocks))
    app = create_app(settings, Clock(monotonic=clocks.monotonic, wall=clocks.wall))
    with listen(settings.server.host, settings.server.port, "server.port") as listener:
        serving = Serving("gateway", server_config(app, settings), listener)
        serve_until_signal([serving], lambda: None)


if __name__ == "__main__":
    serve(Path(sys.argv[1]), Path(sys.argv[2]))
