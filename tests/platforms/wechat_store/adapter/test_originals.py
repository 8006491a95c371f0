"""What was sent of products is kept, and never undoes what the platform has done."""

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from gateway.errors import StoreUnavailable
from gateway.platforms.wechat_store.adapter.originals import Kept, Originals
from gateway.platforms.wechat_store.mapping.product_to_wire import new_product as to_wire
from gateway.ports import Adapter
from gateway.ports.writing.problems import Problems
from gateway.store.store import Store
from tests.fixtures_sandbox import Sandbox
from tests.platforms.wechat_store.product_inputs import new_product

SENT = to_wire(new_product(), Problems())


async def test_what_was_sent_is_known_by_the_answer_to_it(ledger: Store) -> None:
    originals = Originals(ledger, "flagship")

    await originals.note_sent("p", SENT, "ab")

    kept = await originals.of("p")
    assert kept == Kept(sent=SENT, answer="ab")
    assert kept.trusted("ab") == SENT
    assert kept.trusted("cd") is None


async def test_what_was_not_read_back_is_not_trusted(ledger: Store) -> None:
    originals = Originals(ledger, "flagship")

    await originals.note_sent("p", SENT, "ab")
    await originals.note_sent("p", SENT, None)

    assert (await originals.of("p")).trusted("ab") is None


async def test_a_product_that_was_listed_stays_so(ledger: Store) -> None:
    originals = Originals(ledger, "flagship")

    await originals.note_listed("p")
    await originals.note_sent("p", SENT, "ab")

    assert await originals.of("p") == Kept(sent=SENT, answer="ab", listed=True)


async def test_of_a_product_that_is_gone_nothing_is_kept(ledger: Store) -> None:
    originals = Originals(ledger, "flagship")
    await originals.note_sent("p", SENT, "ab")

    await originals.forget("p")

    assert await originals.of("p") == Kept()


async def test_what_the_platform_did_stands_without_the_ledger(
    shop: Adapter, store: Sandbox, ledger: Store
) -> None:
    assert shop.writes_products is not None
    async with ledger.transaction() as transaction:
        await transaction.connection.execute(text("DROP TABLE product_originals"))

    with capture_logs() as lines:
        created = await shop.writes_products.create(new_product(), None)
        await shop.writes_products.delete(created.platform_id, None)

    assert created.title == new_product().title
    assert store.counts()["/merchant/del"] == 1
    assert [line["event"] for line in lines] == ["wechat_store.product.original_not_stored"] * 2
    with pytest.raises(StoreUnavailable):
        await Originals(ledger, "flagship").of("p")
