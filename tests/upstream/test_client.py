"""The call path against a real server: what is asked, repeated, shared, refused."""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from gateway.errors import (
    ConfigurationError,
    Overloaded,
    PlatformAnswerTooLarge,
    PlatformCredentials,
    PlatformFailure,
    PlatformMalformed,
    PlatformQuotaExceeded,
    PlatformRejected,
    PlatformTimeout,
    PlatformUnavailable,
)
from gateway.upstream.answer import AnswerState
from gateway.upstream.client import PlatformClient
from gateway.upstream.health import Availability
from gateway.upstream.limits import UpstreamLimits
from gateway.upstream.transport import UpstreamTransport
from tests.upstream.clients import client_of, playing
from tests.upstream.rows import (
    ERRORS,
    GOT,
    READ,
    UNCACHED,
    UPLOAD,
    WRITE,
    Ask,
    Got,
    Hands,
    Listener,
    Upload,
)
from tests.upstream.server import (
    Raw,
    Received,
    answer,
    free_port,
    in_turn,
    platform,
)

OK = answer(GOT)


def availability(client: PlatformClient) -> Availability:
    return client.health.report.availability


def no_delay() -> dict[str, Any]:
    """A clock whose sleeps take no time."""

    async def awake(_: float) -> None:
        await asyncio.sleep(0)

    return {"clock": _ticking(awake)}


def _ticking(awake: Callable[[float], Any]) -> Any:
    hands = Hands()
    clock = hands.clock(awake=awake)
    return type(clock)(
        monotonic=time.monotonic, wall=clock.wall, sleep=clock.sleep, random=clock.random
    )


async def test_reads_an_answer() -> None:
    async with playing(lambda _: OK) as (client, played):
        got = await client.call(READ, Ask(order_id="7"))
    assert got.state is AnswerState.LIVE
    assert got.body == GOT
    assert got.value.order is not None
    assert (got.value.order.order_id, got.value.order.price) == ("7", 5)
    assert got.error is None
    (request,) = played.received
    assert (request.method, request.target, request.body) == (
        "POST",
        "/order/get",
        b'{"order_id":"7"}',
    )
    assert request.headers == {
        "host": played.url.removeprefix("http://"),
        "accept-encoding": "gzip",
        "content-type": "application/json; charset=utf-8",
        "content-length": "16",
    }


async def test_sends_text_as_raw_utf8() -> None:
    """WeChat refuses escapes in requests with 40033."""
    async with playing(lambda _: OK) as (client, played):
        await client.call(READ, Ask(note="茶叶😀"))
    assert played.received[0].body == '{"note":"茶叶😀"}'.encode()


async def test_sends_an_image_as_it_is_with_its_name_in_the_query() -> None:
    async with playing(lambda _: OK) as (client, played):
        await client.call(UPLOAD, Upload(filename="红 茶&.png", content=b"\x89PNG\x00"))
    (request,) = played.received
    assert request.target == "/image/add?filename=%E7%BA%A2%20%E8%8C%B6%26.png"
    assert request.body == b"\x89PNG\x00"
    assert request.headers["content-type"] == "application/octet-stream"


async def test_a_second_call_is_served_from_the_cache() -> None:
    async with playing(lambda _: OK) as (client, played):
        first = await client.call(READ, Ask(order_id="7"))
        second = await client.call(READ, Ask(order_id="7"))
        await client.call(READ, Ask(order_id="8"))
    assert len(played.received) == 2
    assert second.state is AnswerState.CACHED
    assert second.value is first.value
    assert second.fetched_at == first.fetched_at


async def test_a_row_without_a_lifetime_is_asked_each_time() -> None:
    async with playing(lambda _: OK) as (client, played):
        await client.call(UNCACHED, Ask())
        assert (await client.call(UNCACHED, Ask())).state is AnswerState.LIVE
    assert len(played.received) == 2


async def test_a_fresh_call_passes_the_cache_by_and_fills_it() -> None:
    other = answer(b'{"order":{"order_id":"8"}}')
    async with playing(in_turn(OK, other)) as (client, _):
        await client.call(READ, Ask())
        assert (await client.call(READ, Ask(), fresh=True)).state is AnswerState.LIVE
        cached = await client.call(READ, Ask())
    assert cached.state is AnswerState.CACHED
    assert cached.body == other.data.split(b"\r\n\r\n")[1]


