"""The guards of tests/fixtures_guards.py notice what they are there for."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fixtures_guards import is_here

TASK = """
import asyncio

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
        pytest.param(NAME, "this machine only, not to 'api.weixin.qq.com'", id="name"),
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
        ("nowhere.invalid", True),
        (None, True),
        ("10.0.0.1", False),
        ("openapi.baidu.com", False),
        ("localhost.example.com", False),
    ],
)
def test_this_machine_is_told_from_others(host: object, here: bool) -> None:  # noqa: FBT001 - a case
    assert is_here(host) is here


def test_a_missing_browser_leaves_the_test_out_and_says_how_to_get_it(tmp_path: Path) -> None:
    said = run_pytest(tmp_path, GATE, "tests.conftest", PATH="", CHROMIUM="", REQUIRE_ALL="0")

    assert "1 skipped" in said
    assert "Debian: apt-get install chromium" in said


def test_a_missing_browser_fails_the_test_where_all_is_required(tmp_path: Path) -> None:
    said = run_pytest(tmp_path, GATE, "tests.conftest", PATH="", CHROMIUM="", REQUIRE_ALL="1")

    assert "1 error" in said
    assert "REQUIRE_ALL=1, but the browser tests need Chromium" in said
