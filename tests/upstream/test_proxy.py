"""Connections through a proxy: a tunnel for https, passed on for http, none to this machine."""

import asyncio
import ssl
from pathlib import Path

import httpx
import pytest
import trustme

from gateway.errors import ConfigurationError
from gateway.upstream.limits import UpstreamLimits
from gateway.upstream.proxy import (
    Proxy,
    Route,
    proxy_at,
    proxy_of_environment,
    trusting,
)
from gateway.upstream.transport import UpstreamTransport, Whole
from tests.upstream.server import Raw, answer, platform
from tests.upstream.tunnels import tls, tunnelling


async def ask(transport: UpstreamTransport, url: str, **extensions: object) -> bytes:
    request = httpx.Request("POST", url, stream=Whole(b"{}"), extensions=extensions)
    return await (await transport.handle_async_request(request)).aread()


async def test_reaches_the_platform_through_the_tunnel() -> None:
    serving, context = tls(trustme.CA(), "shop.example")
    async with platform(lambda _: answer("{}"), tls=serving) as played:
        port = int(played.url.rpartition(":")[2])
        async with tunnelling(port) as (tunnels, proxy_port):
            proxy = proxy_of_environment(
                {"HTTPS_PROXY": f"http://me:p%40ss@127.0.0.1:{proxy_port}"}
            )
            transport = UpstreamTransport(route=Route(proxy, context))
            for _ in range(2):
                assert await ask(transport, "https://shop.example/x") == b"{}"
            await transport.aclose()
            await asyncio.sleep(0.01)
    (asked,) = tunnels.asked
    first, *lines = asked.decode().strip().split("\r\n")
    assert first == "CONNECT shop.example:443 HTTP/1.1"
    assert "Host: shop.example" in lines
    assert "Proxy-Authorization: Basic bWU6cEBzcw==" in lines
    assert len(played.received) == 2
    assert "proxy-authorization" not in played.received[0].headers


async def test_verifies_the_platform_at_the_tunnels_end() -> None:
    serving, context = tls(trustme.CA(), "other.example")
    async with (
        platform(lambda _: answer("{}"), tls=serving) as played,
        tunnelling(int(played.url.rpartition(":")[2])) as (_, port),
    ):
        transport = UpstreamTransport(route=Route(Proxy("127.0.0.1", port), context))
        with pytest.raises(httpx.ConnectError, match="TLS"):
            await ask(transport, "https://shop.example/x")
        await transport.aclose()
        await asyncio.sleep(0.01)
    assert played.received == []


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (b"HTTP/1.1 407 No\r\n\r\n", "the proxy refused the credentials: HTTP 407"),
        (b"HTTP/1.1 503 No\r\n\r\n", "the proxy refused the tunnel: HTTP 503"),
        (b"", "the proxy refused the tunnel"),
        (b"x" * 20_000, "the proxy refused the tunnel"),
    ],
    ids=["credentials", "unavailable", "closed", "no HTTP"],
)
async def test_a_tunnel_that_is_refused_is_a_connect_error(reply: bytes, words: str) -> None:
    async with tunnelling(9, reply) as (_, port):
        transport = UpstreamTransport(route=Route(Proxy("127.0.0.1", port, "Basic c2VjcmV0")))
        with pytest.raises(httpx.ConnectError) as caught:
            await ask(transport, "https://shop.example/x", token=("access_token", "sesame"))
        await transport.aclose()
    assert str(caught.value) == words
    assert caught.value.__context__ is None


async def test_a_proxy_that_does_not_answer_is_a_connect_error() -> None:
    async with tunnelling(9, b"") as (_, port):
        pass
    transport = UpstreamTransport(route=Route(Proxy("127.0.0.1", port)))
    with pytest.raises(httpx.ConnectError) as caught:
        await ask(transport, "https://shop.example/x")
    await transport.aclose()
    assert str(caught.value) == "no connection to the proxy: Connection refused"


async def test_a_proxy_whose_name_is_unknown_is_a_connect_error() -> None:
    transport = UpstreamTransport(route=Route(Proxy("proxy.invalid", 3128)))
    with pytest.raises(httpx.ConnectError, match="the proxy's name is not known"):
        await ask(transport, "https://shop.example/x")
    await transport.aclose()


async def test_a_proxy_that_is_silent_ends_by_the_connect_timeout() -> None:
    async with platform(lambda _: Raw(b"", then="hang")) as silent:
        transport = UpstreamTransport(
            UpstreamLimits(connect_timeout=0.2),
            route=Route(Proxy("127.0.0.1", int(silent.url.rpartition(":")[2]))),
        )
        with pytest.raises(httpx.ConnectTimeout, match=r"no connection within 0\.2 s"):
            await ask(transport, "https://shop.example/x")
        await transport.aclose()
        await silent.closed(0)


async def test_plain_requests_are_passed_on_by_the_proxy() -> None:
    async with platform(lambda _: answer("{}")) as passing:
        port = int(passing.url.rpartition(":")[2])
        route = Route(proxy_at(f"http://me:p%40ss@127.0.0.1:{port}"))
        transport = UpstreamTransport(route=route)
        url = "http://shop.example/x?a=1"
        for _ in range(2):
            assert await ask(transport, url, token=("access_token", "sesame")) == b"{}"
        await transport.aclose()
    first, _ = passing.received
    assert first.target == "http://shop.example/x?a=1&access_token=sesame"
    assert first.headers["host"] == "shop.example"
    assert first.headers["proxy-authorization"] == "Basic bWU6cEBzcw=="
    assert passing.connections == 1


