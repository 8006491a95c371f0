"""The guards of tests/fixtures_guards.py notice what they are there for."""

import os
import socket
import subprocess
import sys

import pytest

from tests.conftest import browser
from tests.startup.sitecustomize import check_lookup, is_here

TASK = """
import asyncio

from tests import fixtures_guards

fixtures_guards.GRACE = 0.1

async def test_leaves_a_task() -> None:
    asyncio.get_running_loop().create_task(asyncio.sleep(60), name="forgotten")
"""
PROCESS = """
import subprocess

LEFT = []

def test_leaves_a_process() -> None:
    # Ends with its input, when the session has ended.
    LEFT.append(subprocess.Popen(["cat"], stdin=subprocess.PIPE))
"""
HOST = """
import socket

def test_asks_another_host() -> None:
    socket.create_connection(("192.0.2.1", 80), timeout=1)
"""
NAME = """
import asyncio

async def test_looks_up_another_host() -> None:
    await asyncio.open_connection("api.weixin.qq.com", 443)
"""
#: Each is refused by its guard; a process that is left behind fails the session.
COMPLAINTS = (
    "tasks left behind: ['forgotten']",
    "this machine only, not to '192.0.2.1'",
    "use 127.0.0.1, not 'api.weixin.qq.com'",
    "processes left behind: ['cat']",
)


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Run tests that break the rules in a process of its own; answer what pytest says."""
    folder = tmp_path_factory.mktemp("guarded")
    (folder / "pytest.ini").write_text("[pytest]\nasyncio_mode = auto\n")
    for name, text in (("task", TASK), ("address", HOST), ("name", NAME), ("process", PROCESS)):
        (folder / f"test_{name}.py").write_text(text)
    plugins = ("no:cacheprovider", "pytest_asyncio.plugin", "tests.fixtures_guards")
    answer = subprocess.run(
        [sys.executable, "-m", "pytest", *(f"-p{plugin}" for plugin in plugins), "-ra"],
        cwd=folder,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return answer.stdout


@pytest.mark.parametrize("complaint", COMPLAINTS)
def test_a_guard_fails_what_breaks_its_rule(said: str, complaint: str) -> None:
    assert complaint in said


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("0.0.0.0", True),  # noqa: S104 - a name for this machine, nothing is bound
        ("localhost", True),
        (b"localhost", True),
        ("nowhere.invalid", False),
        ("a.localhost", False),
        (None, True),
        ("10.0.0.1", False),
        ("openapi.baidu.com", False),
        ("localhost.example.com", False),
    ],
)
def test_this_machine_is_told_from_others(host: object, here: bool) -> None:  # noqa: FBT001 - a case
    assert is_here(host) is here


@pytest.mark.parametrize("run", ["asyncio.run", "uvloop.run"])
def test_a_process_that_a_test_starts_is_guarded_too(run: str) -> None:
    hosts = "192.0.2.1", "shop.example", "nowhere.invalid"
    code = f"""
import asyncio, uvloop
async def told():
    for host in {hosts}:
        try:
            await asyncio.open_connection(host, 443)
        except Exception as error:
            print(error)
{run}(told())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    address, name, unknown = done.stdout.splitlines()
    assert address == "tests talk to this machine only, not to '192.0.2.1'"
    assert name == "tests ask no name server: use 127.0.0.1, not 'shop.example'"
    assert "Name or service not known" in unknown


@pytest.mark.parametrize("host", ["nowhere.invalid", b"nowhere.invalid"])
def test_a_name_that_cannot_exist_is_unknown_without_a_name_server(host: str | bytes) -> None:
    with pytest.raises(socket.gaierror) as unknown:
        socket.getaddrinfo(host, 443)

    assert unknown.value.errno == socket.EAI_NONAME


def test_an_address_is_looked_up_without_a_name_server() -> None:
    check_lookup("192.0.2.1")
    check_lookup("2001:db8::1")


@pytest.mark.parametrize(
    ("required", "outcome", "reason"),
    [
        ("0", pytest.skip.Exception, "the browser tests need Chromium"),
        ("1", pytest.fail.Exception, "REQUIRE_ALL=1, but the browser tests need Chromium"),
    ],
)
def test_a_missing_browser_leaves_the_test_out_unless_all_is_required(
    monkeypatch: pytest.MonkeyPatch, required: str, outcome: type[BaseException], reason: str
) -> None:
    monkeypatch.setenv("REQUIRE_ALL", required)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("CHROMIUM", "")

    with pytest.raises(outcome, match=reason) as left_out:
        browser()

    assert "Debian: apt-get install chromium" in str(left_out.value)
