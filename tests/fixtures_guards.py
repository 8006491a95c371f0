"""Guards around every test: no other host is asked, no task and no process is left behind."""

import asyncio
import inspect
import ipaddress
import sys
from collections.abc import AsyncIterator, Iterator

import psutil
import pytest

#: Names that no resolver can lead off this machine (RFC 6761).
RESERVED = (".localhost", ".invalid")
#: Seconds in which a task that was told to stop may still end.
GRACE = 2.0


class OtherHostAsked(Exception):
    """A test reached for something beyond this machine."""


def is_here(host: object) -> bool:
    """Tell whether a host, as sockets name it, is this machine."""
    name = host.decode() if isinstance(host, bytes) else str(host or "localhost")
    if name == "localhost" or name.endswith(RESERVED):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def refuse_other_hosts(event: str, args: tuple[object, ...]) -> None:
    """Stop a look-up or a connection that would leave this machine; an audit hook."""
    if event == "socket.getaddrinfo":
        host = args[0]
    elif event == "socket.connect" and isinstance(args[1], tuple):
        host = args[1][0]
    else:
        return
    if not is_here(host):
        raise OtherHostAsked(f"tests talk to this machine only, not to {host!r}")


def pytest_configure() -> None:
    """Put the network guard in place; it stays until the process ends."""
    sys.addaudithook(refuse_other_hosts)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let every coroutine test be watched for tasks, before its other fixtures are made."""
    for item in items:
        if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj):
            item.fixturenames.insert(0, no_task_left.__name__)


@pytest.fixture
async def no_task_left() -> AsyncIterator[None]:
    """Fail a test whose tasks outlive it and its fixtures."""
    before = asyncio.all_tasks()
    yield
    left = asyncio.all_tasks() - before - {asyncio.current_task()}
    if left:
        _, left = await asyncio.wait(left, timeout=GRACE)
    assert not left, f"tasks left behind: {sorted(task.get_name() for task in left)}"


@pytest.fixture(scope="session", autouse=True)
def no_process_left() -> Iterator[None]:
    """Fail the session whose servers outlive it."""
    yield
    commands = [" ".join(child.cmdline()) for child in psutil.Process().children()]
    left = [command for command in commands if "resource_tracker" not in command]
    assert not left, f"processes left behind: {left}"
