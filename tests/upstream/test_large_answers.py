"""A large answer is read off the event loop, with the same result as a small one."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import msgspec
import pytest
import structlog

from gateway.concurrency.clock import Clock
from gateway.concurrency.sliced_work import SlicedWork, Steps, finish
from gateway.errors import PlatformFailure
from gateway.store.crypto import Vault
from gateway.upstream.answer import AnswerState, PlatformAnswer
from gateway.upstream.cache import AnswerCache
from gateway.upstream.endpoint import Endpoint
from gateway.upstream.entry_steps import DecodedList, decoded_list
from gateway.upstream.shared_store import open_store
from tests.upstream.clients import PATIENT, no_delay, playing
from tests.upstream.rows import GOT, READ, Ask
from tests.upstream.server import answer
from tests.upstream.test_lenient_answer import LIST, A, Order, Orders, Z, _orders

#: Every answer is a large one.
LARGE: Final = replace(PATIENT, large_answer=0)
MANY: Final = _orders(*(b'{"order_id":%d,"lines":[{"sku":"s"}]}' % number for number in range(200)))


def ticking() -> Callable[[], float]:
    """A timer on which each step takes a whole slice."""
    now = iter(range(1_000_000))
    return lambda: float(next(now))


async def outcome(row: Endpoint[Ask, Any], body: bytes, status: int, **parts: Any) -> list[Any]:
    """All that a caller, and who reads the log, can see of an answer."""
    with structlog.testing.capture_logs() as logged:
        async with playing(lambda _: answer(body, status), **parts, **no_delay()) as (client, _):
            try:
                got = await client.call(row, Ask())
            except PlatformFailure as failure:
                told = [type(failure), str(failure), failure.platform_code, failure.request_id]
                return [*told, failure.http_status, failure.retry_after, logged]
    value = got.value.order_list if row is LIST else got.value.order
    marked = got.marked is None or got.marked.order
    return [value, marked, got.unreadable, msgspec.json.decode(got.body), got.state, logged]


@pytest.mark.parametrize(
    "body",
    [
        _orders(A, Z),
        _orders(A, Z, head=b""),
        b'\xef\xbb\xbf{ "errcode" : 0 ,\n"order_list" : [ %b ,\n %b ] , "total" : 2 }\x00' % (A, Z),
        b'{"order_list":[%b],"order_list":[%b]}' % (A, Z),
        b'{"order_list":[%b],"more":[%b,%b]}' % (A, A, Z),
        b'{"more":{"order_list":[%b]},"order_list":[%b]}' % (A, Z),
        b'{"more":{"order_list":[%b,%b]}}' % (A, Z),
        b'{"note":"\\"order_list\\":[{","order_list":[%b,%b]}' % (A, Z),
        _orders(A, b'{"fen":3,"order_id":"b"}', Z),
        _orders(b'{"order_id":"a","more":[{"order_id":1},{"order_id":2}]}', Z),
        _orders(A, b'{"order_id":"z","more":[{"order_id":1},{"order_id":2}]}'),
        _orders(b'{"order_id":"},{\\"order_id\\":","fen":1}', b'{"order_id":"}]"}'),
        _orders(b'{"order_id":"a","lines":[%b]}' % b",".join([b'{"sku":"s"}'] * 200)),
        _orders(b'{"order_id":"a","more":[%b]}' % b",".join([b'{"x":[{}]}'] * 200), Z),
        _orders(A, b'{"order_id":7,"buyer":8,"fen":"12","lines":{}}', Z),
        _orders(A, Z, head=b'"errcode":null,'),
        _orders(A, b'{"order_id":"b","fen":"12.00"}', Z),
        _orders(A, b'{"order_id":"b-1","buyer":"\xe5\xbc\xa0"3","fen":3}', Z),
        _orders(A, rb'{"order_id":"b","buyer":"\x41"}', b'{"order_id":"c"', Z),
        _orders(A, b'{"order_id":"b","buyer":"\xd5\xc5"}', Z),
        _orders(A, b'{"order_id":"b","buyer":"\xe5\xbc"}', Z),
        _orders(A, b'{"order_id":"b","more":' + b"[" * 2_000 + b"]" * 2_000 + b"}", Z),
        _orders(A, b"null", b"", b"[]", Z),
        _orders(b'{"fen":1}', b'{"fen":2}'),
        _orders(),
        _orders(b"{}"),
        b'{"order_list":null}',
        b'{"order_list":{}}',
        b'{"order_list":%b}' % A,
        b'{"order_list":"none"}',
        b'{"errcode":0}',
        b"{}",
        b"[]",
        b"",
        b"<html>",
        b'{"order_list":[%b,%b' % (A, Z),
        b'{"order_list":[%b,%b]' % (A, Z),
        _orders(A, Z, head=b'"errcode":40035,"errmsg":"no rid: 1-2",'),
        _orders(A, b"null", head=b'"errcode":"45011","errmsg":"no",'),
        b'{"errcode":40013,"errmsg":"no"}',
        b'{"errcode":42001,"errmsg":"expired"}',
    ],
)
async def test_it_reads_the_same_as_in_one_pass(body: bytes) -> None:
    whole = await outcome(LIST, body, 200, limits=PATIENT)
    assert await outcome(LIST, body, 200, limits=LARGE) == whole


@pytest.mark.parametrize("status", [200, 201, 302, 429, 503])
@pytest.mark.parametrize(
    "body", [GOT, b'{"order":{"order_id":"\xe5\xbc"}}', _orders(A), b'{"errcode":-1}', b"<p>"]
)
async def test_so_does_what_is_no_list(body: bytes, status: int) -> None:
    for row in (READ, LIST):
        whole = await outcome(row, body, status, limits=PATIENT)
        assert await outcome(row, body, status, limits=LARGE) == whole


@pytest.mark.parametrize("odd", [b'{"order_id":1}', b'{"order_id":null}', b'{"order_id":"\\x41"}'])
async def test_the_event_loop_gets_a_turn_between_any_two_entries(odd: bytes) -> None:
    """A pause of the worker thread ends once the loop has run."""
    loop = asyncio.get_running_loop()
    turns: list[int] = []

    async def turn() -> None:
        turns.append(threading.get_ident())

    def pause(_: float) -> None:
        asyncio.run_coroutine_threadsafe(turn(), loop).result(60)

    body = _orders(*[A] * 200, odd)
    work = SlicedWork(timer=ticking(), pause=pause)
    async with playing(lambda _: answer(body), limits=LARGE, work=work) as (client, _):
        got = await client.call(LIST, Ask())
    work.close()
    assert len(got.value.order_list or ()) + got.unreadable == 201
    assert len(turns) > 200
    assert set(turns) == {threading.get_ident()}


async def test_a_small_answer_is_read_at_once() -> None:
    work = SlicedWork()
    work.close()
    limits = replace(PATIENT, large_answer=len(MANY) + 1)
    async with playing(lambda _: answer(MANY), limits=limits, work=work) as (client, _):
        assert len((await client.call(LIST, Ask())).value.order_list or ()) == 200


class Held:
    """A worker thread that is held in its first pause until it is let go."""

    def __init__(self) -> None:
        self.paused, self.released = threading.Event(), threading.Event()
        self.work = SlicedWork(timer=ticking(), pause=self._pause)

    def _pause(self, _: float) -> None:
        self.paused.set()
        self.released.wait(60)

    async def until_paused(self) -> None:
        assert await asyncio.to_thread(self.paused.wait, 60)


async def test_a_cancelled_read_ends_and_the_next_one_works() -> None:
    held = Held()
    async with playing(lambda _: answer(MANY), limits=LARGE, work=held.work) as (client, played):
        reading = asyncio.create_task(client.call(LIST, Ask()))
        await held.until_paused()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        held.released.set()
        got = await client.call(LIST, Ask())
        assert (len(got.value.order_list or ()), got.state) == (200, AnswerState.LIVE)
    held.work.close()
    assert len(played.received) == 2


async def test_a_client_may_be_closed_meanwhile() -> None:
    held = Held()
    async with playing(lambda _: answer(MANY), limits=LARGE, work=held.work) as (client, _):
        reading = asyncio.create_task(client.call(LIST, Ask()))
        await held.until_paused()
        await client.aclose()
        with pytest.raises(asyncio.CancelledError):
            await reading
    held.released.set()
    held.work.close()


def kept(orders: Orders) -> list[int | str]:
    return [order.order_id for order in orders.order_list or ()]


async def test_what_is_derived_from_it_is_made_there_once_for_all_callers() -> None:
    threads: list[int] = []

    def prepare(got: PlatformAnswer[Orders]) -> Steps[None]:
        threads.append(threading.get_ident())
        yield
        got.derive(kept)

    async with playing(lambda _: answer(MANY), limits=LARGE) as (client, played):
        answers = await asyncio.gather(
            *(client.call(LIST, Ask(), prepare=prepare) for _ in range(5))
        )
        again = await client.call(LIST, Ask(), prepare=prepare)
    derived = [got.derive(kept) for got in (*answers, again)]
    assert derived[0] == list(range(200))
    assert all(each is derived[0] for each in derived)
    assert again.state is AnswerState.CACHED
    assert len(played.received) == 1
    assert len(threads) == 1
    assert threading.get_ident() not in threads


async def test_of_a_small_answer_it_is_made_when_it_is_wanted() -> None:
    def prepare(_: PlatformAnswer[Orders]) -> Steps[None]:
        raise AssertionError
        yield

    async with playing(lambda _: answer(_orders(A))) as (client, _):
        got = await client.call(LIST, Ask(), prepare=prepare)
    assert got.derive(kept) == ["a"]


async def test_an_error_in_preparing_it_is_the_call_s() -> None:
    def prepare(_: PlatformAnswer[Orders]) -> Steps[None]:
        yield
        raise LookupError("wrong")

    async with playing(lambda _: answer(MANY), limits=LARGE) as (client, _):
        with pytest.raises(LookupError, match="wrong"):
            await client.call(LIST, Ask(), prepare=prepare)
        assert len((await client.call(LIST, Ask())).value.order_list or ()) == 200


@pytest.mark.parametrize("body", [MANY, _orders(A, b"null", b'{"order_id":2,"fen":"3"}')])
async def test_another_process_reads_it_from_the_shared_store_off_the_loop(
    redis_url: str, body: bytes
) -> None:
    one, other = (
        AnswerCache(clock=Clock(), store=open_store(redis_url, Clock()), sealer=Vault(bytes(32)))
        for _ in range(2)
    )
    pauses: list[int] = []
    work = SlicedWork(timer=ticking(), pause=lambda _: pauses.append(threading.get_ident()))
    prepared: list[int] = []

    def prepare(got: PlatformAnswer[Orders]) -> Steps[None]:
        yield
        prepared.append(len(got.value.order_list or ()))

    async with playing(lambda _: answer(body), limits=LARGE, cache=one) as (client, _):
        first = await client.call(LIST, Ask())
    parts = {"limits": LARGE, "cache": other, "work": work}
    async with playing(lambda _: answer(b""), **parts) as (client, unasked):
        got = await client.call(LIST, Ask(), prepare=prepare)
    await one.aclose()
    await other.aclose()
    work.close()
    assert (got.value.order_list, got.unreadable) == (first.value.order_list, first.unreadable)
    assert unasked.received == []
    assert len(pauses) >= len(got.value.order_list or ())
    assert threading.get_ident() not in pauses
    assert prepared == [len(got.value.order_list or ())]


async def test_one_that_another_replaces_is_freed_off_the_loop() -> None:
    pauses: list[int] = []
    work = SlicedWork(timer=ticking(), pause=lambda _: pauses.append(threading.get_ident()))
    async with playing(lambda _: answer(MANY), limits=LARGE, work=work) as (client, _):
        await client.call(LIST, Ask())
        await work.run(_step())
        reading = len(pauses)
        await client.call(LIST, Ask(), fresh=True)
        await asyncio.sleep(0)
        await work.run(_step())
    work.close()
    assert len(pauses) >= 2 * reading + 200
    assert threading.get_ident() not in pauses


def _step() -> Steps[None]:
    yield


def ids(body: bytes) -> list[object] | None:
    decode = msgspec.json.Decoder(Order).decode
    found: DecodedList[Order] | None = finish(decoded_list(body, "order_list", decode))
    return None if found is None else [found.rest, *(order.order_id for order in found.entries)]


def test_a_list_is_decoded_entry_by_entry() -> None:
    assert ids(_orders(A, Z)) == [b'{"errcode":0,"order_list":[]}', "a", "z"]
    assert ids(_orders(A, Z, head=b"") + b"\n") == [b'{"order_list":[]}\n', "a", "z"]


@pytest.mark.parametrize(
    "body",
    [
        _orders(),
        _orders(A, b"null"),
        _orders(A, b'{"fen":3,"order_id":"b"}'),
        _orders(A, b'{"order_id":null}'),
        b'{"order_list":null}',
        b'{"order_list":[%b' % A,
        b'{"order_list":[%b,]}' % A,
        b'{"order_list":[%b]' % A,
        b'{"order_list":[%b]}]' % A,
        b'{"more":{"order_list":[%b]}}' % A,
        b'{"order_list":[%b],"order_list":[]}' % A,
    ],
)
def test_what_is_no_plain_list_of_like_objects_is_left_to_others(body: bytes) -> None:
    assert ids(body) is None
