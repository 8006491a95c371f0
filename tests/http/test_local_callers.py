"""Who counts as a caller on the gateway's own machine: one rule for metrics, page and open mode."""

from collections.abc import Mapping

import pytest

from gateway.http.local_callers import LocalCallers
from gateway.http.request import RequestInfo

HERE = {"host": "127.0.0.1:8000"}


def request(client: str | None, headers: Mapping[str, str]) -> RequestInfo:
    return RequestInfo("GET", headers, "r", client)


@pytest.mark.parametrize("client", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "a.localhost:1", "[::1]:8000"])
def test_a_program_on_this_machine_is_local(client: str, host: str) -> None:
    asked = request(client, {"host": host})

    assert LocalCallers(possible=True)(asked)
    assert not LocalCallers(possible=False)(asked)


@pytest.mark.parametrize(
    "client", [None, "", "10.0.0.9", "::2", "::ffff:10.0.0.9", "localhost.example", "unix:"]
)
def test_a_peer_elsewhere_is_not_local(client: str | None) -> None:
    assert not LocalCallers(possible=True)(request(client, HERE))


@pytest.mark.parametrize(
    "host", ["", "shop.example", "127.0.0.1.example", "localhost.example", "10.0.0.1", "[::2]", "["]
)
def test_another_name_is_not_local(host: str) -> None:
    assert not LocalCallers(possible=True)(request("127.0.0.1", {"host": host}))
    assert not LocalCallers(possible=True)(request("127.0.0.1", {}))


@pytest.mark.parametrize(
    "header",
    [
        "forwarded",
        "via",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-forwarded-port",
        "x-forwarded-server",
        "x-forwarded",
        "x-real-ip",
        "x-client-ip",
        "x-original-host",
        "cf-connecting-ip",
        "true-client-ip",
        "x-envoy-external-address",
    ],
)
@pytest.mark.parametrize("value", ["", "127.0.0.1", "10.0.0.9"])
def test_what_was_forwarded_is_not_local(header: str, value: str) -> None:
    assert not LocalCallers(possible=True)(request("127.0.0.1", HERE | {header: value}))
