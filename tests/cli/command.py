"""The `gateway` command as a process of its own, as a shell starts it."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue

ROOT = Path(__file__).parents[2]
#: Seconds in which a command has to start, and to end.
TIMEOUT = 60.0

_MAIN = "import sys; from gateway.cli import main; sys.exit(main())"


def gateway(
    *arguments: str,
    cwd: Path,
    environ: Mapping[str, str] | None = None,
    stdout: int = subprocess.PIPE,
) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end; `stdout` is a file descriptor, where it is not to be gathered."""
    return subprocess.run(
        [sys.executable, "-c", _MAIN, *arguments],
        cwd=cwd,
        env=_environ(environ),
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )


class Running:
    """A command that serves until it is told to end."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self._lines: Queue[str | None] = Queue()
        self.output = ""
        threading.Thread(target=self._read, daemon=True).start()

    def until(self, text: str) -> str:
        """Wait for a line that holds the text; answer that line."""
        while True:
            try:
                line = self._lines.get(timeout=TIMEOUT)
            except Empty:
                raise AssertionError(f"{text!r} did not come:\n{self.output}") from None
            assert line is not None, f"it ended before {text!r} came:\n{self.output}"
            if text in line:
                return line

    def send(self, number: signal.Signals) -> None:
        """Send a signal and go on."""
        self._process.send_signal(number)

    @property
    def has_ended(self) -> bool:
        """Whether the process is gone."""
        return self._process.poll() is not None

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        """Send a signal; answer the exit status."""
        self.send(number)
        return self._process.wait(TIMEOUT)

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.output += line
            self._lines.put(line)
        self._lines.put(None)


@contextmanager
def serving(
    *arguments: str, cwd: Path, environ: Mapping[str, str] | None = None
) -> Iterator[Running]:
    """Start a command that serves; it is gone at the end, one way or another."""
    with subprocess.Popen(
        [sys.executable, "-c", _MAIN, *arguments],
        cwd=cwd,
        env=_environ(environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield Running(process)
        finally:
            if process.poll() is None:
                process.kill()


def _environ(more: Mapping[str, str] | None) -> dict[str, str]:
    # Behind our own: what keeps processes of tests from other hosts.
    path = f"{ROOT}{os.pathsep}{os.environ['PYTHONPATH']}"
    return {**os.environ, "PYTHONPATH": path, "PYTHONWARNINGS": "error", **(more or {})}