async def test_a_lifetime_of_nothing_keeps_nothing() -> None:
    async with platform(lambda _: OK) as played:
        transport = UpstreamTransport()
        client = PlatformClient(
            "s", played.url, transport=transport, errors=ERRORS, lifetimes={"orders": 0.0}
        )
        await client.call(READ, Ask())
        await client.call(READ, Ask())
        await transport.aclose()
    assert len(played.received) == 2


async def test_a_lifetime_that_nobody_configured_is_said() -> None:
    client = PlatformClient("s", "http://127.0.0.1:9", transport=UpstreamTransport(), errors=ERRORS)
    with pytest.raises(ConfigurationError, match=r"order\.get: no lifetime .* for orders"):
        await client.call(READ, Ask())


async def test_identical_calls_in_flight_are_made_once() -> None:
    async with playing(lambda _: answer(GOT, wait=0.05)) as (client, played):
        answers = await asyncio.gather(*(client.call(UNCACHED, Ask()) for _ in range(100)))
    assert len(played.received) == 1
    assert len({id(one.value) for one in answers}) == 1


async def test_writes_are_never_shared() -> None:
    async with playing(lambda _: answer(GOT, wait=0.05)) as (client, played):
        await asyncio.gather(*(client.call(WRITE, Ask()) for _ in range(3)))
    assert len(played.received) == 3


async def test_a_caller_who_leaves_does_not_take_the_call_from_the_others() -> None:
    async with playing(lambda _: answer(GOT, wait=0.1)) as (client, played):
        callers = [asyncio.create_task(client.call(READ, Ask())) for _ in range(3)]
        await asyncio.sleep(0.03)
        callers[0].cancel()
        assert (await callers[1]).body == GOT
        assert (await callers[2]).body == GOT
    assert len(played.received) == 1


async def test_when_all_callers_have_left_the_call_is_called_off() -> None:
    listener = Listener()
    slow = answer(GOT, wait=0.2)
    async with playing(lambda _: slow, observer=listener) as (client, played):
        callers = [asyncio.create_task(client.call(READ, Ask())) for _ in range(3)]
        await asyncio.sleep(0.03)
        for caller in callers:
            caller.cancel()
        await asyncio.gather(*callers, return_exceptions=True)
        await asyncio.sleep(0.01)
        assert listener.heard == [("flagship", "order.get", "cancelled")]
        assert (await client.call(READ, Ask())).body == GOT
    assert len(played.received) == 2


async def test_one_callers_deadline_does_not_end_the_shared_call() -> None:
    async with playing(lambda _: answer(GOT, wait=0.15)) as (client, played):
        patient = asyncio.create_task(client.call(READ, Ask()))
        await asyncio.sleep(0)
        with pytest.raises(PlatformTimeout) as caught:
            await client.call(READ, Ask(), deadline=time.monotonic() + 0.03)
        assert (await patient).body == GOT
    assert caught.value.endpoint == "order.get"
    assert len(played.received) == 1


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
        (b'\xef\xbb\xbf{"errcode":0}', "something other than JSON of 16 bytes"),
        ('{"errmsg":"茶"}'.encode("gb18030"), "broken JSON of 15 bytes"),
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
async def test_what_is_not_the_promised_document_is_malformed(body: bytes, words: str) -> None:
    """A3, A5, A11: the message tells kind and size, never content; the breaker counts it."""
    limits = UpstreamLimits(retries=0, read_timeout=2.0)
    async with playing(lambda _: answer(body), limits=limits) as (client, _):
        with pytest.raises(PlatformMalformed) as caught:
            await client.call(READ, Ask())
        assert availability(client) is Availability.DEGRADED
    assert words in str(caught.value)
    assert "canary" not in str(caught.value)
    assert caught.value.http_status == 200
    assert caught.value.code == "PLATFORM_UNAVAILABLE"


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
        (302, PlatformMalformed, None),
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
    async with playing(lambda _: raw) as (client, played):
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


