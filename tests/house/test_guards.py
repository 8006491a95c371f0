"""The guards of tests/fixtures_guards.py notice what they are there for."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

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

def test_leaves_a_process() -> None:
    subprocess.Popen(["sleep", "1"])
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
GATE = """
def test_in_a_browser(chromium) -> None:
    raise AssertionError("not reached")
"""


def run_pytest(folder: Path, text: str, plugin: str, **environment: str) -> str:
    """Run one test file in a process of its own and answer what pytest says."""
    (folder / "pytest.ini").write_text("[pytest]\nasyncio_mode = auto\n")
    (folder / "test_it.py").write_text(text)
    answer = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "no:cacheprovider",
            "-p",
            plugin,
            "-ra",
            "test_it.py",
        ],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return answer.stdout


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        pytest.param(TASK, "tasks left behind: ['forgotten']", id="task"),
        pytest.param(HOST, "this machine only, not to '192.0.2.1'", id="address"),
        pytest.param(NAME, "use 127.0.0.1, not 'api.weixin.qq.com'", id="name"),
    ],
)
def test_a_guard_fails_the_test(tmp_path: Path, text: str, complaint: str) -> None:
    said = run_pytest(tmp_path, text, "tests.fixtures_guards")

    assert complaint in said


def test_a_process_left_behind_fails_the_session(tmp_path: Path) -> None:
    said = run_pytest(tmp_path, PROCESS, "tests.fixtures_guards")

    assert "processes left behind: ['sleep 1']" in said


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


def test_a_missing_browser_leaves_the_test_out_and_says_how_to_get_it(tmp_path: Path) -> None:
    said = run_pytest(tmp_path, GATE, "tests.conftest", PATH="", CHROMIUM="", REQUIRE_ALL="0")

    assert "1 skipped" in said
    assert "Debian: apt-get install chromium" in said


def test_a_missing_browser_fails_the_test_where_all_is_required(tmp_path: Path) -> None:
    said = run_pytest(tmp_path, GATE, "tests.conftest", PATH="", CHROMIUM="", REQUIRE_ALL="1")

    assert "1 error" in said
    assert "REQUIRE_ALL=1, but the browser tests need Chromium" in said
