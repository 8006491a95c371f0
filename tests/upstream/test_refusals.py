"""What the client makes of refusals, wrong documents and broken exchanges."""

import json

import pytest

from gateway.errors import (
    PlatformAnswerTooLarge,
    PlatformCredentials,
    PlatformFailure,
    PlatformHeadersTooLarge,
    PlatformMalformed,
    PlatformQuotaExceeded,
    PlatformRejected,
    PlatformTimeout,
    PlatformUnavailable,
    PlatformUnreadable,
)
from gateway.upstream.client import PlatformClient
from gateway.upstream.endpoint import Endpoint
from gateway.upstream.health import Availability
from gateway.upstream.lenient_json import repaired
from gateway.upstream.limits import UpstreamLimits
from tests.upstream.clients import PATIENT, QUICK, client_of, no_delay, playing
from tests.upstream.rows import (
    GOT,
    READ,
    WRITE,
    Ask,
    Got,
    Order,
)
from tests.upstream.server import (
    Raw,
    Received,
    answer,
    free_port,
)

OK = answer(GOT)


def availability(client: PlatformClient) -> Availability:
    return client.health.report.availability


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "an empty body"),
        (b"<!DOCTYPE html><html>canary</html>", "an HTML page of 34 bytes"),
        (b"<xml>canary</xml>", "markup of 17 bytes"),
        (b'{"order":{"order_id":"canary', "broken JSON of 28 bytes"),
        (b"null", "null of 4 bytes"),
        (b"[1]", "a JSON array of 3 bytes"),
        (b'"canary"', "a JSON string of 8 bytes"),
        (b"12", "a JSON value of 2 bytes"),
        (b"canary", "something other than JSON of 6 bytes"),
        (b'{"a":' * 100_000, "JSON nested too deeply of 500000 bytes"),
        (
            b'{"order":{"order_id":["canary"]}}',
            "a JSON object of 33 bytes, wrong at $.order.order_id",
        ),
        (b'{"errcode":[]}', "a JSON object of 14 bytes, wrong at $.errcode"),
        (b'{"order":{}}', "a JSON object of 12 bytes, wrong at $.order"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_what_is_not_the_promised_document_is_unreadable(body: bytes, words: str) -> None:
    """A3, A5, A11: the message tells kind and size, never content; it is asked for once a call.

    It says nothing of other calls: however often it is asked for, the endpoint stays open and the
    shop is not taken to be down.
    """

    def script(request: Received) -> Raw:
        return OK if request.body == b"{}" else answer(body)

    async with playing(script, limits=UpstreamLimits()) as (client, played):
        for _ in range(6):
            with pytest.raises(PlatformUnreadable) as caught:
                await client.call(READ, Ask(order_id="bad"), fresh=True)
        assert availability(client) is Availability.DEGRADED
        assert len(played.received) == 6
        assert (await client.call(READ, Ask())).body == GOT
        assert availability(client) is Availability.UP
    assert words in str(caught.value)
    assert "canary" not in str(caught.value)
    assert caught.value.http_status == 200
    assert caught.value.code == "PLATFORM_UNAVAILABLE"


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        (b"a\x01b\tc", "a\x01b\tc"),
        (b"a\x00b", "a\x00b"),
        (b"caf\xc3", "caf\ufffd"),
        (b"\\ud83d", "\ufffd"),
        ("张三".encode("gb18030"), "张三"),
        ("北京市朝阳区建国路88号".encode("gb18030"), "北京市朝阳区建国路88号"),
        # The second byte of this one is that of a backslash.
        ("誠".encode("gb18030"), "誠"),
        ('誠\\"誠'.encode("gb18030"), '誠"誠'),
        ("\U0001f375茶".encode("gb18030"), "\U0001f375茶"),
        ("红茶".encode()[:-1], "红\ufffd"),
        ("iPhone 手机壳".encode()[:9], "iPhone \ufffd"),
        ("红茶".encode()[1:], "\ufffd\ufffd茶"),
        ("红茶".encode()[:-1] + b"...", "红\ufffd..."),
        ("\ufffd茶".encode() + b"\xff", "\ufffd茶\ufffd"),
        ("\ud83c\udf75茶".encode("utf-8", "surrogatepass"), "\U0001f375茶"),
        ("茶\ud83c".encode("utf-8", "surrogatepass"), "茶\ufffd"),
        (b"\xff\xfe\x80", "\ufffd\ufffd\ufffd"),
        (b"", ""),
    ],
    ids=ascii,
)
async def test_what_people_typed_does_not_hide_the_answer(typed: bytes, read: str) -> None:
    """However much of the document it is, and whatever the others are written in."""
    note = "茶".encode()
    body = b'{"order":{"order_id":"%b"},"%b":"%b","\xb2\xe2":1}' % (typed, note, note)
    async with playing(lambda _: answer(body)) as (client, played):
        got = await client.call(READ, Ask())
        assert got.value.order == Order(order_id=read)
        document = json.loads(repaired(got.body) or b"")
        assert document == {"order": {"order_id": read}, "茶": "茶", "测": 1}
        assert availability(client) is Availability.UP
    assert len(played.received) == 1


