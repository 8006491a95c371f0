"""Events about products: the product is read again, and the index has it as it was read."""

import asyncio
import json
from typing import Any

from gateway.concurrency.clock import Clock
from gateway.index.reconciliation import IndexReconciliation
from gateway.platforms.wechat_store.sandbox.state import FLAGSHIP
from gateway.ports import KeptDocument, MessageRequest
from gateway.runtime import RuntimeResources
from gateway.store.inbox import EventBody, NewEvent
from gateway.store.indexed_products import DraftRefusal, ProductQuestion
from gateway.store.object_changes import NewObjectChange
from tests.fixtures_sandbox import Sandbox
from tests.index.contents import index_of, indexed_products
from tests.index.test_reconciliation import processor_of, receiver_of
from tests.wechat.deliveries import plain


def product_event(product_id: str, status: int, at: int = 1790200000) -> str:
    """The platform's word of a product that was put on its shelf, or taken off."""
    body = {"product_id": product_id, "status": status, "product_type": 1}
    fields = {"MsgType": "event", "Event": "product_spu_listing", "CreateTime": at}
    return json.dumps({**fields, "FromUserName": "oFixed", "ProductSpuListing": body})


async def told(parts: RuntimeResources, message: str) -> list[NewObjectChange]:
    """The changes that were recorded once an event was processed."""
    taken = await receiver_of(parts).take(MessageRequest(*plain(message)))
    assert taken == "kept"
    processor = processor_of(parts)
    assert await processor.work() == 1
    await processor.idle()
    return [one.change for one in await parts.store.object_changes.after(0, limit=10)]


async def posted(sandbox: Sandbox, path: str, **body: object) -> None:
    """Change a product of the WeChat Store past the gateway."""
    token = await asyncio.to_thread(sandbox.token, FLAGSHIP)
    answer = await asyncio.to_thread(
        sandbox.client.post, path, params={"access_token": token}, json=body
    )
    assert answer.json()["errcode"] == 0


async def all_indexed(parts: RuntimeResources) -> dict[str, tuple[str, Any]]:
    """Index the products of the WeChat Store: their statuses and documents."""
    index = index_of(parts)
    reconciliation = IndexReconciliation(parts.store, index.writer, Clock().wall)
    await reconciliation.products(index.adapters["flagship"])
    return await indexed_products(parts, "flagship")


async def test_a_product_is_indexed_as_it_is_read(
    opened: RuntimeResources, sandbox: Sandbox
) -> None:
    before = await all_indexed(opened)
    changed = min(before)
    sku = before[changed][1]["sku_list"][0]["sku_id"]
    await posted(
        sandbox, "/merchant/stock/add", product_id=changed, sku_info=sku, quantity=1_000_000
    )

    changes = await told(opened, product_event(changed, 5))

    # Its status is as it was, which is all that a change tells of a product.
    assert changes == []
    port = opened.adapters["flagship"].index_products
    assert port is not None
    page = await opened.store.indexed_products.page("flagship", ProductQuestion(), None, 1_000)
    documents = {one.place.platform_id: one.document or "" for one in page.items}
    product = port.product(KeptDocument(changed, documents[changed]))
    assert product.raw_source is not None
    stock = before[changed][1]["sku_list"][0]["quantity"]
    assert product.raw_source()["sku_list"][0]["quantity"] == stock + 1_000_000
    assert documents.keys() == before.keys()


async def test_a_hint_of_a_product_that_there_never_was_changes_nothing(
    opened: RuntimeResources,
) -> None:
    before = await all_indexed(opened)

    assert await told(opened, product_event("invented", 5)) == []
    assert await indexed_products(opened, "flagship") == before


async def test_a_shop_whose_products_no_platform_keeps_confirms_nothing(
    opened: RuntimeResources, sandbox: Sandbox
) -> None:
    sandbox.clear_log()
    event = NewEvent(
        shop="mini",
        kind="product_spu_listing",
        identity=("1",),
        trusted=True,
        event_at=None,
        body=EventBody(product_id="1"),
    )
    async with opened.store.transaction() as transaction:
        await opened.store.inbox.receive(transaction, event)
    processor = processor_of(opened)
    assert await processor.work() == 1
    await processor.idle()

    assert await opened.store.inbox.waiting("mini") == 1
    assert sandbox.counts() == {}


async def test_a_deleted_product_leaves_the_index(
    opened: RuntimeResources, sandbox: Sandbox
) -> None:
    before = await all_indexed(opened)
    gone = min(before)
    await posted(sandbox, "/merchant/del", product_id=gone)

    changes = await told(opened, product_event(gone, 20))

    assert await indexed_products(opened, "flagship") == {
        id_: product for id_, product in before.items() if id_ != gone
    }
    assert [(one.kind, one.platform_id, one.status, one.cause) for one in changes] == [
        ("Product", gone, None, "PLATFORM_EVENT")
    ]


async def test_a_hint_does_not_say_why_a_draft_was_refused(opened: RuntimeResources) -> None:
    product = min(await all_indexed(opened))
    body = EventBody(product_id=product, draft_refusal="title")
    for trusted in (False, True):
        event = NewEvent(
            shop="flagship",
            kind="product_spu_audit",
            identity=(str(trusted),),
            trusted=trusted,
            event_at=1790200000,
            body=body,
        )
        async with opened.store.transaction() as transaction:
            await opened.store.inbox.receive(transaction, event)
        processor = processor_of(opened)
        assert await processor.work() == 1
        await processor.idle()

        known = await opened.store.indexed_products.draft_refusals("flagship", [product])
        assert known == ({product: DraftRefusal("title", 1790200000)} if trusted else {})
