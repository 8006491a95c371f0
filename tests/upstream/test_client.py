"""The call path against a real server: what is asked, shared, kept, timed out."""

import asyncio
import time

import pytest

from gateway.errors import (
    ConfigurationError,
    PlatformTimeout,
)
from gateway.upstream.answer import AnswerState
from gateway.upstream.client import PlatformClient
from gateway.upstream.transport import UpstreamTransport
from tests.upstream.clients import playing
from tests.upstream.rows import (
    ERRORS,
    GOT,
    READ,
    UNCACHED,
    UPLOAD,
    WRITE,
    Ask,
    Got,
    Listener,
    Upload,
)
from tests.upstream.server import (
    Raw,
    answer,
    in_turn,
    platform,
)
from tests.waiting import eventually

OK = answer(GOT)


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
    answers = iter([answer(GOT, wait=1.5), answer(GOT)])
    async with playing(lambda _: next(answers), observer=listener) as (client, played):
        callers = [asyncio.create_task(client.call(READ, Ask())) for _ in range(3)]
        await eventually(lambda: len(played.received) == 1)
        for caller in callers:
            caller.cancel()
        await asyncio.gather(*callers, return_exceptions=True)
        await eventually(lambda: listener.heard == [("flagship", "order.get", "cancelled")])
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
        # Each byte comes in time for the read timeout: without a deadline all of them would come.
        with pytest.raises(PlatformTimeout) as caught:
            await client.call(WRITE, Ask(), deadline=time.monotonic() + 0.4)
    assert caught.value.sent


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
