"""Platforms' words, made fit for the outside; texts as WeChat sends them."""

import base64
import json
from urllib.parse import quote, quote_plus

import pytest

from gateway.errors import AnswerLost, PlatformRejected
from gateway.logs import Redactor
from gateway.upstream.error_redaction import fit, split_request_id
from gateway.upstream.failures import again, without_token


@pytest.mark.parametrize(
    ("words", "rest", "request_id"),
    [
        (
            "invalid appid rid: 65e1f7a9-3f1f2f6b-0b8f2c5d",
            "invalid appid",
            "65e1f7a9-3f1f2f6b-0b8f2c5d",
        ),
        (
            "access_token expired hint: [7nGp03aLE-w1xWCA] rid: 1",
            "access_token expired rid: 1",
            "7nGp03aLE-w1xWCA",
        ),
        ("reach max api daily quota limit", "reach max api daily quota limit", None),
        ("arid: no id", "arid: no id", None),
    ],
)
def test_the_calls_id_is_taken_out(words: str, rest: str, request_id: str | None) -> None:
    assert split_request_id(words) == (rest, request_id)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("  a\n\tb\x00c ", "a b c"),
        ("<b>no</b> such <i class='x'>order</i>", "no such order"),
        ("order 7197417460812533543 is closed", "order 7197417460812533543 is closed"),
        ("open id oDF3iY9ffA-hqb2vVvbr7qxf6A0Q bad", "open id […] bad"),
        # What it says of a person is told apart.
        ("call 13800138000 now", "call 13800138000 now"),
        ("order 213800138000123 stays", "order 213800138000123 stays"),
        ("token abc refused", "token […] refused"),
        (
            "invalid ip 1.2.3.4 ipv6 ::ffff:1.2.3.4, not in whitelist",
            "invalid ip […] ipv6 […], not in whitelist",
        ),
        ("订单不存在", "订单不存在"),
        ("字" * 400, "字" * 299 + "…"),
        ("字" * 300, "字" * 300),
        # The blank before the mark of what is left out goes.
        ("字" * 298 + " " + "字" * 9, "字" * 298 + "…"),
        # Of a longer text only its first 10,000 characters are looked at.
        (" " * 9_999 + "xyz", "x"),
    ],
)
def test_words_are_made_fit(words: str, expected: str) -> None:
    assert fit(words, token="abc") == expected


SECRET = 'p@ss/wörd+"1"'


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        quote(SECRET, safe=""),
        quote_plus(SECRET),
        json.dumps(SECRET)[1:-1],
        json.dumps(SECRET, ensure_ascii=False)[1:-1],
        json.dumps(json.dumps(SECRET)[1:-1])[1:-1],
        base64.b64encode(SECRET.encode()).decode(),
    ],
)
@pytest.mark.parametrize("where", ["secret", "token"])
def test_no_form_of_the_shops_secret_and_token_is_shown(form: str, where: str) -> None:
    text = f"invalid secret [{form}] of app"
    secrets = Redactor([SECRET] if where == "secret" else [])
    shown = fit(text, secrets, SECRET if where == "token" else None)

    assert form.rstrip("=") not in shown
    assert SECRET not in shown
    assert "[…]" in shown


def test_a_failure_shows_persons_only_in_what_is_told() -> None:
    words = "收件人王小明的手机号13800138000无效"
    failure = PlatformRejected(words, endpoint="e", shop="s", platform_code="1")

    assert (failure.message, str(failure)) == ("收件人[…]的手机号[…]无效",) * 2
    assert failure.told == words
    assert (
        AnswerLost.of(failure).told == again(failure).told == without_token(failure).told == words
    )


def test_a_very_long_text_takes_no_time() -> None:
    assert len(fit("<" * 1_000_000)) == 300
    assert len(fit("aA1-" * 1_000_000)) < 10


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        pytest.param(
            "invalid ip 203.0.113.7, not in whitelist",
            "invalid ip […], not in whitelist",
            id="ipv4",
        ),
        pytest.param(
            "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist",
            "invalid ip […] ipv6 […], not in whitelist",
            id="both",
        ),
        pytest.param("from 2001:db8::8a2e:370:7334", "from […]", id="ipv6"),
        pytest.param(
            "at 12:30:45 in version 1.2.3", "at 12:30:45 in version 1.2.3", id="no-address"
        ),
    ],
)
def test_addresses_are_hidden(words: str, shown: str) -> None:
    assert fit(words) == shown
