"""A process that has imported the gateway, and forks itself for each command that a test starts.

A command's own interpreter takes seconds to import what the last one imported. What is forked has
its own memory, environment, folder, output and signals, and ends as an interpreter does; only its
modules were there before.
"""

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Self

#: What the forked command runs; the server's frames are left before, so that it ends as usual.
_PROGRAM = "import sys; from tests.cli import fork_server; sys.exit(fork_server.main())"
#: The commands whose modules are imported before the first is asked for.
_COMMANDS = ("doctor", "keys", "pushes", "run", "sandbox", "schema", "serve", "store")
#: Seconds in which a command that was asked for has begun.
_BEGIN = 60.0


class Forked:
    """A command of the fork server; its methods are those of `subprocess.Popen`."""

    def __init__(
        self,
        address: Path,
        arguments: Sequence[str],
        *,
        cwd: Path,
        environ: Mapping[str, str],
        output: tuple[int, int],
    ) -> None:
        asked = {"arguments": arguments, "cwd": str(cwd), "environ": dict(environ)}
        self._connection = socket.socket(socket.AF_UNIX)
        self._connection.settimeout(_BEGIN)
        self._connection.connect(str(address))
        socket.send_fds(self._connection, [b"\n"], output)
        self._connection.sendall(json.dumps(asked).encode())
        self._connection.shutdown(socket.SHUT_WR)
        self._told = self._connection.makefile()
        self._pid = int(self._told.readline())
        self._status: int | None = None

    def poll(self) -> int | None:
        """The exit status, negative for the signal that ended it; None while it runs."""
        return self._read(0)

    def wait(self, timeout: float) -> int:
        """The exit status, once it has ended; raises TimeoutError after so many seconds."""
        status = self._read(timeout)
        if status is None:
            raise TimeoutError(f"the command did not end within {timeout} seconds")
        return status

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            # It may end between the two.
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.wait(_BEGIN)
        self._told.close()
        self._connection.close()

    def _read(self, timeout: float) -> int | None:
        if self._status is None and select.select([self._connection], [], [], timeout)[0]:
            self._status = int(self._told.readline())
        return self._status


@contextmanager
def fork_server(address: Path, environ: Mapping[str, str]) -> Iterator[None]:
    """Have commands forked at this address while the context lasts."""
    with socket.socket(socket.AF_UNIX) as listener:
        # Listens before it has imported: the first command waits in the queue.
        listener.bind(str(address))
        listener.listen(16)
        command = [sys.executable, "-c", _PROGRAM, str(listener.fileno())]
        # Ends with its input, and so with this process.
        with subprocess.Popen(
            command, env=environ, stdin=subprocess.PIPE, pass_fds=[listener.fileno()]
        ):
            yield


def main() -> int:
    """Answer the commands asked for; in a forked process, run one and answer its status."""
    from gateway.cli import main as gateway  # noqa: PLC0415 - the tests need not import it
    from resolvers.schema import executable  # noqa: PLC0415 - nor this

    for name in _COMMANDS:
        import_module(f"gateway.cli.{name}")
    executable()
    arguments = _arguments(socket.socket(fileno=int(sys.argv[1])))
    if arguments is None:
        return 0
    sys.argv = ["gateway", *arguments]
    return gateway()


def _arguments(listener: socket.socket) -> Sequence[str] | None:
    """Fork for each command asked for: its arguments in the child, None at the end of the input."""
    children: set[int] = set()
    while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
        connection, _ = listener.accept()
        child = os.fork()
        if child == 0:
            listener.close()
            return _forked(connection)
        connection.close()
        children.add(child)
        children -= {one for one in children if os.waitpid(one, os.WNOHANG) != (0, 0)}
    for child in children:
        os.waitpid(child, 0)
    return None


def _forked(connection: socket.socket) -> Sequence[str]:
    """Become the command; a process between it and the server tells its number and its end."""
    _, output, _, _ = socket.recv_fds(connection, 1, 2)
    with connection.makefile() as lines:
        asked = json.load(lines)
    pid = os.fork()
    if pid:
        for descriptor in output:
            os.close(descriptor)
        connection.sendall(f"{pid}\n".encode())
        _, status = os.waitpid(pid, 0)
        connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
        os._exit(0)
    connection.close()
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, descriptor in enumerate((nothing, *output)):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["environ"])
    arguments: Sequence[str] = asked["arguments"]
    return arguments
