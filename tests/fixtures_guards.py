"""Guards around every test: no other host is asked, no task and no process is left behind."""

import asyncio
import inspect
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import certifi
import psutil
import pytest

from tests.startup.sitecustomize import install

#: Python processes that a test starts import the network guard from here.
STARTUP = Path(__file__).parent / "startup"
#: An authority whose key nobody has.
NOBODY = STARTUP / "nobody.pem"
#: Seconds in which a task that was told to stop may still end.
GRACE = 30.0


def pytest_configure() -> None:
    """Put the network guard in place, here and in the processes that tests start."""
    install()
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(STARTUP), before)))
    # Each client reads what it trusts; the authorities of the web take 20 ms, and no test asks
    # whom they vouch for.
    os.environ["SSL_CERT_FILE"], os.environ["SSL_CERT_DIR"] = str(NOBODY), str(STARTUP)
    pytest.MonkeyPatch().setattr(certifi, "where", lambda: str(NOBODY))


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