async def test_a_read_is_repeated_until_it_succeeds() -> None:
    busy = answer('{"errcode":-1}')
    async with playing(in_turn(Raw(b"", then="reset"), busy, OK), **no_delay()) as (client, played):
        assert (await client.call(READ, Ask())).state is AnswerState.LIVE
        assert availability(client) is Availability.UP
    assert len(played.received) == 3


async def test_an_answer_that_is_too_large_is_not_asked_for_again() -> None:
    async with playing(lambda _: answer(b"a" * 10_001), **no_delay()) as (client, played):
        with pytest.raises(PlatformAnswerTooLarge, match="10000 bytes; ask for less"):
            await client.call(READ, Ask())
    assert len(played.received) == 1


async def test_no_repetition_begins_past_the_deadline() -> None:
    busy = answer("", 503, headers={"retry-after": "60"})
    async with playing(lambda _: busy) as (client, played):
        with pytest.raises(PlatformUnavailable):
            await client.call(READ, Ask())
    assert len(played.received) == 1


async def test_a_deadline_that_has_passed_sends_nothing() -> None:
    async with playing(lambda _: OK) as (client, played):
        with pytest.raises(PlatformTimeout) as caught:
            await client.call(WRITE, Ask(), deadline=time.monotonic() - 1)
    assert not caught.value.sent
    assert played.received == []


async def test_the_total_deadline_ends_a_slow_loris() -> None:
    """A7."""
    slow = Raw(OK.data, drip=0.02)
    async with playing(lambda _: slow) as (client, _):
        began = time.monotonic()
        with pytest.raises(PlatformTimeout) as caught:
            await client.call(WRITE, Ask(), deadline=began + 0.4)
    assert 0.3 < time.monotonic() - began < 0.8
    assert caught.value.sent


async def test_failures_in_a_row_open_the_breaker_and_a_probe_closes_it() -> None:
    """A6: five calls reach a failing platform, then none; after the pause one tries."""
    hands = Hands()
    limits = UpstreamLimits(retries=0)
    down = answer("", 503)
    async with playing(lambda _: down, limits=limits, clock=hands.clock()) as (client, played):
        for _ in range(8):
            with pytest.raises(PlatformUnavailable) as caught:
                await client.call(UNCACHED, Ask())
        assert len(played.received) == 5
        assert not caught.value.sent
        assert caught.value.retry_after == 30.0
        assert availability(client) is Availability.DOWN
        hands.time += 31
        with pytest.raises(PlatformUnavailable):
            await client.call(UNCACHED, Ask())
        with pytest.raises(PlatformUnavailable):
            await client.call(UNCACHED, Ask())
        assert len(played.received) == 6
        hands.time += 31
        played.script = lambda _: OK
        await asyncio.gather(*(client.call(UNCACHED, Ask()) for _ in range(3)))
        await client.call(UNCACHED, Ask(order_id="8"))
        assert availability(client) is Availability.UP
    assert len(played.received) == 8


async def test_one_probe_at_a_time_and_a_cancelled_one_frees_its_place() -> None:
    hands = Hands()
    down = answer("", 503)
    async with playing(lambda _: down, limits=UpstreamLimits(retries=0), clock=hands.clock()) as (
        client,
        played,
    ):
        for _ in range(5):
            with pytest.raises(PlatformUnavailable):
                await client.call(WRITE, Ask())
        hands.time += 31
        played.script = lambda _: answer(GOT, wait=0.1)
        probe = asyncio.create_task(client.call(WRITE, Ask()))
        await asyncio.sleep(0.03)
        with pytest.raises(PlatformUnavailable):
            await client.call(WRITE, Ask())
        probe.cancel()
        with pytest.raises(asyncio.CancelledError):
            await probe
        await client.call(WRITE, Ask())


async def test_business_refusals_never_open_the_breaker() -> None:
    no = answer('{"errcode":40035}')
    async with playing(lambda _: no) as (client, played):
        for _ in range(10):
            with pytest.raises(PlatformRejected):
                await client.call(UNCACHED, Ask())
        assert availability(client) is Availability.UP
    assert len(played.received) == 10


