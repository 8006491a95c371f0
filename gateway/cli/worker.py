"""The application as one of several worker processes makes it."""

import os

from starlette.types import ASGIApp

from gateway.app import create_app
from gateway.cli.called import Called
from gateway.cli.collector import settle
from gateway.logs import configure_logging


def app() -> ASGIApp:
    """The gateway, from what the first process was called with; uvicorn calls this."""
    settings = Called.told(os.environ).settings(os.environ)
    configure_logging(settings.log, settings.secret_values())
    gateway = create_app(settings)
    settle()
    return gateway
