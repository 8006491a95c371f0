"""Every read of every platform, answered by a document that does not say what was asked."""

import asyncio
import json
from typing import Any, Final

import pytest

from gateway.errors import PlatformUnreadable
from gateway.registry import modules_named
from gateway.upstream.client import PlatformClient
from gateway.upstream.endpoint import Endpoint
from gateway.upstream.transport import UpstreamTransport
from tests.platforms.test_writes_without_token import ERRORS, Call, sample_of
from tests.upstream.server import Script, answer, platform

READS: Final = {
    name: [sample_of(name, row) for row in module.ENDPOINTS if row.repeatable]
    for name, module in modules_named("endpoints").items()
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
}


def test_every_read_is_tried() -> None:
    assert {name: len(reads) for name, reads in READS.items()} == {
        "wechat_store": 13,
        "mini_program": 1,
        "baidu": 0,
    }
    rows: list[Endpoint[Any, Any]] = [read.row for reads in READS.values() for read in reads]
    assert {row.name: row.required_member for row in rows if row.required_member} == LISTS


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


@pytest.mark.parametrize("value", [[], None], ids=["empty", "null"])
async def test_a_list_that_is_empty_is_an_answer(value: Any) -> None:
    lists = [read for read in READS["wechat_store"] if read.row.name in LISTS]
    # All lists in one answer: each read finds its own.
    body = json.dumps({"errcode": 0, **dict.fromkeys(LISTS.values(), value)})
    answers = await _answers("wechat_store", lists, lambda _: answer(body))

    for read, got in zip(lists, answers, strict=True):
        assert getattr(got.value, LISTS[read.row.name]) == value, read.row.name
