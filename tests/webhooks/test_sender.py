"""One webhook on its way to receivers that answer well, slowly, wrongly, or not at all."""

import asyncio
import gzip
from collections.abc import Sequence
from ipaddress import ip_network

import pytest
import trustme
from pydantic import SecretStr

from gateway.settings import WebhookSettings
from gateway.upstream.proxy import proxy_at
from gateway.webhooks.addresses import AddressPolicy, resolve_by_system
from gateway.webhooks.sender import MAX_ANSWER_BYTES, SendResult, WebhookSender, sender_of
from tests.upstream.server import Platform, Raw, Received, answer, free_port, platform
from tests.upstream.tunnels import tls, tunnelling

LOOPBACK = [ip_network("127.0.0.0/8")]
BODY = '{"type":"order.changed","data":{"note":"茶"}}'.encode()
HEADERS = {"webhook-id": "msg_1", "webhook-signature": "v1,x"}
TAKEN = SendResult(204, None)
OK = answer("", 204)


def port_of(played: Platform) -> int:
    return int(played.url.rpartition(":")[2])


class Resolver:
    """Gives one answer after the other, the last for ever, and counts how often it was asked."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append((host, port))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def sender(
    resolve: Resolver | None = None, *, timeout: float = 30.0, allowed: bool = True
) -> WebhookSender:
    policy = AddressPolicy(LOOPBACK if allowed else [], resolve or Resolver([]))
    return WebhookSender(policy, timeout=timeout)


async def test_posts_the_body_as_it_is() -> None:
    async with platform(lambda _: OK) as played:
        assert await sender().send(f"{played.url}/hook?a=1", HEADERS, BODY) == TAKEN
        host = played.url.removeprefix("http://")
    assert TAKEN.succeeded
    assert played.received == [
        Received(
            "POST",
            "/hook?a=1",
            {
                "host": host,
                "accept": "*/*",
                "accept-encoding": "identity",
                "content-type": "application/json",
                "user-agent": "commerce-gateway",
                "webhook-id": "msg_1",
                "webhook-signature": "v1,x",
                "connection": "close",
                "content-length": str(len(BODY)),
            },
            BODY,
        )
    ]


async def test_a_name_is_resolved_once_and_stays_the_host() -> None:
    resolver = Resolver(["127.0.0.1"])
    async with platform(lambda _: OK) as played:
        port = port_of(played)
        assert await sender(resolver).send(f"http://hooks.example:{port}/", {}, BODY) == TAKEN
    assert resolver.asked == [("hooks.example", port)]
    assert played.received[0].headers["host"] == f"hooks.example:{port}"


async def test_goes_to_the_address_that_was_checked_whatever_dns_says_next() -> None:
    # The second answer is that of a name server which tries to rebind the name.
    resolver = Resolver(["127.0.0.1"], ["127.0.0.2"])
    async with platform(lambda _: OK) as played:
        url = f"http://hooks.example:{port_of(played)}/"
        assert await sender(resolver).send(url, {}, BODY) == TAKEN
    assert len(played.received) == len(resolver.asked) == 1


async def test_a_name_that_changes_to_a_private_address_is_not_called() -> None:
    resolver = Resolver(["127.0.0.1"], ["169.254.169.254"], ["127.0.0.1", "10.0.0.1"])
    async with platform(lambda _: OK) as played:
        url = f"http://hooks.example:{port_of(played)}/"
        results = [await sender(resolver).send(url, {}, BODY) for _ in range(3)]
    assert [result.refused for result in results] == [False, True, True]
    assert results[1] == SendResult(
        None,
        "the host is not on the public Internet: an address of it is private, loopback, "
        "link-local or reserved",
        refused=True,
    )
    assert not results[1].succeeded
    assert len(played.received) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0"])  # noqa: S104 - called, not bound to
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_this_machine_is_not_called_where_it_is_not_allowed(host: str, scheme: str) -> None:
    async with platform(lambda _: OK) as played:
        policy = AddressPolicy([], resolve_by_system)
        url = f"{scheme}://{host}:{port_of(played)}/"
        result = await WebhookSender(policy, timeout=30.0).send(url, {}, BODY)
    assert result.refused
    assert played.connections == 0


async def test_a_name_that_is_not_known_is_no_refusal() -> None:
    assert await sender(Resolver([])).send("https://hooks.example/", {}, BODY) == SendResult(
        None, "the host's name cannot be resolved"
    )


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
async def test_every_2xx_is_a_success(status: int) -> None:
    async with platform(lambda _: answer("", status)) as played:
        result = await sender().send(played.url, {}, BODY)
    assert result == SendResult(status, None)
    assert result.succeeded


@pytest.mark.parametrize("status", [300, 304, 400, 401, 404, 407, 410, 429, 500, 503])
async def test_nothing_else_is(status: int) -> None:
    async with platform(lambda _: answer("", status)) as played:
        result = await sender().send(played.url, {}, BODY)
    words = ": redirects are not followed" if status < 400 else ""
    assert result == SendResult(status, f"HTTP {status}{words}")
    assert not result.succeeded


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_not_followed(status: int) -> None:
    async with platform(lambda _: OK) as other:
        moved = answer("", status, headers={"location": f"{other.url}/elsewhere"})
        async with platform(lambda _: moved) as played:
            result = await sender().send(played.url, {}, BODY)
    assert result == SendResult(status, f"HTTP {status}: redirects are not followed")
    assert other.received == []


async def test_cookies_are_not_kept() -> None:
    async with platform(lambda _: answer("", headers={"set-cookie": "a=b"})) as played:
        one = sender()
        for _ in range(2):
            await one.send(played.url, {}, BODY)
    assert all("cookie" not in request.headers for request in played.received)


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"])
async def test_proxies_of_the_environment_are_ignored(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with platform(lambda _: answer("", 500)) as proxy, platform(lambda _: OK) as played:
        monkeypatch.setenv(variable, proxy.url)
        assert await sender().send(played.url, {}, BODY) == TAKEN
    assert proxy.connections == 0


async def test_a_receiver_that_never_answers_ends_with_the_time() -> None:
    async with platform(lambda _: Raw(b"", "hang")) as played:
        result = await sender(timeout=0.2).send(played.url, {}, BODY)
        await played.closed(0)
    assert result == SendResult(None, "no whole answer within 0.2 s")


async def test_an_answer_that_drips_ends_with_the_time() -> None:
    endless = Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n" + b"a" * 5_000, drip=0.01)
    async with platform(lambda _: endless) as played:
        result = await sender(timeout=0.5).send(played.url, {}, BODY)
    assert result == SendResult(None, "no whole answer within 0.5 s")


async def test_a_resolver_that_hangs_ends_with_the_time() -> None:
    async def never(host: str, port: int) -> Sequence[str]:
        del host, port
        await asyncio.Event().wait()
        raise AssertionError

    result = await WebhookSender(AddressPolicy([], never), timeout=0.01).send(
        "https://hooks.example/", {}, BODY
    )
    assert result == SendResult(None, "no whole answer within 0.01 s")


@pytest.mark.parametrize("status", [200, 500])
async def test_a_large_answer_is_read_no_further_than_its_bound(status: int) -> None:
    # More is announced than ever comes: reading on would end with the time.
    head = f"HTTP/1.1 {status} X\r\ncontent-length: 1000000000\r\n\r\n".encode()
    large = Raw(head + b"a" * MAX_ANSWER_BYTES, "hang")
    async with platform(lambda _: large) as played:
        result = await sender().send(played.url, {}, BODY)
        await played.closed(0)
    assert result == SendResult(status, None if status == 200 else "HTTP 500")


async def test_an_answer_is_not_decompressed() -> None:
    bomb = gzip.compress(bytes(50_000_000), compresslevel=9)[: MAX_ANSWER_BYTES - 1]
    packed = answer(bomb, headers={"content-encoding": "gzip"})
    async with platform(lambda _: packed) as played:
        assert (await sender().send(played.url, {}, BODY)).succeeded


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (Raw(b"", "close"), "the connection ended before the answer did"),
        (Raw(b"", "reset"), "the connection ended before the answer did"),
        (Raw(b"SSH-2.0-x\r\n\r\n", "close"), "what came is not HTTP"),
        (
            Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab", "close"),
            "the connection ended before the answer did",
        ),
        (
            Raw(b"HTTP/1.1 200 OK\r\nx: " + b"a" * 100_000 + b"\r\n\r\n", "close"),
            "the answer's headers are too large",
        ),
    ],
)
async def test_a_broken_answer_is_a_failure(raw: Raw, words: str) -> None:
    async with platform(lambda _: raw) as played:
        assert await sender().send(played.url, {}, BODY) == SendResult(None, words)


async def test_a_closed_port_is_a_failure_without_its_address() -> None:
    result = await sender().send(f"http://127.0.0.1:{free_port()}/hook-7f3a", {}, BODY)
    assert result == SendResult(None, "no connection: Connection refused")


async def test_the_certificate_is_verified_against_the_urls_host() -> None:
    serving, trusting = tls(trustme.CA(), "hooks.example")
    async with platform(lambda _: OK, tls=serving) as played:
        policy = AddressPolicy(LOOPBACK, Resolver(["127.0.0.1"]))
        secure, port = WebhookSender(policy, tls=trusting, timeout=30.0), port_of(played)
        assert await secure.send(f"https://hooks.example:{port}/", {}, BODY) == TAKEN
        wrong = await secure.send(f"https://other.example:{port}/", {}, BODY)
        untrusted = await WebhookSender(policy, timeout=30.0).send(
            f"https://hooks.example:{port}/", {}, BODY
        )
    refused = SendResult(None, "TLS failed: CERTIFICATE_VERIFY_FAILED")
    assert wrong == untrusted == refused
    assert len(played.received) == 1


async def test_every_address_of_a_name_is_tried() -> None:
    async with platform(lambda _: OK) as played:
        policy = AddressPolicy(
            [*LOOPBACK, ip_network("::1/128")], Resolver(["::1", "127.0.0.2", "127.0.0.1"])
        )
        url = f"http://hooks.example:{port_of(played)}/"
        assert await WebhookSender(policy, timeout=30.0).send(url, {}, BODY) == TAKEN


async def test_with_a_proxy_names_are_left_to_it() -> None:
    serving, trusting = tls(trustme.CA(), "hooks.example")
    async with (
        platform(lambda _: OK, tls=serving) as played,
        tunnelling(port_of(played)) as (tunnels, port),
    ):
        through = WebhookSender(
            AddressPolicy([], None),
            proxy=proxy_at(f"http://me:p%40ss@127.0.0.1:{port}"),
            tls=trusting,
            timeout=30.0,
        )
        assert await through.send("https://hooks.example/hook", HEADERS, BODY) == TAKEN
    (asked,) = tunnels.asked
    assert asked.startswith(b"CONNECT hooks.example:443 HTTP/1.1\r\n")
    assert b"\r\nProxy-Authorization: Basic bWU6cEBzcw==\r\n" in asked
    assert "proxy-authorization" not in played.received[0].headers


async def test_plain_http_goes_through_the_proxy_too() -> None:
    async with platform(lambda _: OK) as proxy:
        through = WebhookSender(
            AddressPolicy(LOOPBACK, None),
            proxy=proxy_at(proxy.url.replace("//", "//me:it@")),
            timeout=30.0,
        )
        assert await through.send("http://127.0.0.1:9/hook", {}, BODY) == TAKEN
    assert proxy.received[0].target == "http://127.0.0.1:9/hook"
    assert proxy.received[0].headers["proxy-authorization"] == "Basic bWU6aXQ="


async def test_a_proxy_that_refuses_or_is_gone_is_a_failure() -> None:
    refusing = b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n"
    async with tunnelling(9, refusing) as (_, port):
        through = WebhookSender(
            AddressPolicy([], None), proxy=proxy_at(f"http://127.0.0.1:{port}"), timeout=30.0
        )
        assert await through.send("https://hooks.example/", {}, BODY) == SendResult(
            None, "the proxy refused the tunnel: HTTP 403"
        )
    gone = WebhookSender(
        AddressPolicy([], None), proxy=proxy_at(f"http://127.0.0.1:{free_port()}"), timeout=30.0
    )
    assert await gone.send("https://hooks.example/", {}, BODY) == SendResult(
        None, "no connection to the proxy: Connection refused"
    )


async def test_the_configuration_says_what_is_allowed() -> None:
    async with platform(lambda _: OK) as played:
        url = f"http://hooks.example:{port_of(played)}/"
        loopback = Resolver(["127.0.0.1"])
        assert (await sender_of(WebhookSettings(), loopback).send(url, {}, BODY)).refused
        allowing = WebhookSettings(allow=tuple(LOOPBACK))
        assert await sender_of(allowing, loopback).send(url, {}, BODY) == TAKEN


async def test_with_the_configurations_proxy_no_name_is_resolved() -> None:
    async with tunnelling(9, b"HTTP/1.1 403 Forbidden\r\n\r\n") as (tunnels, port):
        settings = WebhookSettings(proxy=SecretStr(f"http://127.0.0.1:{port}"))
        resolver = Resolver([])
        result = await sender_of(settings, resolver).send("https://hooks.example/", {}, BODY)
    assert result.error == "the proxy refused the tunnel: HTTP 403"
    assert resolver.asked == []
    assert len(tunnels.asked) == 1
