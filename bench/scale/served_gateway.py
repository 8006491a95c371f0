"""`gateway serve` in a process of its own: how fast it is ready, and what it holds."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import aiohttp
import psutil

from bench.processes import family, free_port
from bench.scale.seed import KEY

#: Seconds after which a start is taken to hang: migrations of a large ledger are within it.
_START: Final = 300.0
#: Seconds for what is under way when the process is told to end.
_GRACE: Final = 40.0
#: Points are not what is measured.
_POINTS: Final = 1_000_000_000
_ROOT: Final = Path(__file__).parents[2]
_READY: Final = 200


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process and those it started hold: MiB, descriptors, threads, seconds of processor."""

    memory: float
    files: int
    threads: int
    processor: float


class ServedGateway:
    """The gateway of a configuration, which is the shipped one but for what `sections` say."""

    def __init__(
        self,
        folder: Path,
        store_url: str,
        shops: list[dict[str, Any]],
        sections: Mapping[str, Mapping[str, Any]],
    ) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / f"gateway-{self.port}.log"
        self.configuration = folder / f"gateway-{self.port}.toml"
        #: What `serve` is given to.
        self.command = [_command()]
        self._process: psutil.Popen | None = None
        known: dict[str, dict[str, Any]] = {
            "auth": {"mode": "open"},
            "server": {"port": self.port},
            "log": {"level": "warning"},
            "limits": {"cost_per_minute": _POINTS},
            "store": {"url": store_url, "encryption_key": KEY},
        }
        for name, section in sections.items():
            known.setdefault(name, {}).update(section)
        self.configuration.write_text(_toml(known, shops), encoding="utf-8")

    async def start(self) -> float:
        """Start it; the seconds until it was ready.

        Raises:
            RuntimeError: it ended before that, with the end of its log, or was never ready.
        """
        began = time.monotonic()
        with self.log.open("ab") as log:
            self._process = psutil.Popen(
                [*self.command, "serve", "--config", str(self.configuration)],
                stdout=log,
                stderr=log,
                cwd=_ROOT,
                env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
            )
        async with aiohttp.ClientSession() as http:
            while not await is_ready(http, self.url) or self._process.poll() is not None:
                if self._process.poll() is not None or time.monotonic() - began > _START:
                    raise RuntimeError(f"the gateway is not ready: {self.last_words()}")
                await asyncio.sleep(0.01)
        return time.monotonic() - began

    @property
    def runs(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    async def run(self, *words: str) -> float:
        """Run another command of the same configuration; the seconds that it took.

        Raises:
            RuntimeError: it failed, with what it wrote.
        """
        began = time.monotonic()
        process = await asyncio.create_subprocess_exec(
            *(_command(), *words, "--config", str(self.configuration)),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=_ROOT,
        )
        try:
            output, _ = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
        if process.returncode:
            raise RuntimeError(f"gateway {words[0]}: {output.decode()[-500:]}")
        return time.monotonic() - began

    async def stop(self) -> None:
        """Stop it as a service manager does: kill it if it does not end."""
        if self._process is None:
            return
        children = family(self._process) if self._process.poll() is None else []
        if children:
            self._process.terminate()
        try:
            await asyncio.to_thread(self._process.wait, _GRACE)
        except psutil.TimeoutExpired:
            for one in children:
                one.kill()
            await asyncio.to_thread(self._process.wait)
        self._process = None

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self._process is not None  # noqa: S101 - asked of a gateway that was started
        self._process.send_signal(number)

    def usage(self) -> Usage:
        """What it holds now."""
        assert self._process is not None  # noqa: S101 - asked of a gateway that was started
        all_of_it = family(self._process)
        times = [one.cpu_times() for one in all_of_it]
        return Usage(
            sum(one.memory_info().rss for one in all_of_it) / 2**20,
            sum(one.num_fds() for one in all_of_it),
            sum(one.num_threads() for one in all_of_it),
            sum(one.user + one.system for one in times),
        )

    def last_words(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-1500:] if self.log.exists() else ""


async def is_ready(http: aiohttp.ClientSession, url: str) -> bool:
    """Whether the gateway serves."""
    try:
        async with http.get(f"{url}/readyz") as answer:
            return answer.status == _READY
    except (aiohttp.ClientError, TimeoutError):
        return False


def _command() -> str:
    return str(Path(sys.executable).with_name("gateway"))


def _toml(sections: Mapping[str, Mapping[str, Any]], shops: list[dict[str, Any]]) -> str:
    parts = [("[" + name + "]", section) for name, section in sections.items()]
    parts += [("[[shops]]", shop) for shop in shops]
    return "\n".join(
        "\n".join([head, *(f"{key} = {_value(value)}" for key, value in section.items())])
        for head, section in parts
    )


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, str) else str(value)
