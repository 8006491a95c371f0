"""A gateway in a process of its own: killed, stopped, held, measured, its clocks moved."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from tests.crash.killed_gateway import free_port, is_ready, toml
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import KEY, configuration
from tests.wechat.deliveries import AES_KEY, TOKEN

#: Seconds for one operation.
DEADLINE = 6.0
#: Short calls make short claims: what a killed process held is soon taken over.
UPSTREAM = {"connect_timeout": 0.5, "read_timeout": 1.0, "max_response_bytes": 2_000_000}
#: Seconds that pass a circuit breaker's pause, and a token's after a refusal.
PAUSES = 34.0


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process holds: memory in MiB, open files and sockets, threads."""

    memory: float
    files: int
    threads: int


class GatewayProcess:
    """The gateway on a fixed port, over three shops of a sandbox."""

    def __init__(
        self, sandbox: Sandbox, folder: Path, store: str, cache: str, name: str = "gateway"
    ) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / f"{name}.log"
        self._sandbox, self._folder, self._store, self._cache = sandbox, folder, store, cache
        self._file, self._clocks = folder / f"{name}.toml", folder / f"{name}.clocks.json"
        self._ahead = {"monotonic": 0.0, "wall": 0.0}
        self._process: psutil.Popen | None = None
        self.configure()

    def configure(self, base_url: str | None = None, **secrets: str) -> None:
        """Write the configuration, for the next start: another address, secrets by shop."""
        settings = configuration(
            self._sandbox,
            self._folder,
            store={"url": self._store, "encryption_key": KEY},
            cache={"url": self._cache},
            server={"host": "127.0.0.1", "port": self.port},
            upstream=UPSTREAM,
            limits={"timeout": DEADLINE, "cost_per_minute": 100_000_000},
        )
        for shop in settings["shops"]:
            if base_url is not None:
                shop["base_url"] = base_url
            if shop["key"] in secrets:
                shop["app_secret"] = secrets[shop["key"]]
            if shop["platform"] == "wechat_store":
                shop |= {"event_token": TOKEN, "event_aes_key": AES_KEY}
        self._file.write_text(toml(settings))

    @property
    def process(self) -> psutil.Process:
        """The process; there is one once it was started."""
        assert self._process is not None
        return self._process

    @property
    def runs(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    async def start(self) -> None:
        """Start it, and wait until it is ready.

        Raises:
            RuntimeError: it ended before that, with the end of its log.
        """
        with self.log.open("ab") as log:
            self._process = psutil.Popen(
                [
                    *(sys.executable, "-m", "tests.chaos.clocked_gateway"),
                    *(str(self._file), str(self._clocks)),
                ],
                stdout=log,
                stderr=log,
                env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
            )
        async with httpx.AsyncClient(base_url=self.url, trust_env=False) as http:
            while not await is_ready(http):
                if not self.runs:
                    raise RuntimeError(self.log.read_text()[-2000:])
                await asyncio.sleep(0.05)

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self.process.send_signal(number)

    async def kill(self) -> None:
        """Kill it without any warning, unless it has ended by itself."""
        if self.runs:
            self.signal(signal.SIGKILL)
        await self.ended()

    async def stop(self) -> int:
        """Stop it as a service manager does; answer its exit status."""
        self.signal(signal.SIGTERM)
        return await self.ended()

    async def ended(self) -> int:
        """Wait for its end; answer its exit status."""
        if self._process is None:
            return 0
        status: int = await asyncio.to_thread(self._process.wait)
        return status

    async def move_clocks(self, *, monotonic: float = 0.0, wall: float = 0.0) -> None:
        """Let so many seconds pass at once on its clocks; the wall clock may go back."""
        added: Mapping[str, float] = {"monotonic": monotonic, "wall": wall}
        self._ahead = {name: self._ahead[name] + added[name] for name in added}
        self._clocks.write_text(json.dumps(self._ahead))
        if self.runs:
            self.signal(signal.SIGUSR1)
            await asyncio.sleep(0.05)

    def usage(self) -> Usage:
        """What it holds now."""
        memory: Any = self.process.memory_info()
        return Usage(memory.rss / 2**20, self.process.num_fds(), self.process.num_threads())

    def limit(self, resource: int, bound: int) -> None:
        """Bound one of its resources, as `setrlimit` does."""
        self.process.rlimit(resource, (bound, psutil.RLIM_INFINITY))
