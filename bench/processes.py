"""Processes of the benchmark: each on its core, ended with the context that began it."""

import contextlib
import os
import socket
import sys
import time
from collections.abc import Iterator
from typing import Final

import psutil

#: The server under test has a core of its own where the machine has two.
SERVER_CORE: Final = 0
OTHER_CORE: Final = 1
ANY_CORE: Final = -1


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def pin(core: int) -> None:
    """Keep this process to one core, where there are several and the system can; -1: to none."""
    setter = getattr(os, "sched_setaffinity", None)
    cores = range(os.cpu_count() or 1)
    if setter is not None and len(cores) > 1:
        setter(0, set(cores) if core == ANY_CORE else {core})


@contextlib.contextmanager
def process(target: str, *words: object) -> Iterator[psutil.Popen]:
    """A process that `bench.place` begins, while the context lasts."""
    arguments = [sys.executable, "-m", "bench.place", target, *map(str, words)]
    with psutil.Popen(arguments) as child:
        try:
            yield child
        finally:
            child.terminate()
            try:
                child.wait(10)
            except psutil.TimeoutExpired:
                child.kill()


def wait_for(port: int, timeout: float = 30.0) -> None:
    """Until somebody listens on the port.

    Raises:
        OSError: nobody does within `timeout` seconds.
    """
    until = time.monotonic() + timeout
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


def family(parent: psutil.Process) -> list[psutil.Process]:
    """A process and those it started."""
    return [parent, *parent.children(recursive=True)]


def processor_seconds(parent: psutil.Process) -> float:
    """Processor time that a process and those it started have taken."""
    times = (one.cpu_times() for one in family(parent))
    return float(sum(taken.user + taken.system for taken in times))


class Neighbours:
    """What other programs took of the machine since this was made."""

    def __init__(self) -> None:
        self._since = time.monotonic()
        self._busy = _busy_seconds()
        self._own = _own_seconds()

    def share(self) -> float:
        """Their part of all cores' time, 0 to 1."""
        taken = _busy_seconds() - self._busy - (_own_seconds() - self._own)
        there = (time.monotonic() - self._since) * (os.cpu_count() or 1)
        return max(0.0, taken / there)


def _busy_seconds() -> float:
    times = psutil.cpu_times()
    return float(times.user + times.system)


def _own_seconds() -> float:
    """Of this process and of its children that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def resident_megabytes(parent: psutil.Process) -> float:
    """Memory that a process and those it started hold."""
    return float(sum(one.memory_info().rss for one in family(parent))) / 1e6
