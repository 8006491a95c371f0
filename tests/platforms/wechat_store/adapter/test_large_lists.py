"""Long lists are read and prepared in a worker thread, with the same result as short ones."""

from typing import Any

import pytest

from gateway.concurrency.sliced_work import finish
from gateway.platforms.wechat_store.adapter.raw import RawList
from gateway.ports import Adapter, OrderQuery, ProductQuery, ReadOptions
from schema.product_status import ProductStatus
from tests.platforms.wechat_store.conftest import OpenShop
from tests.platforms.wechat_store.samples import body, tree

QUERIES = (
    ProductQuery(),
    ProductQuery(search="富士"),
    ProductQuery(search="b 1"),
    ProductQuery(statuses=frozenset({ProductStatus.ON_SHELF})),
    ProductQuery(statuses=frozenset({ProductStatus.OFF_SHELF}), search="a"),
)


async def told(shop: Adapter, reading: ReadOptions) -> list[Any]:
    """The entries of a shop's lists, with their documents."""
    assert shop.products is not None
    assert shop.orders is not None
    found: list[Any] = []
    for query in QUERIES:
        page = await shop.products.page(query, None, 100, reading)
        found += [page.total, page.more, page.provenance.state]
        for product in page.items:
            assert product.raw_source is not None
            found += [product.platform_id, product.title, product.skus, product.raw_source()]
    orders = await shop.orders.page(OrderQuery(), None, 50, reading)
    for order in orders.items:
        assert order.raw_source is not None
        found += [order.platform_id, order.items, order.raw_source()]
    return found


async def test_large_lists_have_the_same_entries(open_shop: OpenShop, reading: ReadOptions) -> None:
    small = await told(open_shop(), reading)
    assert len(small) > 200
    assert await told(open_shop(large_answer=0), reading) == small


@pytest.mark.parametrize(
    ("old", "new", "read"),
    [
        (b'"order_id"', b'"remark\xc3":"tea","order_id"', {"remark\ufffd": "tea"}),
        (b'"order_id"', b'"order_id"', {}),
    ],
    ids=["to be repaired", "sound"],
)
def test_documents_may_be_found_before_they_are_read(
    old: bytes, new: bytes, read: dict[str, str]
) -> None:
    raw = RawList(body("order.getbyfilter.response").replace(old, new), "order_list")
    finish(raw.scan())
    sample = tree("order.getbyfilter.response")["order_list"]
    assert [raw.at(0), raw.at(1)] == [{**read, **entry} for entry in sample]


def test_an_answer_without_its_list_has_no_documents_to_find() -> None:
    raw = RawList(b'{"errcode":0}', "order_list")
    finish(raw.scan())
    with pytest.raises(KeyError):
        raw.at(0)
