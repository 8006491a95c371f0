import signal
import socket
from pathlib import Path

import httpx
import pytest

from gateway.cli import main
from gateway.platforms.wechat_store.sandbox.state import FLAGSHIP
from tests.cli.command import serving


def test_the_platforms_are_served_until_a_signal(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    with serving(
        "sandbox", "--port", "0", "--state", str(state), cwd=tmp_path, fresh=True
    ) as sandbox:
        line = sandbox.until("The sandbox platforms listen on ")
        address = line.split()[5].rstrip(";")
        assert FLAGSHIP.secret in sandbox.until(FLAGSHIP.app_id)
        token = httpx.get(
            f"{address}/cgi-bin/token",
            params={
                "grant_type": "client_credential",
                "appid": FLAGSHIP.app_id,
                "secret": FLAGSHIP.secret,
            },
            trust_env=False,
        ).json()["access_token"]

        assert sandbox.end(signal.SIGTERM) == 0

    assert token in state.read_text()
    assert "Traceback" not in sandbox.output


def test_a_busy_port_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        assert main(["sandbox", "--port", str(port)]) == 1

    assert capsys.readouterr().err == (
        f"gateway: port {port} on 127.0.0.1 is busy; choose another with --port\n"
    )
