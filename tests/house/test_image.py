"""The Dockerfile's own install lines make an environment in which the gateway runs."""

import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from tests.house.dockerfile import carry_out, stages
from tests.house.test_delivery import ELSEWHERE, SPELLED, locked
from tests.house.tree import ROOT, files

#: Seconds after which a gateway that does not end is taken to hang.
END = 60.0

#: One worker does it all: the environment is made once, which takes minutes on a busy machine.
pytestmark = [pytest.mark.long, pytest.mark.xdist_group("image"), pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install by the first stage's lines, outside the repository; answer the environment."""
    return carry_out(stages()[0], tmp_path_factory.mktemp("image"))


class Running(NamedTuple):
    """A running gateway: its address, and the key that it printed."""

    address: str
    key: str


@pytest.fixture(scope="module")
def running(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Run the installed gateway in an empty folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("data")
    log = folder / "log.txt"
    with log.open("w") as out:
        gateway = subprocess.Popen(
            [installed / "bin/gateway", "run", "--port", str(port), "--no-browser"],
            cwd=folder,
            env={"HOME": str(folder), "PATH": os.environ["PATH"]},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        try:
            base = f"http://127.0.0.1:{port}"
            wait_until_alive(base, gateway, log)
            key = re.search(r"API key +(\S+)", log.read_text())
            assert key is not None
            yield Running(base, key[1])
        finally:
            gateway.send_signal(signal.SIGINT)
            ended = gateway.wait(END)
    assert ended == 0, log.read_text()


def wait_until_alive(base: str, gateway: subprocess.Popen[bytes], log: Path) -> None:
    """Return once /livez answers 200."""
    while True:
        assert gateway.poll() is None, log.read_text()
        try:
            if httpx.get(f"{base}/livez", timeout=60).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            time.sleep(0.1)


def test_the_wheel_holds_every_file_of_the_packages(installed: Path) -> None:
    packages = next(installed.glob("lib/python3*/site-packages"))
    shipped = files("gateway", "resolvers", "schema")

    assert [path for path in shipped if not (packages / path).is_file()] == []
    assert not (packages / "tests").exists()


def test_the_image_lists_every_locked_package_with_its_licence(installed: Path) -> None:
    listed = json.loads((installed / "sbom.cdx.json").read_text())
    components = {
        re.sub(r"[-_.]+", "-", part["name"].lower()): part for part in listed["components"]
    }

    assert listed["bomFormat"] == "CycloneDX"
    assert set(locked()) - set(components) <= ELSEWHERE
    present = set(locked()) & set(components)
    untold = {name for name in present if not components[name].get("licenses")}
    assert untold <= set(SPELLED)


def test_the_installed_gateway_is_alive(running: Running) -> None:
    assert httpx.get(f"{running.address}/livez").status_code == httpx.codes.OK


def test_the_installed_gateway_serves_graphiql_whole(running: Running) -> None:
    page = httpx.get(f"{running.address}/graphql", headers={"Accept": "text/html"})

    assert page.status_code == httpx.codes.OK
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "GraphiQL" in page.text
    named = re.findall(r"""(?:src|href)=["'](?!data:)([^"'#]+)""", page.text)
    assert {Path(name).name for name in named} == {"page.css", "page.js"}
    for name in named:
        part = httpx.get(httpx.URL(f"{running.address}/graphql").join(name))
        assert (name, part.status_code) == (name, httpx.codes.OK)


def test_the_readme_s_first_query_is_answered_as_it_says(running: Running) -> None:
    readme = (ROOT / "README.md").read_text()
    query, answer = (
        readme.split(f"```{language}\n")[1].split("```")[0] for language in ("graphql", "json")
    )

    said = httpx.post(
        f"{running.address}/graphql",
        json={"query": query},
        headers={"Authorization": f"Bearer {running.key}"},
    )

    body = said.json()
    assert list(body.pop("extensions")) == ["cost"]
    assert body == json.loads(answer)


def test_the_image_s_health_check_passes(running: Running, installed: Path) -> None:
    rest = next(rest for word, rest in stages()[1] if word == "HEALTHCHECK")
    python, *arguments = json.loads(rest[rest.index("CMD ") + 4 :])
    here = [argument.replace("http://127.0.0.1:8000", running.address) for argument in arguments]

    answer = subprocess.run([installed / "bin" / python, *here], check=False)

    assert here != arguments
    assert answer.returncode == 0


def test_the_image_starts_a_command_that_the_gateway_has(installed: Path) -> None:
    words = {word: rest for word, rest in stages()[1] if word in {"ENTRYPOINT", "CMD"}}
    command = [*json.loads(words["ENTRYPOINT"]), *json.loads(words["CMD"])]

    answer = subprocess.run(
        [installed / "bin" / command[0], *command[1:], "--help"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert answer.returncode == 0
    assert answer.stdout.startswith("Usage: gateway serve")


def test_the_image_runs_without_root_and_stops_by_sigterm() -> None:
    assert ("USER", "10001") in stages()[1]
    assert ("STOPSIGNAL", "SIGTERM") in stages()[1]
