"""What the gateway writes lies in the volumes that the manifests give it."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.cli.command import clean_environ
from tests.crash.killed_gateway import free_port, toml
from tests.e2e.bulk_files import HEADERS, TAIL, head, lines_of
from tests.e2e.order_samples import IMPORT, baidu_order
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import KEY, configuration
from tests.waiting import eventually

pytestmark = pytest.mark.long

#: Runs the command line, and writes the path of each file that Python opens for writing, makes,
#: renames or removes.
MAIN = """
import os, sys

told = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND | os.O_CREAT)

CHANGES = "mkdir", "rename", "remove", "rmdir", "truncate", "chmod", "link", "symlink"
EVENTS = {f"os.{name}" for name in CHANGES} | {"sqlite3.connect"}

def tell(event, arguments):
    changes = event in EVENTS
    if event == "open" and isinstance(arguments[2], int):
        changes = arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    if changes and isinstance(arguments[0], (str, bytes, os.PathLike)):
        os.write(told, os.fsencode(arguments[0]) + b"\\n")

sys.addaudithook(tell)
del sys.argv[1]
from gateway.cli import main
sys.exit(main())
"""


@contextmanager
def served(folder: Path, environ: dict[str, str]) -> Iterator[str]:
    """Serve the configuration of a folder; answers the address."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-B", "-c", MAIN, folder / "told", "serve", "--port", str(port)],
        cwd=folder / "data",
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield f"http://127.0.0.1:{port}"
        process.send_signal(signal.SIGTERM)
        assert process.wait() == 0
    finally:
        process.kill()
        process.wait()


def is_ready(http: httpx.Client) -> bool:
    """Whether the gateway takes requests."""
    try:
        return http.get("/readyz").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def check(answer: httpx.Response) -> None:
    """Check that a mutation was accepted."""
    body = answer.json()
    assert "errors" not in body, body
    (payload,) = body["data"].values()
    assert payload["userErrors"] == []


def use(http: httpx.Client) -> None:
    """Let the gateway write: an order, a file of orders, metrics."""
    request = {"query": IMPORT, "variables": {"input": baidu_order("W1")}}
    check(http.post("/graphql", json=request))
    lines = lines_of([baidu_order(f"L{number}") for number in range(200)])
    form = head("swan", "ORDERS_IMPORT") + lines + TAIL
    check(http.post("/graphql", content=form, headers=HEADERS))
    assert http.get("/metrics").status_code == httpx.codes.OK


async def test_the_gateway_writes_into_its_volume_and_temporary_files_only(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    data, temporary = tmp_path / "data", tmp_path / "temporary"
    data.mkdir()
    temporary.mkdir()
    sections = configuration(
        sandbox, data, store={"url": f"sqlite:///{data}/gateway.db", "encryption_key": KEY}
    )
    (data / "gateway.toml").write_text(toml(sections))
    environ = clean_environ({"TMPDIR": str(temporary)})

    with (
        served(tmp_path, environ) as address,
        httpx.Client(base_url=address, timeout=60, trust_env=False) as http,
    ):
        await eventually(lambda: is_ready(http))
        use(http)

    written = {Path(line) for line in (tmp_path / "told").read_text().splitlines()}
    inside = {path for path in written for place in (data, temporary) if path.is_relative_to(place)}
    assert data / "gateway.db" in inside
    assert written - inside - {Path("/dev/null")} == set()
