"""Which URLs a webhook may be sent to, for every kind of address and every way to spell one."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.webhooks.addresses import (
    MAX_URL_LENGTH,
    Address,
    AddressPolicy,
    AddressRefused,
    HostUnknown,
    is_public,
    resolve_by_system,
)

PUBLIC = "93.184.216.34"
PUBLIC_IPV6 = "2606:2800:220:1:248:1893:25c8:1946"
LOOPBACK = ip_network("127.0.0.0/8")
#: The first and last address of each network that is not public, and some inside.
NOT_PUBLIC_IPV4 = [
    *("0.0.0.0", "0.255.255.255"),  # noqa: S104 - bound to nothing
    *("10.0.0.0", "10.255.255.255"),
    *("100.64.0.0", "100.127.255.255", "100.100.100.200"),
    *("127.0.0.0", "127.0.0.1", "127.255.255.255"),
    *("169.254.0.0", "169.254.169.254", "169.254.170.2", "169.254.255.255"),
    *("172.16.0.0", "172.31.255.255"),
    *("192.0.0.0", "192.0.0.170", "192.0.0.192", "192.0.0.255"),
    *("192.0.2.0", "192.0.2.255"),
    *("192.88.99.0", "192.88.99.255"),
    *("192.168.0.0", "192.168.255.255"),
    *("198.18.0.0", "198.19.255.255"),
    *("198.51.100.0", "198.51.100.255"),
    *("203.0.113.0", "203.0.113.255"),
    *("224.0.0.0", "224.0.0.1", "239.255.255.255"),
    *("240.0.0.0", "255.255.255.254", "255.255.255.255"),
]
#: Those beside them.
PUBLIC_IPV4 = [
    *("1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0"),
    *("126.255.255.255", "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255"),
    *("172.32.0.0", "191.255.255.255", "192.0.1.0", "192.0.3.0", "192.88.98.255"),
    *("192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "198.51.99.255"),
    *("203.0.112.255", "203.0.114.0", "223.255.255.255", PUBLIC),
]
NOT_PUBLIC_IPV6 = [
    *("::", "::1", "::2", "::7f00:1", "::ffff:0:7f00:1", "::ffff:0:5db8:d822"),
    *("100::", "100::1", "64:ff9b:1::1", "64:ff9b:1:ffff::5db8:d822"),
    *("2001::", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:2::1", "2001:10::1", "2001:20::1"),
    *("2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8::", "2001:db8:ffff::1"),
    *("3ffe::1", "3fff::", "3fff:fff:ffff::1", "4000::", "5f00::1"),
    *("fc00::", "fd00:ec2::254", "fd12:3456::1", "fdff:ffff::1"),
    *("fe80::", "fe80::a9fe:a9fe", "febf::1", "fec0::1", "feff::1"),
    *("ff00::", "ff02::1", "ff0e::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
]


def answering(*answers: Sequence[str] | Exception) -> AddressPolicy:
    """A policy by whose resolver names have these addresses, one answer after the other."""
    left = list(answers)

    async def resolve(host: str, port: int) -> Sequence[str]:
        del host, port
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    return AddressPolicy([], resolve)


async def unasked(host: str, port: int) -> Sequence[str]:
    raise AssertionError((host, port))


async def refusal(policy: AddressPolicy, url: str) -> str:
    with pytest.raises(AddressRefused) as caught:
        await policy.check(url)
    return str(caught.value)


def embedding(address: IPv4Address) -> list[IPv6Address]:
    """Every IPv6 address that stands for an IPv4 address, or is routed to it."""
    low = int(address)
    return [
        IPv6Address(0xFFFF << 32 | low),
        IPv6Address(int(IPv6Address("64:ff9b::")) | low),
        IPv6Address(0x2002 << 112 | low << 80 | 1),
        IPv6Address(int(IPv6Address("2606:2800:220:1::")) | 0x5EFE << 32 | low),
        IPv6Address(int(IPv6Address("2606:2800:220:1::")) | 0x0200_5EFE << 32 | low),
    ]


def literal(address: Address) -> str:
    return f"[{address}]" if isinstance(address, IPv6Address) else str(address)


@pytest.mark.parametrize("text", [*NOT_PUBLIC_IPV4, *NOT_PUBLIC_IPV6])
async def test_an_address_that_is_not_public_is_refused_as_it_is_and_behind_a_name(
    text: str,
) -> None:
    words = (
        "the host is not on the public Internet: an address of it is private, loopback, "
        "link-local or reserved"
    )
    address = ip_address(text)
    assert not is_public(address)
    for scheme in ("https", "http"):
        url = f"{scheme}://{literal(address)}:8443/hook"
        assert await refusal(AddressPolicy([], unasked), url) == words
        # One address that is not public refuses the call, wherever it is among the others.
        for answer in ([text], [PUBLIC, text], [text, PUBLIC]):
            assert await refusal(answering(answer), f"{scheme}://hooks.example/hook") == words


@pytest.mark.parametrize("text", [*PUBLIC_IPV4, PUBLIC_IPV6, "2000::1", "2001:200::1", "2a00::1"])
async def test_a_public_address_is_accepted_as_it_is_and_behind_a_name(text: str) -> None:
    address = ip_address(text)
    assert is_public(address)
    found = await AddressPolicy([], unasked).check(f"https://{literal(address)}/hook")
    assert found.addresses == (address,)
    found = await answering([text, text]).check("https://hooks.example/hook")
    assert found.addresses == (address,)
    assert str(found.url) == "https://hooks.example/hook"


@given(st.sampled_from([ip_network(f"{text}/32") for text in NOT_PUBLIC_IPV4]))
def test_no_ipv6_form_of_an_ipv4_address_that_is_not_public_is(network: IPv4Network) -> None:
    for address in embedding(network.network_address):
        assert not is_public(address), address


@given(st.sampled_from(PUBLIC_IPV4))
def test_an_ipv6_form_of_a_public_ipv4_address_is_public(text: str) -> None:
    # A DNS64 server gives such addresses for every host that has IPv4 alone.
    for address in embedding(IPv4Address(text)):
        assert is_public(address), address


@given(
    st.sampled_from(
        [
            *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
            *("172.16.0.0/12", "192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15"),
            *("224.0.0.0/4", "240.0.0.0/4"),
        ]
    ).flatmap(
        lambda text: st.integers(0, IPv4Network(text).num_addresses - 1).map(
            lambda offset: IPv4Network(text)[offset]
        )
    )
)
def test_every_address_of_a_network_that_is_not_public_is_refused(address: IPv4Address) -> None:
    assert not is_public(address)
    assert not any(map(is_public, embedding(address)))


@given(st.ip_addresses(v=4))
def test_what_is_public_is_so_by_pythons_own_table(address: IPv4Address) -> None:
    if is_public(address):
        assert address.is_global
        assert not address.is_multicast


@pytest.mark.parametrize(
    "host",
    [
        *("2130706433", "0x7f000001", "0x7f.1", "0x7f.0.0.1", "0177.0.0.1", "017700000001"),
        *("127.1", "127.0.1", "127.0.0.1.", "127.0.0.01", "1.2.3.4.5", "256.1.1.1", "0", "0x"),
        *("0xA9FEA9FE", "2852039166", "0251.0376.0251.0376", "a.b.0x7f", "hooks.example.1"),
        *("[fe80::1%25eth0]", "[2606:2800::1%251]", "127.0.0.1%00", "hooks%2eexample", "a%20b"),
        *("-a.example", "a-.example", "a..example", ".example", "*.example", "a,b", "a" * 64),
        *(".".join(["a" * 63] * 4), "a=b", "a$b"),
    ],
)
@pytest.mark.parametrize("scheme", ["https", "http"])
async def test_a_host_that_parsers_may_read_differently_is_refused(host: str, scheme: str) -> None:
    # Though the network would be allowed: what is checked must be what is called.
    policy = AddressPolicy([LOOPBACK], unasked)
    expected = "expected a host name, or an address in its usual form such as 192.0.2.1"
    assert await refusal(policy, f"{scheme}://{host}/hook") == expected


@pytest.mark.parametrize("host", ["①②⑦.⓪.⓪.①", "１２７.0.0.1", "127。0。0。1"])
async def test_an_address_in_other_digits_is_the_address(host: str) -> None:
    assert "loopback" in await refusal(AddressPolicy([], unasked), f"https://{host}/hook")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("ftp://hooks.example/", "expected an https:// URL"),
        ("file:///etc/passwd", "expected an https:// URL"),
        ("gopher://hooks.example/", "expected an https:// URL"),
        ("hooks.example/hook", "expected an https:// URL"),
        ("//hooks.example/hook", "expected an https:// URL"),
        ("", "expected an https:// URL"),
        ("https:///hook", "expected a URL such as https://example.com/hooks"),
        ("https://", "expected a URL such as https://example.com/hooks"),
        ("https://[::1", "expected a URL such as https://example.com/hooks"),
        ("https://hooks.example:0/", "expected a URL such as https://example.com/hooks"),
        ("https://hooks.example:99999/", "expected a URL such as https://example.com/hooks"),
        ("https://me@hooks.example/", "expected a URL without a user or password in it"),
        ("https://me:it@hooks.example/", "expected a URL without a user or password in it"),
        ("https://:it@hooks.example/", "expected a URL without a user or password in it"),
        ("https://a.example@127.0.0.1/", "expected a URL without a user or password in it"),
        ("https://hooks.example/#a", "expected a URL without a fragment (#)"),
        ("https://hooks.example/#", "expected a URL without a fragment (#)"),
        *(
            (url, "expected a URL without spaces, line breaks and backslashes")
            for url in (
                "https://hooks.example/a b",
                " https://hooks.example/",
                "https://hooks.example/\n",
                "https://hooks.ex\tample/",
                "https://hooks.example/\x00",
                "https://hooks.example\\@127.0.0.1/",
                "https:\\\\127.0.0.1/",
                "https://hooks.example/\u2028",
            )
        ),
        ("https://h.example/" + "a" * 2_031, "expected a URL of at most 2,048 characters"),
    ],
)
async def test_a_url_of_another_form_is_refused(url: str, words: str) -> None:
    assert await refusal(AddressPolicy([LOOPBACK], unasked), url) == words


async def test_the_longest_url_is_accepted() -> None:
    url = "https://h.example/" + "a" * (MAX_URL_LENGTH - 18)
    assert str((await answering([PUBLIC]).check(url)).url) == url


@pytest.mark.parametrize(
    ("url", "called"),
    [
        ("HTTPS://Hooks.Example/A?b=c", "https://hooks.example/A?b=c"),
        ("https://hooks.example:8443/", "https://hooks.example:8443/"),
        ("https://hooks.example./x", "https://hooks.example./x"),
        ("https://münchen.example/ü", "https://xn--mnchen-3ya.example/%C3%BC"),
        ("https://a_b.c-d.example/%2Fx", "https://a_b.c-d.example/%2Fx"),
    ],
)
async def test_a_url_is_called_in_its_normal_form(url: str, called: str) -> None:
    found = await answering([PUBLIC]).check(url)
    assert str(found.url) == called


async def test_plain_http_is_refused_even_to_public_addresses() -> None:
    policy = answering([PUBLIC])
    assert await refusal(policy, "http://hooks.example/") == "expected an https:// URL"
    assert await refusal(policy, f"http://{PUBLIC}/") == "expected an https:// URL"


@pytest.mark.parametrize("scheme", ["https", "http"])
@pytest.mark.parametrize(
    ("allowed", "text"),
    [
        ("127.0.0.0/8", "127.0.0.1"),
        ("127.0.0.0/8", "::ffff:127.0.0.1"),
        ("::1/128", "::1"),
        ("10.1.0.0/16", "10.1.2.3"),
        ("10.1.0.0/16", "64:ff9b::10.1.2.3"),
        ("64:ff9b::/96", "64:ff9b::10.1.2.3"),
        ("fd00::/8", "fd12::1"),
    ],
)
async def test_what_the_configuration_allows_may_be_called(
    scheme: str, allowed: str, text: str
) -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        assert (host, port) == ("hooks.example", 8080)
        return [text]

    policy = AddressPolicy([ip_network(allowed)], resolve)
    address = ip_address(text)
    for host in (literal(address), "hooks.example"):
        found = await policy.check(f"{scheme}://{host}:8080/")
        assert found.addresses == (address,)


async def test_what_is_beside_an_allowed_network_is_refused() -> None:
    policy = AddressPolicy([IPv4Network("10.1.0.0/16"), IPv6Network("fd00::/16")], unasked)
    for host in ("10.2.0.0", "127.0.0.1", "[::ffff:10.2.0.0]", "[fd01::1]", "[::1]"):
        assert "private" in await refusal(policy, f"https://{host}/")


async def test_plain_http_needs_every_address_to_be_allowed() -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        del host, port
        return ["127.0.0.1", PUBLIC]

    policy = AddressPolicy([LOOPBACK], resolve)
    assert await refusal(policy, "http://hooks.example/") == "expected an https:// URL"
    found = await policy.check("https://hooks.example/")
    assert found.addresses == (ip_address("127.0.0.1"), ip_address(PUBLIC))


async def test_a_name_is_resolved_at_each_check() -> None:
    policy = answering([PUBLIC], ["169.254.169.254"], [PUBLIC_IPV6])
    assert (await policy.check("https://hooks.example/")).addresses == (ip_address(PUBLIC),)
    assert "link-local" in await refusal(policy, "https://hooks.example/")
    assert (await policy.check("https://hooks.example/")).addresses == (ip_address(PUBLIC_IPV6),)


@pytest.mark.parametrize("answer", [OSError("no such host"), [], ["no address"]])
async def test_a_name_without_addresses_may_have_some_later(
    answer: Sequence[str] | Exception,
) -> None:
    with pytest.raises(HostUnknown, match=r"^the host's name cannot be resolved$"):
        await answering(answer).check("https://hooks.example/secret")


async def test_a_link_local_address_with_a_zone_is_refused() -> None:
    assert "link-local" in await refusal(answering(["fe80::1%eth0"]), "https://hooks.example/")


async def test_behind_a_proxy_names_are_left_to_it_and_addresses_are_not() -> None:
    policy = AddressPolicy([LOOPBACK], None)
    assert (await policy.check("https://hooks.example/")).addresses == ()
    assert (await policy.check("http://127.0.0.1/")).addresses == (ip_address("127.0.0.1"),)
    assert "private" in await refusal(policy, "https://10.0.0.1/")
    assert await refusal(policy, "http://hooks.example/") == "expected an https:// URL"


async def test_the_system_resolves_this_machines_name() -> None:
    # Answered by the hosts file: no name server is asked.
    assert set(await resolve_by_system("localhost", 443)) <= {"127.0.0.1", "::1"}
    assert "loopback" in await refusal(AddressPolicy([], resolve_by_system), "https://localhost/")


async def test_refusals_repeat_nothing_of_the_url() -> None:
    for url in (
        "https://10.0.0.1/hook-7f3a",
        "http://h.example/hook-7f3a",
        "https://u@h/hook-7f3a",
    ):
        words = await refusal(answering([PUBLIC]), url)
        assert "7f3a" not in words
        assert "10.0" not in words
        assert "h.example" not in words