async def test_repetitions_stay_within_their_budget() -> None:
    """A6: three at the start, then one for five first attempts."""
    busy = answer('{"errcode":-1}')
    async with playing(lambda request: OK if request.body == b"{}" else busy, **no_delay()) as (
        client,
        played,
    ):
        for _ in range(4):
            with pytest.raises(PlatformUnavailable):
                await client.call(UNCACHED, Ask(order_id="busy"))
            for _ in range(5):
                await client.call(UNCACHED, Ask())
    asked = [request for request in played.received if request.body != b"{}"]
    assert len(asked) == 4 + 6


async def test_calls_beyond_the_connections_wait_and_give_up_at_the_deadline() -> None:
    limits = UpstreamLimits(max_connections=1)
    async with playing(lambda _: answer(GOT, wait=0.2), limits=limits) as (client, played):
        first = asyncio.create_task(client.call(WRITE, Ask()))
        await asyncio.sleep(0.02)
        with pytest.raises(PlatformTimeout) as caught:
            await client.call(WRITE, Ask(), deadline=time.monotonic() + 0.05)
        assert not caught.value.sent
        await first
        await client.call(WRITE, Ask())
    assert len(played.received) == 2


async def test_calls_beyond_the_queue_are_refused_at_once() -> None:
    limits = UpstreamLimits(max_connections=1)
    async with playing(lambda _: answer(GOT, wait=0.2), limits=limits) as (client, _):
        calls = [asyncio.create_task(client.call(WRITE, Ask())) for _ in range(1002)]
        done, waiting = await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
        (refused,) = done
        assert isinstance(refused.exception(), Overloaded)
        for call in waiting:
            call.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def test_observers_hear_of_each_attempt() -> None:
    listener = Listener()
    script = in_turn(
        answer('{"errcode":-1}'), answer('{"errcode":40035}'), OK, Raw(b"", then="hang")
    )
    async with playing(script, observer=listener, **no_delay()) as (client, _):
        with pytest.raises(PlatformRejected):
            await client.call(READ, Ask())
        await client.call(READ, Ask())
        with pytest.raises(PlatformTimeout):
            await client.call(WRITE, Ask())
    assert listener.heard == [
        ("flagship", "order.get", "busy"),
        ("flagship", "order.get", "rejected"),
        ("flagship", "order.get", "ok"),
        ("flagship", "order.close", "timeout"),
    ]


async def test_health_tells_observers_of_changes() -> None:
    heard: list[tuple[str, Availability]] = []
    no = answer("", 401)
    async with playing(in_turn(OK, OK, no)) as (client, _):
        assert availability(client) is Availability.UNKNOWN
        client.health.observers.append(lambda shop, now: heard.append((shop, now)))
        await client.call(UNCACHED, Ask())
        await client.call(UNCACHED, Ask())
        with pytest.raises(PlatformCredentials):
            await client.call(UNCACHED, Ask())
        report = client.health.report
    assert heard == [("flagship", Availability.UP), ("flagship", Availability.DOWN)]
    assert report.last_success_at is not None
    assert report.checked_at is not None
    assert report.checked_at >= report.last_success_at
    assert report.last_error is not None
    assert report.last_error.http_status == 401
    assert report.last_error.__traceback__ is None


async def test_what_is_made_from_an_answer_is_made_once() -> None:
    made: list[Got] = []

    def order_id(got: Got) -> str:
        made.append(got)
        assert got.order is not None
        return got.order.order_id

    async with playing(lambda _: OK) as (client, _):
        first = await client.call(READ, Ask())
        second = await client.call(READ, Ask())
        assert first.derive(order_id) == second.derive(order_id) == "7"
        for number in range(10):
            assert first.derive(lambda _, number=number: number) == number  # type: ignore[misc] # mypy takes the default for a second argument
        assert second.derive(order_id) == "7"
    assert len(made) == 2


async def test_a_burst_of_cancelled_callers_leaves_it_healthy() -> None:
    def script(request: Received) -> Raw:
        return answer(GOT, wait=5.0 * (request.body != b"{}"))

    async with playing(script, limits=UpstreamLimits()) as (client, _):
        burst = [asyncio.create_task(client.call(READ, Ask(order_id=str(n)))) for n in range(500)]
        await asyncio.sleep(0.1)
        for task in burst:
            task.cancel()
        await asyncio.gather(*burst, return_exceptions=True)
        async with asyncio.timeout(10):
            await asyncio.gather(*(client.call(WRITE, Ask()) for _ in range(200)))
