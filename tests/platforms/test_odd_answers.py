"""Every call of every platform, answered by something odd: read where it can be, else said."""

import asyncio
import json
from typing import Any, Final

import msgspec
import pytest

from gateway.errors import PlatformUnreadable
from gateway.platforms.mini_program.endpoints import QUERY_WANTED
from gateway.platforms.wechat_store.endpoints import GET_ORDER, GET_ORDERS
from gateway.registry import modules_named
from gateway.upstream.client import PlatformClient
from gateway.upstream.endpoint import Endpoint
from gateway.upstream.transport import UpstreamTransport
from tests.platforms.test_writes_without_token import ERRORS, FIXTURES, Call, sample_of
from tests.upstream.server import Raw, Received, Script, answer, platform

CALLS: Final = {
    name: [sample_of(name, row) for row in module.ENDPOINTS]
    for name, module in modules_named("endpoints").items()
}
READS: Final = {
    name: [call for call in calls if call.row.shareable] for name, calls in CALLS.items()
}
#: The member that a list must have; what else is read by a model that requires its member.
LISTS: Final = {
    "getbystatus": "products_info",
    "category.getsub": "cate_list",
    "category.getsku": "sku_table",
    "category.getproperty": "properties",
    "express.getall": "templates_info",
    "group.getall": "groups_detail",
    "shelf.getall": "shelves",
    "order.getbyfilter": "order_list",
    "get_order_list": "order_list",
    "get_delivery_list": "delivery_list",
}


def test_every_read_is_tried() -> None:
    assert {name: len(reads) for name, reads in READS.items()} == {
        "weixin_store": 23,
        "wechat_store": 13,
        "mini_program": 7,
        "baidu": 0,
    }
    rows: list[Endpoint[Any, Any]] = [read.row for reads in READS.values() for read in reads]
    assert {row.name: row.entries.member for row in rows if row.entries} == LISTS


async def _answers(name: str, reads: list[Call], script: Script) -> list[Any]:
    """What each read gives or raises, asked for once."""
    async with platform(script) as played:
        transport = UpstreamTransport()
        lifetimes = {"products": 60.0, "orders": 60.0, "catalogue": 60.0}
        client = PlatformClient(
            "shop", played.url, transport=transport, errors=ERRORS[name], lifetimes=lifetimes
        )
        calls = [client.call(read.row, read.request) for read in reads]
        answers = await asyncio.gather(*calls, return_exceptions=True)
        await client.aclose()
        await transport.aclose()
    assert len(played.received) == len(reads)
    return answers


@pytest.mark.parametrize("name", [name for name, reads in READS.items() if reads])
@pytest.mark.parametrize(
    "body", ["{}", '{"errcode":0}', '{"errcode":"0","errmsg":"success"}', '{"data":{"list":[]}}']
)
async def test_an_answer_without_what_was_asked_for_is_unreadable(name: str, body: str) -> None:
    failures = await _answers(name, READS[name], lambda _: answer(body))

    for read, failure in zip(READS[name], failures, strict=True):
        assert type(failure) is PlatformUnreadable, read.row.name
        member = LISTS.get(read.row.name)
        if member is not None:
            words = f"a JSON object of {len(body)} bytes without `{member}`"
            assert failure.message == f"{read.row.name}: the platform sent {words}"


#: Writes whose answer names what they made, which proves that they were done.
MAKERS: Final = {
    "merchant.addfreighttemplate",
    "create",
    "express.add",
    "group.add",
    "shelf.add",
    "common.upload_img",
    "basics.img.upload",
    "basics.img.upload.url",
    "product.add",
}


@pytest.mark.parametrize("name", list(CALLS))
@pytest.mark.parametrize(
    "body",
    [
        "{}",
        '{"errcode":null,"errno":null}',
        '{"errcode":"","errno":""}',
        '{"errmsg":"success","msg":"ok"}',
        '{"data":[],"request_id":"7"}',
        "\ufeff{ }",
    ],
)
async def test_a_write_whose_answer_does_not_say_that_it_was_done_is_not_taken_for_done(
    name: str, body: str
) -> None:
    writes = [call for call in CALLS[name] if not call.row.shareable]
    failures = await _answers(name, writes, lambda _: answer(body))

    for write, failure in zip(writes, failures, strict=True):
        assert type(failure) is PlatformUnreadable, write.row.name
        assert failure.sent, write.row.name
        if body == "{}" and write.row.name not in MAKERS:
            assert failure.message.endswith((" without `errcode`", " without `errno`"))


