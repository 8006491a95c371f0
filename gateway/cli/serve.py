"""`gateway serve`: the gateway alone, in production."""

import asyncio
import os
import signal
import socket
import tempfile
import time
from collections.abc import Iterable
from importlib.metadata import version
from typing import Protocol

import structlog
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from gateway.app import create_app
from gateway.cli.doctor import CheckResult, keys_finding
from gateway.cli.lazy_command import Arguments
from gateway.cli.listening import listen, port_of
from gateway.cli.serving import Serving, serve_until_signal, server_config
from gateway.cli.worker_process import ServeOptions, tune_interpreter
from gateway.errors import GatewayError
from gateway.logs import configure_logging
from gateway.settings import Settings
from gateway.store.store import open_ledger
from gateway.telemetry import SHARED_FOLDER

_log = structlog.stdlib.get_logger(__name__)


def run(arguments: Arguments) -> None:
    """Serve until a signal ends it.

    Raises:
        ConfigurationError: the configuration is invalid, the port is busy, or the store has
            another version.
        StoreUnavailable: the store cannot be reached.
    """
    options = ServeOptions.from_arguments(arguments)
    settings = options.settings(os.environ)
    configure_logging(settings.log, settings.secret_values())
    _log.info(
        "cli.gateway.version",
        message="This version of the gateway begins to start.",
        version=version("commerce-gateway"),
    )
    for warning in settings.warnings:
        _log.warning("cli.configuration.plain_secret", message=warning)
    # Workers create their own; here it shows configuration errors in one line.
    app = create_app(settings, load=lambda: options.settings(os.environ))
    _warn_of_keys(settings)
    asyncio.run(_try_store(settings))
    server = settings.server
    with listen(server.host, server.port, "--port or server.port") as listener:
        _log.info(
            "cli.gateway.starting",
            message="The gateway is starting.",
            host=server.host,
            port=port_of(listener),
            workers=server.workers,
        )
        if server.workers > 1:
            options.export(os.environ)
            _serve_with_workers(settings, listener)
            return
        tune_interpreter()
        serving = Serving("gateway", server_config(app, settings), listener)
        serve_until_signal([serving], _log_started, app.reload)


def _log_started() -> None:
    _log.info("cli.gateway.started", message="The gateway accepts requests.")


def _warn_of_keys(settings: Settings) -> None:
    found = keys_finding(settings)
    if found.result is not CheckResult.OK:
        _log.warning("cli.keys.misconfigured", message=found.text, remedy=found.remedy)


class Worker(Protocol):
    """A process of the supervisor; `exitcode` is None while it runs."""

    @property
    def pid(self) -> int | None:
        """None: it was not started."""

    @property
    def exitcode(self) -> int | None:
        """None: it runs."""


def reload_workers(workers: Iterable[Worker]) -> None:
    """Have each worker that runs reload its configuration."""
    for worker in workers:
        if worker.pid is not None and worker.exitcode is None:
            os.kill(worker.pid, signal.SIGHUP)


class _Supervisor(Multiprocess):
    """uvicorn's supervisor of workers; SIGHUP has each of them reload its configuration."""

    def handle_hup(self) -> None:
        """Pass the signal on; uvicorn itself would replace all workers."""
        reload_workers(self.processes)


def _serve_with_workers(settings: Settings, listener: socket.socket) -> None:
    with tempfile.TemporaryDirectory(prefix="gateway-metrics-") as folder:
        os.environ[SHARED_FOLDER] = folder
        workers = settings.server.workers
        config = server_config("gateway.cli.worker_process:app", settings, workers=workers)
        supervisor = _Supervisor(config, sockets=[listener])
        supervisor.run()
    if any(process.exitcode == STARTUP_FAILURE for process in supervisor.processes):
        raise GatewayError("the gateway did not start; its log says why")


async def _try_store(settings: Settings) -> None:
    """Open the store once before anything listens, so that its errors are shown in one line."""
    async with open_ledger(settings.store, time.time):
        pass
