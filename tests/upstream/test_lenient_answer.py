"""What cannot be read of an answer is left out and told; the rest of it is there."""

from dataclasses import replace

import msgspec
import pytest
import structlog

from gateway.concurrency.clock import Clock
from gateway.errors import PlatformMalformed, PlatformRejected
from gateway.store.crypto import Vault
from gateway.upstream.answer import AnswerState
from gateway.upstream.cache import AnswerCache
from gateway.upstream.endpoint import Endpoint, EntryList
from gateway.upstream.lenient_answer import AnswerDecoder
from gateway.upstream.shared_store import open_store
from tests.upstream.clients import no_delay, playing
from tests.upstream.rows import READ, Ask
from tests.upstream.server import answer


class Line(msgspec.Struct):
    sku: str | None = None


class Order(msgspec.Struct, kw_only=True):
    order_id: int | str
    buyer: str | None = None
    fen: int | None = None
    lines: list[Line] | None = None


class Orders(msgspec.Struct):
    order_list: list[Order] | None = None


LIST: Endpoint[Ask, Orders] = Endpoint(
    name="orders.list",
    method="POST",
    path="/orders/list",
    request=Ask,
    response=Orders,
    section="6.3",
    summary="Orders",
    repeatable=True,
    ttl="orders",
    entries=EntryList("order_list", "order_id"),
)

A, Z = b'{"order_id":"a","fen":1}', b'{"order_id":"z","fen":2}'


def _orders(*entries: bytes, head: bytes = b'"errcode":0,') -> bytes:
    return b'{%b"order_list":[%b]}' % (head, b",".join(entries))


@pytest.mark.parametrize(
    ("entry", "named"),
    [
        (b'{"order_id":"b-1","buyer":"\xe5\xbc\xa0"3","fen":3}', "b-1"),
        (b'{"order_id":7,"fen":"12.00"}', "7"),
        (b'{"order_id":"b","fen":{"yuan":3}}', "b"),
        (b'{"order_id":"b","lines":"none"}', "b"),
        (b'{"order_id":"' + b"b" * 65 + b'","fen":[]}', None),
        (b'{"order_id":"138 0000 0000","fen":[]}', None),
        (b'{"order_id":null,"buyer":"b"}', None),
        (b'{"buyer":"b"}', None),
        (b"null", None),
        (b"[]", None),
        (b'""', None),
        (b"1", None),
        (b"nonsense", None),
        (b'{"order_id":"b"', "b"),
    ],
)
async def test_an_entry_that_cannot_be_read_is_left_out_counted_and_logged(
    entry: bytes, named: str | None
) -> None:
    body = _orders(A, entry, Z)
    with structlog.testing.capture_logs() as logged:
        async with playing(lambda _: answer(body)) as (client, played):
            for _ in range(3):
                got = await client.call(LIST, Ask(), fresh=True)
                assert got.value.order_list == [
                    Order(order_id="a", fen=1),
                    Order(order_id="z", fen=2),
                ]
                assert got.unreadable == 1
                assert got.state is AnswerState.LIVE
                assert msgspec.json.decode(got.body)["order_list"] == [
                    {"order_id": "a", "fen": 1},
                    {"order_id": "z", "fen": 2},
                ]
    assert len(played.received) == 3
    assert logged == [
        {
            "event": "upstream.list.entry_unreadable",
            "log_level": "warning",
            "message": "An entry of a platform's list cannot be read and is left out.",
            "shop": "flagship",
            "endpoint": "orders.list",
            "entry": named,
        }
    ]


async def test_harmless_forms_are_read_and_the_document_keeps_them() -> None:
    body = _orders(b'{"order_id":7,"buyer":8,"fen":"12","lines":{}}', head=b'"errcode":null,')
    async with playing(lambda _: answer(body)) as (client, _):
        got = await client.call(LIST, Ask())

    assert got.value.order_list == [Order(order_id=7, buyer="8", fen=12, lines=[])]
    assert got.unreadable == 0
    assert msgspec.json.decode(got.body)["order_list"] == [
        {"order_id": 7, "buyer": 8, "fen": "12", "lines": {}}
    ]


