import socket
from pathlib import Path

import pytest

from gateway.cli.listening import listen, port_of
from gateway.errors import ConfigurationError
from tests.cli.command import gateway


def refusal(host: str, port: int) -> str:
    with pytest.raises(ConfigurationError) as caught:
        listen(host, port, "--port")
    return caught.value.message


def test_port_0_takes_a_free_one() -> None:
    with listen("127.0.0.1", 0, "--port") as listener:
        assert port_of(listener) > 0
        # What is accepted inherits it, and with it sends small answers at once.
        assert listener.proto == socket.IPPROTO_TCP


def test_a_busy_port_is_named_with_the_option_that_changes_it() -> None:
    with listen("127.0.0.1", 0, "--port") as listener:
        port = port_of(listener)

        assert refusal("127.0.0.1", port) == (
            f"port {port} on 127.0.0.1 is busy; choose another with --port"
        )


def test_a_port_is_free_again_at_once() -> None:
    with listen("127.0.0.1", 0, "--port") as listener:
        port = port_of(listener)
        with socket.create_connection(("127.0.0.1", port)) as client:
            server, _ = listener.accept()
            server.close()
            client.recv(1)

    listen("127.0.0.1", port, "--port").close()


def test_an_address_of_another_machine_is_refused(tmp_path: Path) -> None:
    done = gateway("sandbox", "--host", "192.0.2.1", cwd=tmp_path)

    assert done.returncode == 1
    assert done.stderr == "gateway: 192.0.2.1 is not an address of this machine\n"


def test_a_name_that_leads_nowhere_is_refused() -> None:
    assert refusal("nowhere.invalid", 8000) == "nowhere.invalid is not an address of this machine"


def test_ipv6_is_listened_on_where_the_machine_has_it() -> None:
    with listen("localhost", 0, "--port") as listener:
        assert listener.family in {socket.AF_INET, socket.AF_INET6}
