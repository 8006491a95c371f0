"""Repetitions, breaker, bulkhead and health: what keeps a failing platform from spreading."""

import asyncio
import socket
import time
from dataclasses import replace

import pytest

from gateway.errors import (
    Overloaded,
    PlatformConnectTimeout,
    PlatformCredentials,
    PlatformFailure,
    PlatformRejected,
    PlatformTimeout,
    PlatformUnavailable,
)
from gateway.upstream.answer import AnswerState
from gateway.upstream.client import PlatformClient
from gateway.upstream.endpoint import Endpoint
from gateway.upstream.health import Availability
from gateway.upstream.limits import UpstreamLimits
from tests.upstream.clients import PATIENT, QUICK, client_of, no_delay, playing
from tests.upstream.rows import (
    GOT,
    READ,
    UNCACHED,
    WRITE,
    Ask,
    Got,
    Hands,
    Listener,
)
from tests.upstream.server import (
    Raw,
    Received,
    answer,
    free_port,
    in_turn,
)
from tests.waiting import eventually

OK = answer(GOT)
#: For platforms that answer some calls and fall silent at others.
SOON = replace(QUICK, read_timeout=1.0)


def availability(client: PlatformClient) -> Availability:
    return client.health.report.availability


async def test_a_read_is_repeated_until_it_succeeds() -> None:
    busy = answer('{"errcode":-1}')
    listener = Listener()
    script = in_turn(Raw(b"", then="reset"), busy, OK)
    async with playing(script, observer=listener, **no_delay()) as (client, played):
        assert (await client.call(READ, Ask())).state is AnswerState.LIVE
        assert availability(client) is Availability.UP
    assert len(played.received) == 3
    assert listener.troubles == [("flagship", "order.get", "retried")] * 2


async def test_no_repetition_begins_past_the_deadline() -> None:
    busy = answer("", 503, headers={"retry-after": "600"})
    async with playing(lambda _: busy) as (client, played):
        with pytest.raises(PlatformUnavailable):
            await client.call(READ, Ask())
    assert len(played.received) == 1


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


async def test_an_endpoint_that_fails_leaves_the_others_of_its_shop_alone() -> None:
    def script(request: Received) -> Raw:
        return OK if request.target == "/order/get" else answer("<html>", 502)

    limits = UpstreamLimits(retries=0)
    async with playing(script, limits=limits, clock=Hands().clock()) as (client, played):
        for _ in range(8):
            with pytest.raises(PlatformUnavailable):
                await client.call(UNCACHED, Ask())
        assert (await client.call(READ, Ask())).state is AnswerState.LIVE
        with pytest.raises(PlatformUnavailable):
            await client.call(UNCACHED, Ask())
    assert [request.target for request in played.received] == ["/order/look"] * 5 + ["/order/get"]


async def test_a_platform_that_cannot_be_connected_to_fails_all_endpoints() -> None:
    hands, listener = Hands(), Listener()
    url = f"http://127.0.0.1:{free_port()}"
    limits = UpstreamLimits(retries=0)
    async with client_of(url, limits=limits, clock=hands.clock(), observer=listener) as client:
        for _ in range(5):
            with pytest.raises(PlatformUnavailable, match="no connection"):
                await client.call(UNCACHED, Ask())
        with pytest.raises(PlatformUnavailable, match="left alone") as caught:
            await client.call(READ, Ask())
        assert not caught.value.sent
        hands.time += 31
        with pytest.raises(PlatformUnavailable, match="no connection"):
            await client.call(READ, Ask())
    assert [endpoint for _, endpoint, _ in listener.heard] == ["order.look"] * 5 + ["order.get"]


async def test_observers_hear_which_endpoint_is_left_alone_and_since_when_no_more() -> None:
    hands, listener = Hands(), Listener()
    limits = UpstreamLimits(retries=0)

    def script(request: Received) -> Raw:
        return OK if request.target == "/order/get" else answer("", 503)

    async with playing(script, limits=limits, clock=hands.clock(), observer=listener) as (
        client,
        played,
    ):
        await client.call(READ, Ask())
        for _ in range(8):
            with pytest.raises(PlatformUnavailable):
                await client.call(UNCACHED, Ask())
        hands.time += 31
        with pytest.raises(PlatformUnavailable):
            await client.call(UNCACHED, Ask())
        hands.time += 31
        played.script = lambda _: OK
        await client.call(UNCACHED, Ask())
    assert listener.turns == [
        ("flagship", "order.get", False),
        ("flagship", "order.look", False),
        ("flagship", "order.look", True),
        ("flagship", "order.look", False),
    ]
    assert listener.troubles == [
        ("flagship", "order.look", "opened"),
        *[("flagship", "order.look", "refused")] * 3,
    ]