@pytest.mark.parametrize(
    ("typed", "marked"),
    [
        (b"caf\xc3", "caf\ufffd"),
        (b"\\ud83d", "\ufffd"),
        ("茶叶".encode("gb18030"), "\ufffd\ufffd\u04b6"),
        (b"a\x01b", None),
        ("\ufffd".encode() + b"\x01", None),
    ],
    ids=["cut off within a character", "half of a pair", "GB18030", "control", "U+FFFD itself"],
)
async def test_an_answer_marks_what_was_not_sent_whole(typed: bytes, marked: str | None) -> None:
    """What is written back looks there: a guess at an encoding must not be sent as the truth."""
    body = b'{"order":{"order_id":"%b"}}' % typed
    async with playing(lambda _: answer(body)) as (client, _):
        got = await client.call(READ, Ask())
    assert got.marked == (None if marked is None else Got(order=Order(order_id=marked)))


AROUND = {
    "white space": (b" \t\r\n", b"\r\n \n"),
    "a byte order mark": (b"\xef\xbb\xbf", b""),
    "two of them": (b"\xef\xbb\xbf\xef\xbb\xbf", b"\xef\xbb\xbf"),
    "NUL": (b"", b"\x00"),
    "many NUL": (b"\x00" * 512, b"\x00" * 4096),
    "both": (b"\n\xef\xbb\xbf\n", b"\n\x00\n\xef\xbb\xbf"),
    "control characters": (b"\x01\x1a\x7f", b"\x1a\x04"),
    "spaces of other scripts": ("\u3000\xa0\u200b".encode(), "\u2028\u2060\x85".encode()),
}


@pytest.mark.parametrize("around", list(AROUND))
@pytest.mark.parametrize("kind", ["application/json", "text/plain", "text/html; charset=gbk", ""])
@pytest.mark.parametrize("row", [READ, WRITE], ids=lambda row: row.name)
async def test_what_means_nothing_around_an_answer_is_passed_over(
    around: str, kind: str, row: Endpoint[Ask, Got]
) -> None:
    before, behind = AROUND[around]
    raw = answer(before + GOT + behind, headers={"content-type": kind})
    async with playing(lambda _: raw) as (client, played):
        assert (await client.call(row, Ask())).body == GOT
    assert len(played.received) == 1


@pytest.mark.parametrize("status", [200, 403, 500])
async def test_a_refusal_is_read_whatever_stands_around_it(status: int) -> None:
    raw = answer(b'\xef\xbb\xbf\n{"errcode":45009}\x00', status)
    async with playing(lambda _: raw, **no_delay()) as (client, _):
        with pytest.raises(PlatformQuotaExceeded) as caught:
            await client.call(READ, Ask())
    assert caught.value.platform_code == "45009"


@pytest.mark.parametrize("body", [b"\xef\xbb\xbf", b"\x00\x00", b" \n"], ids=ascii)
async def test_nothing_but_what_means_nothing_is_an_empty_body(body: bytes) -> None:
    async with playing(lambda _: answer(body)) as (client, _):
        with pytest.raises(PlatformUnreadable, match="an empty body"):
            await client.call(READ, Ask())


async def test_a_sound_document_with_a_failing_status_is_no_answer() -> None:
    limits = UpstreamLimits(retries=0)
    async with playing(lambda _: answer(GOT, 503), limits=limits) as (client, _):
        with pytest.raises(PlatformUnavailable, match="HTTP 503 with a JSON object"):
            await client.call(READ, Ask())


async def test_json_under_another_name_is_read() -> None:
    text = answer(GOT, headers={"content-type": "text/plain"})
    async with playing(lambda _: text) as (client, _):
        assert (await client.call(READ, Ask())).body == GOT


