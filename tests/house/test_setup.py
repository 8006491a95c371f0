"""`make` says in one line what is wrong with the Python it was given."""

import os
import subprocess
from pathlib import Path

from tests.house.tree import ROOT


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Let make set up an environment in a folder of the test's."""
    return subprocess.run(
        ["make", "-s", f"VENV={folder}/venv", *arguments, f"{folder}/venv/bin/python"],
        cwd=ROOT,
        env={key: value for key, value in os.environ.items() if not key.startswith("MAKE")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_python_that_is_too_old_is_refused(tmp_path: Path) -> None:
    old = tmp_path / "python3.9"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)

    answer = make(tmp_path, f"PYTHON={old}")

    assert answer.returncode != 0
    assert answer.stdout == (
        f"{old} is older than 3.11, which the gateway needs. "
        "Name another one: make PYTHON=python3.12\n"
    )
    assert not (tmp_path / "venv").exists()


def test_a_python_that_is_not_there_is_named(tmp_path: Path) -> None:
    answer = make(tmp_path, f"PYTHON={tmp_path}/none")

    assert answer.returncode != 0
    assert answer.stdout == (
        f"{tmp_path}/none was not found. "
        "Install Python 3.11 or newer, or name it: make PYTHON=python3.12\n"
    )