async def test_observers_hear_that_all_are_left_alone_where_no_connection_can_be_made() -> None:
    hands, listener = Hands(), Listener()
    url = f"http://127.0.0.1:{free_port()}"
    limits = UpstreamLimits(retries=0)
    async with client_of(url, limits=limits, clock=hands.clock(), observer=listener) as client:
        for _ in range(5):
            with pytest.raises(PlatformUnavailable):
                await client.call(UNCACHED, Ask())
        with pytest.raises(PlatformUnavailable, match="left alone"):
            await client.call(READ, Ask())
    assert listener.turns == [
        ("flagship", "order.look", False),
        ("flagship", "order.look", True),
        ("flagship", "order.get", True),
    ]
    assert listener.troubles == [
        ("flagship", "order.look", "opened"),
        ("flagship", "order.get", "refused"),
    ]


async def test_time_that_was_spent_before_the_call_is_no_failure_of_the_platform() -> None:
    async with playing(lambda _: OK) as (client, played):
        for _ in range(6):
            with pytest.raises(PlatformTimeout):
                await client.call(WRITE, Ask(), deadline=time.monotonic() - 1)
        await client.call(WRITE, Ask())
    assert len(played.received) == 1


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


@pytest.mark.parametrize(("row", "fresh"), [(UNCACHED, True), (READ, True), (READ, False)])
async def test_a_list_does_not_wait_for_the_probe_of_a_platform_that_stopped_answering(
    row: Endpoint[Ask, Got], *, fresh: bool
) -> None:
    hands, listener = Hands(), Listener()
    down = answer("", 503)
    limits = replace(PATIENT, retries=0)
    async with playing(lambda _: down, limits=limits, clock=hands.clock(), observer=listener) as (
        client,
        played,
    ):
        for _ in range(5):
            with pytest.raises(PlatformUnavailable):
                await client.call(row, Ask(), fresh=fresh, probe_seconds=0.02)
        hands.time += 31
        played.script = lambda _: answer(GOT, wait=0.3)
        with pytest.raises(PlatformTimeout):
            await client.call(row, Ask(), fresh=fresh, probe_seconds=0.02)
        with pytest.raises(PlatformFailure):
            await client.call(row, Ask(order_id="8"), fresh=fresh, probe_seconds=0.02)
        # The probe goes on without the list, and closes the breaker.
        await eventually(lambda: listener.turns[-1] == ("flagship", row.name, False))
        assert len(played.received) == 6
        # From then on a list waits as long as it may.
        found = await client.call(row, Ask(order_id="9"), fresh=fresh, probe_seconds=0.02)
    assert found.state is AnswerState.LIVE
    assert len(played.received) == 7


async def test_a_probe_that_fails_without_its_list_keeps_the_breaker_open() -> None:
    hands = Hands()
    limits = replace(PATIENT, retries=0)
    async with playing(lambda _: answer("", 503), limits=limits, clock=hands.clock()) as (
        client,
        played,
    ):
        for _ in range(5):
            with pytest.raises(PlatformUnavailable):
                await client.call(UNCACHED, Ask())
        hands.time += 31
        played.script = lambda _: answer("", 503, wait=0.1)
        with pytest.raises(PlatformTimeout):
            await client.call(UNCACHED, Ask(), fresh=True, probe_seconds=0.02)
        await eventually(lambda: len(client._flights) == 0)  # noqa: SLF001 - nobody waits for it
        with pytest.raises(PlatformUnavailable, match="left alone"):
            await client.call(UNCACHED, Ask(), fresh=True, probe_seconds=0.02)
    assert len(played.received) == 6


async def test_a_list_that_leaves_ends_its_probe_and_frees_its_place() -> None:
    hands = Hands()
    limits = replace(PATIENT, retries=0)
    async with playing(lambda _: answer("", 503), limits=limits, clock=hands.clock()) as (
        client,
        played,
    ):
        for _ in range(5):
            with pytest.raises(PlatformUnavailable):
                await client.call(UNCACHED, Ask())
        hands.time += 31
        played.script = lambda _: Raw(b"", then="hang")
        leaving = asyncio.create_task(client.call(UNCACHED, Ask(), fresh=True, probe_seconds=60.0))
        await eventually(lambda: len(played.received) == 6)
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
        played.script = lambda _: OK
        await eventually(lambda: len(client._flights) == 0)  # noqa: SLF001 - nobody waits for it
        await client.call(UNCACHED, Ask(), fresh=True, probe_seconds=60.0)
    assert len(played.received) == 7


async def test_business_refusals_never_open_the_breaker() -> None:
    no = answer('{"errcode":40035}')
    async with playing(lambda _: no) as (client, played):
        for _ in range(10):
            with pytest.raises(PlatformRejected):
                await client.call(UNCACHED, Ask())
        assert availability(client) is Availability.UP
    assert len(played.received) == 10


async def test_two_timeouts_in_a_row_open_the_breaker_of_their_endpoint() -> None:
    def script(request: Received) -> Raw:
        return OK if request.target == "/order/get" else Raw(b"", then="hang")

    async with playing(script, limits=SOON, **no_delay()) as (client, played):
        for _ in range(2):
            with pytest.raises(PlatformTimeout):
                await client.call(UNCACHED, Ask())
        with pytest.raises(PlatformUnavailable, match="left alone") as caught:
            await client.call(UNCACHED, Ask())
        assert not caught.value.sent
        assert (await client.call(READ, Ask())).state is AnswerState.LIVE
        assert availability(client) is Availability.UP
    # None of them was attempted twice.
    assert [request.target for request in played.received] == ["/order/look"] * 2 + ["/order/get"]