@pytest.mark.parametrize(
    ("code", "kind", "attempts", "retry_after"),
    [
        (40035, PlatformRejected, 1, None),
        ("40035", PlatformRejected, 1, None),
        (-1, PlatformUnavailable, 3, None),
        (45009, PlatformQuotaExceeded, 1, 3600.0),
        (45011, PlatformQuotaExceeded, 1, 60.0),
        (40013, PlatformCredentials, 1, None),
        (40001, PlatformCredentials, 1, None),
    ],
)
async def test_a_refusal_is_what_the_table_says(
    code: int | str,
    kind: type[PlatformFailure],
    attempts: int,
    retry_after: float | None,
) -> None:
    body = json.dumps({"errcode": code, "errmsg": "no rid: 5f5b-1"})
    async with playing(lambda _: answer(body), **no_delay()) as (client, played):
        with pytest.raises(kind) as caught:
            await client.call(READ, Ask())
    assert type(caught.value) is kind
    assert caught.value.platform_code == str(code)
    assert caught.value.request_id == "5f5b-1"
    assert caught.value.retry_after == retry_after
    assert len(played.received) == attempts
    if kind is PlatformRejected:
        assert str(caught.value) == "no"


async def test_a_code_that_means_nothing_is_passed() -> None:
    async with playing(lambda _: answer(b'{"errcode":1}')) as (client, _):
        assert (await client.call(READ, Ask())).value == Got()


@pytest.mark.parametrize(
    ("status", "kind", "retry_after"),
    [
        (302, PlatformUnreadable, None),
        (401, PlatformCredentials, None),
        (403, PlatformCredentials, None),
        (404, PlatformRejected, None),
        (429, PlatformQuotaExceeded, 7.0),
        (500, PlatformUnavailable, 7.0),
        (503, PlatformUnavailable, 7.0),
    ],
)
async def test_an_http_status_without_words_of_the_platform(
    status: int, kind: type[PlatformFailure], retry_after: float | None
) -> None:
    headers = {"retry-after": "7"} if retry_after else {"location": "http://127.0.0.1:9/canary"}
    page = answer("<html>canary</html>", status, headers=headers)
    limits = UpstreamLimits(retries=0)
    async with playing(lambda _: page, limits=limits) as (client, played):
        with pytest.raises(kind) as caught:
            await client.call(READ, Ask())
    assert type(caught.value) is kind
    assert caught.value.http_status == status
    assert caught.value.retry_after == retry_after
    assert "canary" not in str(caught.value)
    assert f"HTTP {status}" in str(caught.value)
    assert len(played.received) == 1


async def test_an_http_status_with_words_of_the_platform() -> None:
    refusal = answer('{"errcode":45009,"errmsg":"reach max api daily quota limit"}', 403)
    async with playing(lambda _: refusal) as (client, _):
        with pytest.raises(PlatformQuotaExceeded, match="reach max api daily quota limit"):
            await client.call(READ, Ask())


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (Raw(b"", then="reset"), PlatformUnavailable),
        (Raw(b"", then="close"), PlatformUnavailable),
        (Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nabc", then="close"), PlatformMalformed),
        (Raw(b"SMTP ready\r\n\r\n"), PlatformMalformed),
        (answer(b"a" * 10_001), PlatformAnswerTooLarge),
        (Raw(b"", then="hang"), PlatformTimeout),
    ],
    ids=["reset", "closed", "short", "no HTTP", "too large", "silence"],
)
async def test_a_broken_exchange_of_a_write_is_not_repeated(
    raw: Raw, kind: type[PlatformFailure]
) -> None:
    """A2: the outbox decides about writes; `sent` says that it may have arrived."""
    limits = QUICK if kind is PlatformTimeout else PATIENT
    async with playing(lambda _: raw, limits=limits) as (client, played):
        with pytest.raises(kind) as caught:
            await client.call(WRITE, Ask())
    assert type(caught.value) is kind
    assert caught.value.sent
    assert len(played.received) == 1


async def test_a_refused_connection_was_not_sent() -> None:
    async with client_of(f"http://127.0.0.1:{free_port()}", **no_delay()) as client:
        with pytest.raises(PlatformUnavailable) as caught:
            await client.call(WRITE, Ask())
    assert not caught.value.sent


async def test_an_answer_that_is_too_large_is_not_asked_for_again() -> None:
    async with playing(lambda _: answer(b"a" * 10_001), **no_delay()) as (client, played):
        with pytest.raises(PlatformAnswerTooLarge, match="10000 bytes; ask for less"):
            await client.call(READ, Ask())
    assert len(played.received) == 1


async def test_headers_that_are_too_large_are_one_failure_that_says_so() -> None:
    huge = Raw(b"HTTP/1.1 200 OK\r\n" + b"x: " + b"y" * 2_000_000 + b"\r\n\r\n")
    async with playing(lambda _: huge, **no_delay()) as (client, played):
        with pytest.raises(PlatformHeadersTooLarge, match="headers are too large") as caught:
            await client.call(READ, Ask())
        assert caught.value.sent
    assert len(played.received) == 1