@pytest.mark.parametrize("value", [[], None], ids=["empty", "null"])
async def test_a_list_that_is_empty_is_an_answer(value: Any) -> None:
    lists = [read for read in READS["wechat_store"] if read.row.name in LISTS]
    # All lists in one answer: each read finds its own.
    body = json.dumps({"errcode": 0, **dict.fromkeys(LISTS.values(), value)})
    answers = await _answers("wechat_store", lists, lambda _: answer(body))

    for read, got in zip(lists, answers, strict=True):
        assert getattr(got.value, LISTS[read.row.name]) == value, read.row.name


@pytest.mark.parametrize(("value", "expected"), [([], ()), (None, None)], ids=["empty", "null"])
async def test_a_want_to_buy_list_that_is_empty_is_an_answer(value: Any, expected: Any) -> None:
    calls = [call for call in READS["mini_program"] if call.row is QUERY_WANTED]
    body = json.dumps({"errcode": 0, "goods_list": value})
    [got] = await _answers("mini_program", calls, lambda _: answer(body))

    assert got.value.goods_list == expected


@pytest.mark.parametrize("name", list(CALLS))
@pytest.mark.parametrize(
    ("before", "behind"),
    [
        (b"\xef\xbb\xbf", b""),
        (b"", b"\x00"),
        (b"\r\n\t ", b" \n\n"),
        (b"\xef\xbb\xbf\r\n\x00", b"\x1a\x00\xef\xbb\xbf"),
    ],
    ids=ascii,
)
async def test_what_means_nothing_around_an_answer_changes_nothing(
    name: str, before: bytes, behind: bytes
) -> None:
    """A write that was done is not taken for one of which nobody knows."""
    samples = {
        call.row.path: (FIXTURES / name / f"{call.row.name}.response.json").read_bytes()
        for call in CALLS[name]
    }

    def plain(request: Received) -> bytes:
        return samples[request.target.partition("?")[0]]

    sound = await _answers(name, CALLS[name], lambda request: answer(plain(request)))
    odd = await _answers(
        name, CALLS[name], lambda request: answer(before + plain(request) + behind)
    )

    assert list(map(_read, odd)) == list(map(_read, sound))
    assert [json.loads(one.body) for one in odd] == [json.loads(one.body) for one in sound]


def _read(got: Any) -> Any:
    """What was read; each client has models of its own."""
    return msgspec.to_builtins(got.value)


GBK: Final = {"buyer_nick": "淘宝王", "receiver_name": "张三", "receiver_address": "建国路八十八号"}


@pytest.mark.parametrize("around", [0, 2_000], ids=["alone", "in a long document"])
async def test_an_order_in_gbk_is_read_by_id_as_in_a_list(around: int) -> None:
    """However much of the answer it is; what is in UTF-8 beside it stays as it is."""
    fields = b",".join(b'"%b":"%b"' % (n.encode(), text.encode("gbk")) for n, text in GBK.items())
    order = b'{"order_id":"7",%b,"receiver_city":"%b"}' % (fields, "北京".encode())
    padding = b"." * around

    def script(request: Received) -> Raw:
        member = b'"order":%b' if "getbyid" in request.target else b'"order_list":[%b]'
        return answer(b'{"padding":"%b",%b}' % (padding, member % order))

    calls = [call for call in READS["wechat_store"] if call.row in {GET_ORDER, GET_ORDERS}]
    single, listed = await _answers("wechat_store", calls, script)

    assert single.value.order == listed.value.order_list[0]
    assert {name: getattr(single.value.order, name) for name in GBK} == GBK
    assert single.value.order.receiver_city == "北京"
