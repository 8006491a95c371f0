"""Runs servers in one event loop until a signal; they stop in reverse order."""

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import uvicorn

from gateway.errors import GatewayError
from gateway.http import server as http_server
from gateway.http.application import Application
from gateway.settings import Settings

#: Seconds that running requests have to finish.
GRACE: Final = 20
#: Seconds without a sign of life after which a worker is killed. Starting takes longer than
#: uvicorn's 5 on a busy machine: workers were killed as they started.
_WORKER_SILENCE: Final = 60
#: Longer than load balancers keep idle connections, so that they close first.
_KEEP_ALIVE: Final = 75
#: Seconds that a cancelled request has to end.
_LAST_WORDS: Final = 1.0
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True)
class Serving:
    """A server, its name in messages, and its listening socket."""

    name: str
    config: uvicorn.Config
    listener: socket.socket


class _Server(uvicorn.Server):
    """A server without signal handlers of its own: several share one process."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if isinstance(self.config.app, Application):
            # Endless streams never finish by themselves.
            self.config.app.stop()
        await super().shutdown(sockets)

    async def _wait_tasks_to_complete(self) -> None:
        await super()._wait_tasks_to_complete()
        if self.force_exit:
            # A forced stop does not wait for requests; the application's resources are still
            # closed, once nothing uses them any more.
            self.force_exit = False
            await _cancelled(list(self.server_state.tasks))

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def server_config(app: Any, settings: Settings, *, workers: int = 1) -> uvicorn.Config:
    """The gateway's configuration of uvicorn; with workers, `app` is the path of a factory."""
    server = settings.server
    return uvicorn_config(
        app,
        http=http_server.GatewayProtocol,
        workers=workers,
        limit_concurrency=server.max_connections,
        factory=isinstance(app, str),
        proxy_headers=bool(server.trusted_proxies),
        forwarded_allow_ips=[str(network) for network in server.trusted_proxies],
        ws_max_size=settings.limits.max_body_bytes,
    )


def uvicorn_config(app: Any, **more: Any) -> uvicorn.Config:
    """What the configurations of all servers share."""
    # No access log: query strings may hold secrets.
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=GRACE,
        timeout_worker_healthcheck=_WORKER_SILENCE,
        **more,
    )


def serve_until_signal(
    servings: Sequence[Serving],
    on_started: Callable[[], None],
    on_hangup: Callable[[], None] | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM; a second signal does not wait for running requests.

    SIGHUP calls `on_hangup` in the loop; None: it ends the process, as it does by default.

    Raises:
        GatewayError: a server does not start, or stops by itself.
    """
    with asyncio.Runner(loop_factory=servings[0].config.get_loop_factory()) as runner:
        runner.run(_serve(servings, on_started, on_hangup))


async def _serve(
    servings: Sequence[Serving],
    on_started: Callable[[], None],
    on_hangup: Callable[[], None] | None,
) -> None:
    servers: list[_Server] = []
    tasks: list[asyncio.Task[None]] = []
    stop = _stop_on_signal(servers)
    try:
        for serving in servings:
            server = _Server(serving.config)
            servers.append(server)
            tasks.append(asyncio.create_task(_run(server, serving), name=serving.name))
            await _started(server, tasks[-1])
        if on_hangup is not None:
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, on_hangup)
        on_started()
        ended = asyncio.create_task(stop.wait())
        await asyncio.wait([ended, *tasks], return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
    finally:
        for server, task in zip(reversed(servers), reversed(tasks), strict=True):
            server.should_exit = True
            await asyncio.wait([task])
        _ignore_signals(_SIGNALS if on_hangup is None else (*_SIGNALS, signal.SIGHUP))
    for task in tasks:
        task.result()


def _ignore_signals(signals: Sequence[signal.Signals]) -> None:
    """Ignore signals while the process ends: another Ctrl-C must not interrupt the clean-up.

    Called within the loop: while it closes, it restores Python's SIGINT handler for a moment.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    for number in signals:
        asyncio.get_running_loop().remove_signal_handler(number)
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)


def _stop_on_signal(servers: Sequence[uvicorn.Server]) -> asyncio.Event:
    stop = asyncio.Event()
    force = iter((False, True))

    def on_signal() -> None:
        # Signals after the second change nothing.
        for server in servers if next(force, False) else ():
            server.force_exit = True
        stop.set()

    for number in _SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, on_signal)
    return stop


async def _run(server: uvicorn.Server, serving: Serving) -> None:
    try:
        await server.serve(sockets=[serving.listener])
    except SystemExit:
        # uvicorn raises this if the application's start-up failed; it logged the reason.
        raise GatewayError(f"the {serving.name} did not start; its log says why") from None


async def _cancelled(requests: Sequence[asyncio.Task[None]]) -> None:
    for request in requests:
        request.cancel()
    if requests:
        await asyncio.wait(requests, timeout=_LAST_WORDS)


async def _started(server: _Server, task: asyncio.Task[None]) -> None:
    up = asyncio.create_task(server.up.wait())
    await asyncio.wait([up, task], return_when=asyncio.FIRST_COMPLETED)
    up.cancel()
    if task.done():
        task.result()
