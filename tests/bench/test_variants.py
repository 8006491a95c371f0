"""The servers that the benchmark measures: they answer alike, and the short form runs."""

import subprocess
import sys
from pathlib import Path

import pytest

from bench.compare import compare
from bench.stage import platform
from bench.variants import GATEWAY, LIVE, has_mercurius
from tests.conftest import gate

ROOT = Path(__file__).parents[2]
#: Six servers started, or a benchmark of its own.
pytestmark = pytest.mark.long


def test_all_answer_alike() -> None:
    if not has_mercurius():
        gate("Mercurius needs the packages of bench/js: run `make bench-packages`")
    with platform() as stage:
        found = compare(LIVE, stage, rounds=0, seconds=0)

    assert set(found.megabytes) == {one.name for one in LIVE}


def test_the_short_form_prints_its_tables() -> None:
    """It compares the answers first, too."""
    options = ["--only", "kept", "--variants", "gateway", "--rounds", "1", "--seconds", "0.1"]
    words = [sys.executable, "-m", "bench.run", "--short", *options]

    ended = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)

    assert f"| {GATEWAY} | B |" in ended.stdout
    assert "medians of 1 interleaved rounds of 0.1 s" in ended.stdout
