import contextlib
import os
import signal
import socket
import stat
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.cli.run import command_name
from tests.cli.command import Running, gateway, serving

ORDERS = """{
  orders(first: 100) {
    nodes { platform items { title product { title } } }
    sources { shop { key } state }
  }
}"""

RUN = ("run", "--port", "0", "--no-browser")


class Demo:
    """What a running demo printed, and how to ask it."""

    def __init__(self, running: Running) -> None:
        self.graphiql = running.until("  GraphiQL  ").split()[1]
        self.key = running.until("  API key   ").split()[2]
        self.sandbox = running.until("  Sandbox   ").split()[1]
        running.until("Other commands: gateway --help")
        running.until("Ctrl-C ends both.")

    def ask(self, query: str) -> Any:
        with httpx.Client(trust_env=False, timeout=60) as http:
            answer = http.post(
                self.graphiql,
                json={"query": query},
                headers={"Authorization": f"Bearer {self.key}"},
            ).json()
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    def page(self) -> str:
        with httpx.Client(trust_env=False, timeout=60) as http:
            return http.get(self.graphiql, headers={"Accept": "text/html"}).text


def test_a_command_off_the_path_is_named_by_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = tmp_path / ".venv" / "bin" / "gateway"
    installed.parent.mkdir(parents=True)
    installed.touch(mode=0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [str(installed)])

    monkeypatch.setenv("PATH", str(tmp_path))
    assert command_name() == ".venv/bin/gateway"
    monkeypatch.setenv("PATH", str(installed.parent))
    assert command_name() == "gateway"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def test_one_command_serves_orders_of_all_platforms_with_their_products(folder: Path) -> None:
    with serving(*RUN, cwd=folder, fresh=True) as running:
        demo = Demo(running)
        orders = demo.ask(ORDERS)["orders"]
        page = demo.page()
        assert running.end(signal.SIGINT) == 0

    assert {order["platform"] for order in orders["nodes"]} == {
        "WEIXIN_STORE",
        "WECHAT_STORE",
        "MINI_PROGRAM",
        "BAIDU",
    }
    for order in orders["nodes"]:
        for item in order["items"]:
            assert item["product"] is None or item["product"]["title"] == item["title"]
    assert {source["shop"]["key"]: source["state"] for source in orders["sources"]} == {
        "weixin": "LIVE",
        "flagship": "LIVE",
        "mini": "LIVE",
        "swan": "LIVE",
    }
    assert demo.key in page
    assert "Traceback" not in running.output
    assert running.output.splitlines()[0] == (
        "4 shops on sandbox platforms: weixin (微信小店), flagship (旗舰店), mini (小程序),"
        " swan (百度智能小程序)"
    )


@pytest.mark.long
def test_state_is_kept_until_it_is_reset(folder: Path) -> None:
    newest = "{ orders(first: 100) { nodes { id } } }"
    with serving(*RUN, cwd=folder) as running:
        first = Demo(running)
        orders = first.ask(newest)
        assert running.end() == 0
    with serving(*RUN, cwd=folder) as running:
        second = Demo(running)
        assert second.key == first.key
        assert second.ask(newest) == orders
        assert running.end(signal.SIGTERM) == 0
    with serving(*RUN, "--reset", cwd=folder) as running:
        third = Demo(running)
        assert third.key != first.key
        assert len(third.ask(newest)["orders"]["nodes"]) == 100
        assert running.end() == 0


def test_the_state_is_for_its_owner_only(folder: Path) -> None:
    with serving(*RUN, cwd=folder) as running:
        Demo(running)
        assert running.end() == 0

    state = folder / ".gateway"
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    assert {path.name for path in state.iterdir()} >= {
        "demo.key",
        "encryption.key",
        "gateway.db",
        "gateway.toml",
        "keys.toml",
        "sandbox.json",
    }
    for name in ("demo.key", "encryption.key", "gateway.toml", "keys.toml", "sandbox.json"):
        assert stat.S_IMODE((state / name).stat().st_mode) == 0o600


@pytest.mark.long
def test_the_other_commands_work_on_the_demos_configuration(folder: Path) -> None:
    config = ("--config", ".gateway/gateway.toml")
    with serving(*RUN, cwd=folder) as running:
        demo = Demo(running)
        checked = gateway("doctor", *config, cwd=folder)
        revoked = gateway("keys", "revoke", "demo", *config, cwd=folder)
        while _status(demo) == 200:
            time.sleep(0.2)
        assert running.end() == 0

    assert checked.returncode == 0
    assert checked.stdout.count("its platform accepts the credentials") == 4
    assert revoked.returncode == 0
    with serving(*RUN, cwd=folder) as running:
        assert Demo(running).key != demo.key
        assert running.end() == 0