@pytest.mark.parametrize("listed", [b"null", b"{}", b'""', b"[]"])
async def test_an_empty_list_has_many_forms(listed: bytes) -> None:
    async with playing(lambda _: answer(b'{"order_list":%b}' % listed)) as (client, _):
        got = await client.call(LIST, Ask())

    assert not got.value.order_list
    assert got.unreadable == 0


async def test_one_object_is_a_list_of_one() -> None:
    async with playing(lambda _: answer(b'{"order_list":%b}' % A)) as (client, _):
        assert (await client.call(LIST, Ask())).value.order_list == [Order(order_id="a", fen=1)]


@pytest.mark.parametrize("listed", [b'"none"', b"1", b"true", b'{"0":%b}' % A])
async def test_what_is_no_list_is_malformed(listed: bytes) -> None:
    body = b'{"order_list":%b}' % listed
    async with playing(lambda _: answer(body), **no_delay()) as (client, _):
        with pytest.raises(PlatformMalformed, match=r"orders\.list"):
            await client.call(LIST, Ask())


async def test_a_list_may_be_unreadable_as_a_whole() -> None:
    body = _orders(b'{"fen":1}', b'{"fen":2}')
    async with playing(lambda _: answer(body)) as (client, _):
        got = await client.call(LIST, Ask())

    assert got.value.order_list == []
    assert got.unreadable == 2


async def test_a_refusal_beside_broken_entries_is_a_refusal() -> None:
    body = _orders(rb'{"order_id":"\x41"}', head=b'"errcode":"40035","errmsg":"no",')
    async with playing(lambda _: answer(body)) as (client, _):
        with pytest.raises(PlatformRejected) as refused:
            await client.call(LIST, Ask())
    assert refused.value.platform_code == "40035"


async def test_a_cached_list_tells_what_it_leaves_out() -> None:
    async with playing(lambda _: answer(_orders(A, b"null"))) as (client, played):
        states = [await client.call(LIST, Ask()) for _ in range(2)]
        assert [(got.state, got.unreadable) for got in states] == [
            (AnswerState.LIVE, 1),
            (AnswerState.CACHED, 1),
        ]
    assert len(played.received) == 1


async def test_another_process_tells_it_as_well(redis_url: str) -> None:
    body = _orders(A, b"null", b'{"order_id":2,"fen":"3"}')
    one, other = (
        AnswerCache(clock=Clock(), store=open_store(redis_url, Clock()), sealer=Vault(bytes(32)))
        for _ in range(2)
    )
    async with playing(lambda _: answer(body), cache=one) as (client, _):
        await client.call(LIST, Ask())
    async with playing(lambda _: answer(b""), cache=other) as (client, unasked):
        got = await client.call(LIST, Ask())
    await one.aclose()
    await other.aclose()
    assert got.value.order_list == [Order(order_id="a", fen=1), Order(order_id=2, fen=3)]
    assert got.unreadable == 1
    assert unasked.received == []


async def test_a_thing_by_itself_is_read_in_its_harmless_forms_too() -> None:
    body = b'{"errcode":null,"errmsg":null,"order":{"order_id":7,"price":null}}'
    async with playing(lambda _: answer(body)) as (client, _):
        got = await client.call(READ, Ask())
    assert got.value.order is not None
    assert (got.value.order.order_id, got.value.order.price) == ("7", 0)


def test_gaps_in_what_a_write_answers_stay() -> None:
    """A record without an outcome is none that was done."""
    read: AnswerDecoder[Orders] = AnswerDecoder(LIST)
    write: AnswerDecoder[Orders] = AnswerDecoder(replace(LIST, repeatable=False, entries=None))
    body = b'{"order_list":[{"order_id":1,"lines":[null]}]}'

    assert read.decode(body).order_list == [Order(order_id=1, lines=[])]
    with pytest.raises(msgspec.ValidationError):
        write.decode(body)


def test_a_row_names_a_list_that_its_model_has() -> None:
    with pytest.raises(TypeError, match="Orders has no list of objects at orders"):
        AnswerDecoder(replace(LIST, entries=EntryList("orders", "order_id")))
