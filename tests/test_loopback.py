"""Which hosts are this machine."""

import pytest

from gateway.loopback import is_loopback


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("LOCALHOST", True),
        ("a.localhost", True),
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("[::1]", True),
        ("::ffff:127.0.0.1", True),
        ("", False),
        ("0.0.0.0", False),  # noqa: S104 - not bound to, but told apart
        ("::", False),
        ("[::", False),
        ("10.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("localhost.shop.example", False),
        ("127.0.0.1.shop.example", False),
        ("notlocalhost", False),
        ("api.weixin.qq.com", False),
    ],
)
def test_knows_this_machine(host: str, *, expected: bool) -> None:
    assert is_loopback(host) is expected
