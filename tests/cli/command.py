"""The `gateway` command as a process of its own, as a shell starts it."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue
from tempfile import TemporaryFile

from tests.cli.fork_server import Forked

ROOT = Path(__file__).parents[2]
#: Seconds in which a command has to start, and to end.
TIMEOUT = 60.0
#: The environment variable that names the fork server's address.
FORK_SERVER = "TESTS_FORK_SERVER"

_MAIN = "import sys; from gateway.cli import main; sys.exit(main())"


def gateway(
    *arguments: str,
    cwd: Path,
    environ: Mapping[str, str] | None = None,
    stdout: int | None = None,
    fresh: bool = False,
) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end.

    `stdout` is a file descriptor, where it is not to be gathered. `fresh` is for tests of the
    start itself: the command gets an interpreter of its own, which has imported nothing.
    """
    with TemporaryFile("w+") as printed, TemporaryFile("w+") as errors:
        output = (printed.fileno() if stdout is None else stdout, errors.fileno())
        with _start(arguments, cwd, environ, output, fresh=fresh) as process:
            try:
                status = process.wait(TIMEOUT)
            finally:
                process.kill()
        printed.seek(0)
        errors.seek(0)
        return subprocess.CompletedProcess(arguments, status, printed.read(), errors.read())


class Running:
    """A command that serves until it is told to end; `reading` is the pipe with what it prints."""

    def __init__(self, process: "subprocess.Popen[bytes] | Forked", reading: int) -> None:
        self._process = process
        self._lines: Queue[str | None] = Queue()
        self.output = ""
        self._reader = threading.Thread(target=self._read, args=(reading,), daemon=True)
        self._reader.start()

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
        status = self._process.wait(TIMEOUT)
        self._reader.join(TIMEOUT)
        return status

    def _read(self, reading: int) -> None:
        with os.fdopen(reading) as printed:
            for line in printed:
                self.output += line
                self._lines.put(line)
        self._lines.put(None)


@contextmanager
def serving(
    *arguments: str,
    cwd: Path,
    environ: Mapping[str, str] | None = None,
    fresh: bool = False,
) -> Iterator[Running]:
    """Start a command that serves; it is gone at the end, one way or another."""
    reading, writing = os.pipe()
    try:
        process = _start(arguments, cwd, environ, (writing, writing), fresh=fresh)
    finally:
        os.close(writing)
    with process:
        try:
            yield Running(process, reading)
        finally:
            process.kill()


def _start(
    arguments: Sequence[str],
    cwd: Path,
    environ: Mapping[str, str] | None,
    output: tuple[int, int],
    *,
    fresh: bool,
) -> "subprocess.Popen[bytes] | Forked":
    if not fresh:
        address = Path(os.environ[FORK_SERVER])
        return Forked(address, arguments, cwd=cwd, environ=clean_environ(environ), output=output)
    return subprocess.Popen(
        [sys.executable, "-c", _MAIN, *arguments],
        cwd=cwd,
        env=clean_environ(environ),
        stdout=output[0],
        stderr=output[1],
    )


def clean_environ(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a command: warnings are errors, and the network guard is in place."""
    # Behind our own: what keeps processes of tests from other hosts.
    path = f"{ROOT}{os.pathsep}{os.environ['PYTHONPATH']}"
    return {**os.environ, "PYTHONPATH": path, "PYTHONWARNINGS": "error", **(more or {})}