async def test_credentials_that_the_proxy_refuses_are_a_connect_error() -> None:
    async with platform(lambda _: answer("", 407)) as passing:
        transport = UpstreamTransport(
            route=Route(Proxy("127.0.0.1", int(passing.url.rpartition(":")[2])))
        )
        with pytest.raises(httpx.ConnectError, match="the proxy refused the credentials"):
            await ask(transport, "http://shop.example/x")
        await transport.aclose()


async def test_each_shop_has_its_own_proxy_and_authorities() -> None:
    one, other = trustme.CA(), trustme.CA()
    serving, context = tls(one, "shop.example")
    serving_other, context_other = tls(other, "shop.example")
    async with (
        platform(lambda _: answer('"one"'), tls=serving) as played,
        platform(lambda _: answer('"other"'), tls=serving_other) as played_other,
        tunnelling(int(played.url.rpartition(":")[2])) as (tunnels, port),
        tunnelling(int(played_other.url.rpartition(":")[2])) as (tunnels_other, port_other),
    ):
        transport = UpstreamTransport(
            route=Route(Proxy("127.0.0.1", port), context),
            routes={"other": Route(Proxy("127.0.0.1", port_other), context_other)},
        )
        url = "https://shop.example/x"
        assert await ask(transport, url, pool="one") == b'"one"'
        assert await ask(transport, url, pool="other") == b'"other"'
        assert await ask(transport, url, pool="third") == b'"one"'
        await transport.aclose()
        await played.closed(0)
        await played_other.closed(0)
    assert (len(tunnels.asked), len(tunnels_other.asked)) == (1, 1)


async def test_trusts_the_authorities_of_a_file_besides_the_systems(tmp_path: Path) -> None:
    authority, file = trustme.CA(), tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    serving, _ = tls(authority, "127.0.0.1")
    context = trusting(file)
    assert len(context.get_ca_certs()) == len(ssl.create_default_context().get_ca_certs()) + 1
    async with platform(lambda _: answer("{}"), tls=serving) as played:
        transport = UpstreamTransport(route=Route(tls=context))
        assert await ask(transport, played.url) == b"{}"
        await transport.aclose()


@pytest.mark.parametrize(
    ("content", "words"), [(None, "No such file or directory"), ("x", "no certificate in PEM")]
)
def test_a_file_without_authorities_is_refused(
    tmp_path: Path, content: str | None, words: str
) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)
    with pytest.raises(ConfigurationError, match=words):
        trusting(file)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_this_machine_is_reached_directly(host: str) -> None:
    serving, context = tls(trustme.CA(), host)
    async with platform(lambda _: answer("{}"), tls=serving) as played:
        transport = UpstreamTransport(route=Route(Proxy("127.0.0.1", 9), context))
        url = played.url.replace("127.0.0.1", host)
        assert await ask(transport, url) == b"{}"
        await transport.aclose()


async def test_hosts_of_no_proxy_are_reached_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "nowhere.invalid")
    transport = UpstreamTransport(route=Route(Proxy("127.0.0.1", 9, honours_no_proxy=True)))
    with pytest.raises(httpx.ConnectError) as caught:
        await ask(transport, "https://nowhere.invalid/x")
    await transport.aclose()
    assert str(caught.value) == "no connection: the host's name is not known"


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, None),
        ({"HTTPS_PROXY": ""}, None),
        (
            {"HTTPS_PROXY": "http://proxy.example:3128"},
            Proxy("proxy.example", 3128, None, honours_no_proxy=True),
        ),
        (
            {"https_proxy": "proxy.example:3128"},
            Proxy("proxy.example", 3128, None, honours_no_proxy=True),
        ),
        (
            {"HTTPS_PROXY": "http://u@proxy.example"},
            Proxy("proxy.example", 80, "Basic dTo=", honours_no_proxy=True),
        ),
    ],
)
def test_reads_the_proxy_from_the_environment(
    environment: dict[str, str], expected: Proxy | None
) -> None:
    assert proxy_of_environment(environment) == expected


@pytest.mark.parametrize("text", ["socks5://proxy.example:1", "http://", "http://p:99999", "p/x"])
def test_refuses_other_proxies(text: str) -> None:
    with pytest.raises(ConfigurationError, match="HTTPS_PROXY must be an address"):
        proxy_of_environment({"HTTPS_PROXY": text})


def test_the_credentials_are_not_shown() -> None:
    proxy = proxy_at("http://me:sesame@proxy.example")
    assert proxy.authorization == "Basic bWU6c2VzYW1l"
    assert "bWU6c2VzYW1l" not in repr(Route(proxy))
    assert str(proxy.url) == "http://proxy.example"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://127.0.0.1:9/", "no connection: Connection refused"),
        ("http://localhost:9/", "no connection: "),
        ("http://nobody.invalid/", "no connection: the host's name is not known"),
    ],
)
async def test_where_nobody_answers_the_address_is_not_told(url: str, reason: str) -> None:
    transport = UpstreamTransport()
    with pytest.raises(httpx.ConnectError) as refused:
        await ask(transport, url)
    await transport.aclose()

    assert str(refused.value).startswith(reason)
    assert "127.0.0.1" not in str(refused.value)
    assert "::1" not in str(refused.value)
