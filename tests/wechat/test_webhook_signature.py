"""The signatures of WeChat's message push; vectors from its own pages."""

import pytest

from gateway.wechat.webhook_signature import is_signed, signature

#: developers.weixin.qq.com, message push and its encryption: token, timestamp, nonce, signature.
OFFICIAL = [
    ("AAAAA", "1714036504", "1514711492", "f464b24fc39322e44b38aa78f5edd27bd1441696"),
    ("AAAAA", "1714037059", "486452656", "899cf89e464efb63f54ddac96b0a0a235f53aa78"),
]


@pytest.mark.parametrize(("token", "timestamp", "nonce", "expected"), OFFICIAL)
def test_the_platform_s_own_vectors(token: str, timestamp: str, nonce: str, expected: str) -> None:
    assert signature(token, timestamp, nonce) == expected
    assert signature(nonce, token, timestamp) == expected
    assert is_signed(expected, token, timestamp, nonce)


@pytest.mark.parametrize(
    "given", ["", "f464", "F464B24FC39322E44B38AA78F5EDD27BD1441696", "ü" * 40]
)
def test_anything_else_is_no_signature(given: str) -> None:
    token, timestamp, nonce, _ = OFFICIAL[0]

    assert not is_signed(given, token, timestamp, nonce)