def _status(demo: Demo) -> int:
    with httpx.Client(trust_env=False, timeout=60) as http:
        headers = {"Authorization": f"Bearer {demo.key}"}
        return http.post(
            demo.graphiql, json={"query": "{ __typename }"}, headers=headers
        ).status_code


def test_a_busy_port_is_named_and_leaves_the_state_as_it_was(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])

        done = gateway("run", "--port", port, "--reset", cwd=folder)
        other = gateway("run", "--port", "0", "--sandbox-port", port, cwd=folder)

    assert done.returncode == 1
    assert done.stderr == (
        f"gateway: port {port} on 127.0.0.1 is busy; choose another with --port\n"
    )
    assert other.returncode == 1
    assert other.stderr == (
        f"gateway: port {port} on 127.0.0.1 is busy; choose another with --sandbox-port\n"
    )
    assert not (folder / ".gateway" / "sandbox.json").exists()


def two_ports() -> tuple[int, socket.socket]:
    """A free port, and a socket that holds the one above it."""
    # Below those that systems give to whoever asks for any; another process begins elsewhere.
    for port in range(20_000 + os.getpid() % 10_000, 32_000):
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port, socket.create_server(("127.0.0.1", port + 1))
    raise AssertionError("no two ports are free")


def test_the_sandbox_takes_the_next_free_port(folder: Path) -> None:
    port, taken = two_ports()
    with taken, serving("run", "--port", str(port), "--no-browser", cwd=folder) as running:
        demo = Demo(running)
        assert running.end() == 0

    assert demo.graphiql == f"http://127.0.0.1:{port}/graphql"
    assert int(demo.sandbox.rsplit(":", 1)[1]) > port + 1


@pytest.mark.long
def test_one_demo_at_a_time_uses_the_state(folder: Path) -> None:
    with serving(*RUN, cwd=folder) as running:
        Demo(running)
        done = gateway(*RUN, cwd=folder)
        assert running.end() == 0

    assert done.returncode == 1
    assert done.stderr == (
        "gateway: another `gateway run` uses .gateway; end it, or start this one in another "
        "directory\n"
    )


def test_a_second_signal_does_not_wait_for_requests_under_way(folder: Path) -> None:
    with serving(*RUN, cwd=folder) as running:
        demo = Demo(running)
        httpx.post(
            f"{demo.sandbox}/_sandbox/faults",
            json={"kind": "latency", "value": 9000, "path": "/merchant/order/getbyfilter"},
            trust_env=False,
        ).raise_for_status()
        with ThreadPoolExecutor(1) as asking:
            answer = asking.submit(demo.ask, ORDERS)
            time.sleep(1.0)
            running.send(signal.SIGINT)
            time.sleep(1.0)
            assert not running.has_ended
            assert running.end(signal.SIGINT) == 0
            # It was cut off: the end came before the platform's answer.
            assert answer.exception() is not None

    assert "The gateway is not open" not in running.output


def test_signals_without_end_do_not_disturb_the_end(folder: Path) -> None:
    with serving(*RUN, cwd=folder) as running:
        Demo(running)
        while not running.has_ended:
            running.send(signal.SIGINT)
            time.sleep(0.01)
        assert running.end() == 0

    assert "Traceback" not in running.output


def test_state_of_another_version_is_told(folder: Path) -> None:
    state = folder / ".gateway"
    state.mkdir()
    (state / "sandbox.json").write_text('{"seeded_at": "yesterday"}')

    done = gateway(*RUN, cwd=folder)

    assert done.returncode == 1
    assert done.stderr == (
        "gateway: .gateway/sandbox.json is of another version; `gateway run --reset` starts again\n"
    )


def test_a_folder_that_cannot_be_made_is_told(folder: Path) -> None:
    (folder / ".gateway").write_text("in the way")

    done = gateway(*RUN, cwd=folder)

    assert done.returncode == 1
    assert done.stderr == (
        "gateway: .gateway is not a folder; the demo keeps its state in a folder of that name\n"
    )


def test_beyond_loopback_the_page_does_not_hold_the_key(folder: Path) -> None:
    everywhere = "0.0.0.0"  # noqa: S104 - what the test is about
    with serving(*RUN, "--host", everywhere, cwd=folder) as running:
        demo = Demo(running)
        page = demo.page()
        assert running.end() == 0

    assert demo.graphiql.startswith("http://127.0.0.1:")
    assert demo.key not in page