async def test_timeouts_that_are_not_in_a_row_open_nothing() -> None:
    silence = Raw(b"", then="hang")
    script = in_turn(silence, answer("", 503), silence, OK, silence, OK)
    async with playing(script, limits=replace(SOON, retries=0)) as (client, played):
        for failure in (PlatformTimeout, PlatformUnavailable, PlatformTimeout):
            with pytest.raises(failure):
                await client.call(UNCACHED, Ask())
        await client.call(UNCACHED, Ask())
        with pytest.raises(PlatformTimeout):
            await client.call(UNCACHED, Ask())
        await client.call(UNCACHED, Ask())
    assert len(played.received) == 6


async def test_timeouts_of_calls_in_a_hurry_say_nothing_of_the_platform() -> None:
    """The caller's deadline leaves less than a quarter of the read timeout."""
    silence = Raw(b"", then="hang")
    async with playing(lambda _: silence, limits=UpstreamLimits()) as (client, played):
        for _ in range(3):
            with pytest.raises(PlatformFailure):
                await client.call(WRITE, Ask(), deadline=time.monotonic() + 0.1)
        played.script = lambda _: OK
        await client.call(WRITE, Ask())


async def test_a_platform_that_takes_no_connection_is_tried_once_a_call_and_twice_in_all() -> None:
    hands, limits = Hands(), UpstreamLimits(connect_timeout=0.2)
    with socket.socket() as deaf:
        # Its queue is full: a connection to it is never answered.
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        port = deaf.getsockname()[1]
        with socket.socket() as first, socket.socket() as second:
            for filling in (first, second):
                filling.setblocking(False)
                filling.connect_ex(("127.0.0.1", port))
            listener = Listener()
            url = f"http://127.0.0.1:{port}"
            async with client_of(url, limits=limits, clock=hands.clock(), observer=listener) as (
                client
            ):
                for _ in range(2):
                    with pytest.raises(PlatformConnectTimeout) as caught:
                        await client.call(UNCACHED, Ask())
                    assert not caught.value.sent
                with pytest.raises(PlatformUnavailable, match="left alone"):
                    await client.call(READ, Ask())
    assert listener.heard == [("flagship", "order.look", "unavailable")] * 2


async def test_a_call_counts_once_whatever_its_attempts() -> None:
    """Five calls of three attempts each open the breaker, not two."""
    listener = Listener()
    busy = answer("", 503)
    hands = Hands()
    async with playing(
        lambda request: OK if request.body == b"{}" else busy,
        clock=hands.clock(),
        observer=listener,
    ) as (client, _):
        for number in range(5):
            with pytest.raises(PlatformUnavailable):
                await client.call(UNCACHED, Ask(order_id=str(number)))
            assert listener.troubles.count(("flagship", "order.look", "opened")) == (number == 4)
            # First attempts of another endpoint earn the budget of the repetitions.
            for _ in range(10):
                await client.call(WRITE, Ask())
    assert listener.troubles.count(("flagship", "order.look", "retried")) == 10


async def test_the_one_call_that_an_open_breaker_lets_through_is_attempted_once() -> None:
    hands = Hands()
    async with playing(lambda _: answer("", 503), clock=hands.clock()) as (client, played):
        for _ in range(5):
            with pytest.raises(PlatformUnavailable):
                await client.call(WRITE, Ask())
        hands.time += 31
        played.received.clear()
        with pytest.raises(PlatformUnavailable, match="HTTP 503"):
            await client.call(replace(WRITE, repeatable=True), Ask())
    assert len(played.received) == 1


async def test_no_repetition_is_sent_once_others_have_opened_the_breaker() -> None:
    once = replace(UNCACHED, repeatable=False)

    async def others(_: float) -> None:
        for _ in range(5):
            with pytest.raises(PlatformUnavailable):
                await client.call(once, Ask())

    clock = Hands().clock(awake=others)
    async with playing(lambda _: answer("", 503), clock=clock) as (client, played):
        with pytest.raises(PlatformUnavailable, match="HTTP 503"):
            await client.call(UNCACHED, Ask())
    assert len(played.received) == 6


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
    async with playing(script, limits=QUICK, observer=listener, **no_delay()) as (client, _):
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


async def test_a_burst_of_cancelled_callers_leaves_it_healthy() -> None:
    def script(request: Received) -> Raw:
        return answer(GOT, wait=5.0 * (request.body != b"{}"))

    async with playing(script, limits=UpstreamLimits()) as (client, _):
        burst = [asyncio.create_task(client.call(READ, Ask(order_id=str(n)))) for n in range(500)]
        await asyncio.sleep(0.1)
        for task in burst:
            task.cancel()
        await asyncio.gather(*burst, return_exceptions=True)
        async with asyncio.timeout(60):
            await asyncio.gather(*(client.call(WRITE, Ask()) for _ in range(200)))
