"""The lock files name everything that pyproject.toml asks for, each with its hashes."""

import re
import tomllib

import pytest

from tests.house.tree import ROOT, files

LOCKS = {path.stem: (ROOT / path).read_text() for path in files("requirements/*.txt")}
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def normal(name: str) -> str:
    """Answer a distribution's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(lock: str) -> dict[str, str]:
    """Answer the versions that a lock file names."""
    return dict(re.findall(r"^([a-z0-9-]+)(?:\[[a-z,]+\])?==(\S+)", LOCKS[lock], re.MULTILINE))


def asked(requirements: list[object]) -> set[str]:
    """Answer the distributions that requirements name."""
    names = [re.match(r"[\w.-]+", line) for line in requirements if isinstance(line, str)]
    return {normal(name[0]) for name in names if name}


def test_there_is_a_lock_for_each_use() -> None:
    assert set(LOCKS) == {"run", "build", "dev"}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_line_has_its_hashes(lock: str) -> None:
    entries = re.split(r"^(?=[a-z])", LOCKS[lock], flags=re.MULTILINE)[1:]

    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_no_lock_names_an_index(lock: str) -> None:
    assert re.findall(r"https?://\S+|^--(?!hash)\S+", LOCKS[lock], re.MULTILINE) == []


def test_what_runs_is_locked() -> None:
    assert asked(PYPROJECT["project"]["dependencies"]) - set(locked("run")) == set()


@pytest.mark.parametrize("group", ["build", "dev"])
def test_what_builds_and_tests_is_locked(group: str) -> None:
    assert asked(PYPROJECT["dependency-groups"][group]) - set(locked(group)) == set()


@pytest.mark.parametrize("lock", ["run", "build"])
def test_the_tests_run_on_the_very_versions_that_are_shipped(lock: str) -> None:
    assert locked(lock).items() <= locked("dev").items()


def test_the_build_backend_is_the_locked_one() -> None:
    assert asked(PYPROJECT["build-system"]["requires"]) <= set(locked("build"))
