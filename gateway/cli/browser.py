"""Shows a page to whoever sits before this machine, if anybody does."""

import os
import sys
import threading
import webbrowser
from typing import Final

#: Variables that tell of a screen; other systems than these always have one.
_SCREENS: Final = ("DISPLAY", "WAYLAND_DISPLAY")


def open_browser(address: str) -> None:
    """Open the address where a terminal and a screen are there; failure is nobody's concern."""
    if not sys.stdout.isatty() or not _has_screen():
        return
    # A browser that starts slowly must not hold up the servers, nor the end of the process.
    threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()


def _has_screen() -> bool:
    return sys.platform == "darwin" or any(name in os.environ for name in _SCREENS)
