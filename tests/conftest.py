"""What every test stands on: the fixture plugins, hypothesis, the gate for what pip lacks."""

import gc
import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import settings

# What is imported and collected stays: looking for garbage in it takes a third of the time.
gc.disable()

TESTS = Path(__file__).parent

#: A file fixtures_<what>.py beside this one is a plugin of its own.
pytest_plugins = [f"tests.{path.stem}" for path in sorted(TESTS.glob("fixtures_*.py"))]

#: Examples of each property that names no number itself; `make properties` asks for more.
EXAMPLES = int(os.environ.get("PROPERTY_EXAMPLES", "30"))

settings.register_profile("local", deadline=None, max_examples=EXAMPLES)
settings.register_profile(
    "ci",
    deadline=None,
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    print_blob=True,
)
settings.load_profile("ci" if os.environ.get("CI") else "local")

#: What the commands of Chromium and of its relatives are called.
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def pytest_collection_finish() -> None:
    """From here on there is garbage: closed gateways and their like."""
    gc.enable()
    gc.freeze()
    gc.set_threshold(100_000, 5, 3)


def gate(reason: str) -> NoReturn:
    """Leave a test out and say why; with REQUIRE_ALL=1 that is a failure."""
    if os.environ.get("REQUIRE_ALL") == "1":
        pytest.fail(f"REQUIRE_ALL=1, but {reason}")
    pytest.skip(reason)


def browser() -> Path:
    """Answer the browser's executable: $CHROMIUM, or one that the machine has."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        gate(
            "the browser tests need Chromium or Chrome: install it (Debian: apt-get install "
            "chromium), or name its executable in CHROMIUM",
        )
    return Path(found)


@pytest.fixture
def chromium() -> Path:
    """Answer the browser's executable."""
    return browser()


@pytest.fixture
def nginx() -> Path:
    """Answer nginx's executable; it is outside of many users' PATH."""
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        gate("the proxy's test needs nginx: install it (Debian: apt-get install nginx)")
    return Path(found)


@pytest.fixture(scope="session")
def promtool() -> Path:
    """Answer Prometheus' own checker of metrics, rules and queries."""
    return _of_prometheus("promtool")


@pytest.fixture(scope="session")
def prometheus() -> Path:
    """Answer Prometheus' server."""
    return _of_prometheus("prometheus")


def _of_prometheus(name: str) -> Path:
    found = shutil.which(name)
    if found is None:
        gate(
            "the tests of metrics need Prometheus: install it (Debian: apt-get install prometheus)"
        )
    return Path(found)


@pytest.fixture
def node_packages() -> Path:
    """Answer tests/js, where `make test` installed the npm packages that its suites need."""
    packages = TESTS / "js"
    if not (packages / "node_modules").is_dir():
        gate("the npm suites need tests/js/node_modules: make test installs it from an npm index")
    return packages
