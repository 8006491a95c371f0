"""Where a server of the benchmark listens, and how its process begins.

    python -m bench.place MODULE:FUNCTION PORT PLATFORM FOLDER CORE [WORD...]

Each server is a process that imports nothing but what it serves: memory is measured, too.
"""

import importlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

from bench.processes import pin


@dataclass(frozen=True)
class Place:
    """Where a server listens, where it finds the platform, and a folder that it may use."""

    port: int
    platform: str
    folder: Path


def serve(app: Any, place: Place) -> None:
    """Serve an ASGI application until the process is ended."""
    serve_as(uvicorn.Config(app, log_level="error", access_log=False), place)


def serve_as(config: uvicorn.Config, place: Place) -> None:
    """Serve an application as its configuration has it."""
    config.port = place.port
    uvicorn.Server(config).run()


def main(target: str, port: str, platform: str, folder: str, core: str, *words: str) -> None:
    """Serve what the target names, on a core of its own; core "-1": on every core."""
    pin(int(core))
    module, _, function = target.partition(":")
    start = getattr(importlib.import_module(module), function)
    start(Place(int(port), platform, Path(folder)), *words)


if __name__ == "__main__":
    main(*sys.argv[1:])
