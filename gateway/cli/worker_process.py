"""The application as one of several worker processes makes it."""

import asyncio
import os
import signal
from types import FrameType

from gateway.app import create_app
from gateway.cli.called import Called
from gateway.cli.collector import settle
from gateway.http.application import Application
from gateway.logs import configure_logging


def app() -> Application:
    """The gateway, from what the first process was called with; uvicorn calls this."""
    settings = Called.told(os.environ).settings(os.environ)
    configure_logging(settings.log, settings.secret_values())
    gateway = create_app(settings)
    settle()
    _stop_on_signal(gateway)
    return gateway


def _stop_on_signal(gateway: Application) -> None:
    """Let the server's own handlers wait for nothing that goes on for ever."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        before = signal.getsignal(number)

        def stop(number: int, frame: FrameType | None, then: object = before) -> None:
            loop.call_soon_threadsafe(gateway.stop)
            if callable(then):
                then(number, frame)

        signal.signal(number, stop)
