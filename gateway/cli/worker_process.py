"""The processes of `gateway serve`: what a worker inherits, and its application."""

import asyncio
import gc
import json
import os
import signal
import sys
from collections.abc import Mapping, MutableMapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType, SimpleNamespace
from typing import Any, Final, Self

from gateway.app import create_app
from gateway.http.application import Application
from gateway.logs import configure_logging
from gateway.registry import PLATFORMS
from gateway.settings import Settings

_VARIABLE: Final = "GATEWAY_SERVE_OPTIONS"


@dataclass(frozen=True)
class ServeOptions:
    """The options of `gateway serve`: the configuration file, and what overrides its [server]."""

    config: str
    server: dict[str, Any]

    @classmethod
    def from_arguments(cls, arguments: SimpleNamespace) -> Self:
        """From the parsed command line."""
        given = {name: getattr(arguments, name) for name in ("host", "port", "workers")}
        return cls(
            str(arguments.config),
            {name: value for name, value in given.items() if value is not None},
        )

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """In a worker: the options of the first process."""
        return cls(**json.loads(environ[_VARIABLE]))

    def export(self, environ: MutableMapping[str, str]) -> None:
        """Pass the options to the workers, which inherit the environment."""
        environ[_VARIABLE] = json.dumps(asdict(self))

    def settings(self, environ: Mapping[str, str]) -> Settings:
        """The settings.

        Raises:
            ConfigurationError: the configuration is invalid.
        """
        return Settings.load(PLATFORMS, Path(self.config), environ, {"server": self.server})


#: New objects between two collections of the youngest generation. Python's default of 700 is what
#: a single response creates.
_YOUNG: Final = 50_000
_MIDDLE: Final = 20
_OLD: Final = 100


#: Seconds for which a thread runs on while another one waits for the interpreter. Where requests
#: are many, each statement of SQLite's threads waits up to four times for Python's default of 5 ms.
_SWITCH_INTERVAL: Final = 0.0005


def tune_interpreter() -> None:
    """Collect garbage less often, and nothing that is present; let threads take shorter turns."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
    sys.setswitchinterval(_SWITCH_INTERVAL)


def app() -> Application:
    """The gateway, with the options of the first process; uvicorn calls this."""
    options = ServeOptions.from_environment(os.environ)
    settings = options.settings(os.environ)
    configure_logging(settings.log, settings.secret_values())
    gateway = create_app(settings, load=lambda: options.settings(os.environ))
    tune_interpreter()
    _stop_on_signal(gateway)
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, gateway.reload)
    return gateway


def _stop_on_signal(gateway: Application) -> None:
    """End endless streams first, so that uvicorn's signal handlers need not wait for them."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        before = signal.getsignal(number)

        def stop(number: int, frame: FrameType | None, then: object = before) -> None:
            loop.call_soon_threadsafe(gateway.stop)
            if callable(then):
                then(number, frame)

        signal.signal(number, stop)
