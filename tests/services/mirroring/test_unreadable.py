"""A mirror, a link or a copy that cannot be decrypted stops one copy, and no other."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, select
from structlog.testing import capture_logs

from gateway.concurrency.clock import Clock
from gateway.errors import LedgerUnreadable
from gateway.ports import ReadOptions
from gateway.registry import PLATFORMS
from gateway.runtime import RuntimeResources, open_resources
from gateway.services.mirroring.synchroniser import Synchronised
from gateway.settings import Settings
from gateway.store.crypto import Vault, parse_key
from gateway.store.mirrors import Mirror
from gateway.store.order_overlays import Look
from gateway.store.pushes import PushQuery, StoredPush
from gateway.store.tables import buyer_links, mirrors, orders
from tests.e2e.test_mirrors import ADD, CHANGE, PAGES, mini_order, shops
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import KEY, Serve, configuration
from tests.store.damage import damage

LINKS = {"store-a": "oMiniSampleBuyer00000000001", "store-b": "oMiniSampleBuyer00000000002"}


def unreadable(column: str, shop: str = "flagship") -> str:
    """Answer what is told of a damaged value."""
    return (
        f"{column} of shop {shop} in the ledger cannot be decrypted:"
        " it was written with another key, or was tampered with"
    )


@pytest.fixture
async def opened(serve: Serve, sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[RuntimeResources]:
    """Answer a gateway that copies all orders to the shopping list, with nothing at work."""
    assert serve is not None
    sections = configuration(
        sandbox,
        tmp_path,
        shops=shops(sandbox, tmp_path),
        mirrors=[{"from": "flagship", "to": "mini", **PAGES}],
    )
    async with open_resources(Settings.from_dict(PLATFORMS, sections), Clock()) as parts:
        yield parts


def placed(sandbox: Sandbox) -> list[str]:
    """Answer the orders of two buyers."""
    return [str(sandbox.order(open_id=buyer)["order_id"]) for buyer in LINKS]


async def pay(opened: RuntimeResources, *names: str) -> None:
    """Record when orders were paid, as the platform's event does."""
    overlays = opened.store.order_overlays
    async with opened.store.transaction() as transaction:
        for name in names:
            await overlays.see(
                transaction, "flagship", name, "AWAITING_SHIPMENT", 1.0, Look.FIRST_POLL
            )
            await overlays.pay(transaction, "flagship", name, 1714521600)


async def follow(opened: RuntimeResources, *names: str) -> list[Any]:
    """Follow these orders, which are paid; answer which could not be copied, and why."""
    await pay(opened, *names)
    with capture_logs() as told:
        await opened.services.mirror_synchroniser.follow("flagship", names)
    return not_copied(told)


def not_copied(told: Any) -> list[Any]:
    refused = [line for line in told if line["event"] == "mirroring.copy.refused"]
    assert {(line["shop"], line["to"]) for line in refused} <= {("flagship", "mini")}
    return [(line["order"], line["reason"]) for line in refused]


async def link(opened: RuntimeResources, links: dict[str, str]) -> tuple[list[int], list[Any]]:
    """Link buyers; answer the pushes that are let go, and the orders that cannot be copied."""
    with capture_logs() as told:
        done = await opened.services.mirror_synchroniser.link("flagship", "mini", links)
    return done.push_ids, not_copied(told)


async def by_hand(opened: RuntimeResources, name: str, open_id: str) -> Synchronised:
    """Copy an order as orderMirror does, without an open id of its copy's buyer."""
    port = opened.adapters["flagship"].orders
    assert port is not None
    order = (await port.get_many([name], ReadOptions(fresh=True)))[name]
    mirror = Mirror(
        shop="flagship", platform_id=name, to_shop="mini", to_platform_id=name, open_id=open_id
    )
    return await opened.services.mirror_synchroniser.mirror(mirror, order, Clock().wall())


async def pushes(opened: RuntimeResources, name: str) -> list[StoredPush]:
    """Answer the pushes of a copy, the newest first."""
    query = PushQuery(["mini"], order_id=name)
    return list(await opened.store.pushes.page(query, limit=9))


async def row(opened: RuntimeResources, table: Table, name: str) -> Any:
    async with opened.store.transaction() as transaction:
        wanted = select(table).where(table.c.platform_id == name)
        return (await transaction.connection.execute(wanted)).one()


async def spoil_link(opened: RuntimeResources, buyer: str) -> None:
    of_buyer = Vault(parse_key(KEY)).blind_index("flagship", buyer)
    await damage(opened.store, buyer_links.c.to_open_id, buyer_links.c.buyer == of_buyer)


async def test_a_mirror_leaves_its_copy_as_it_is_and_the_others_in_step(
    opened: RuntimeResources, sandbox: Sandbox
) -> None:
    first, other = placed(sandbox)
    await link(opened, LINKS)
    assert await follow(opened, first, other) == []
    await damage(opened.store, mirrors.c.personal, mirrors.c.platform_id == first)
    before = await row(opened, mirrors, first)
    sandbox.set_order_status(first, 5)
    sandbox.set_order_status(other, 5)

    assert await follow(opened, first, other) == [(first, unreadable("mirrors.personal"))]

    assert [mini_order(sandbox, name)["status"] for name in (first, other)] == [3, 100]
    assert await row(opened, mirrors, first) == before
    assert len(sandbox.requests(CHANGE)) == 1
    # Whoever names the order anew mends it.
    assert (await by_hand(opened, first, "store-a")).refusal is None
    assert mini_order(sandbox, first)["status"] == 100
    (repaired,) = await opened.store.mirrors.of_orders("flagship", [first])
    assert (repaired.open_id, repaired.unreadable) == ("store-a", None)
    assert await follow(opened, first, other) == []


async def test_a_mirror_holds_up_no_link_of_another_buyer(
    opened: RuntimeResources, sandbox: Sandbox
) -> None:
    first, other = placed(sandbox)
    await follow(opened, first, other)
    await damage(opened.store, mirrors.c.personal, mirrors.c.platform_id == first)
    before = await row(opened, mirrors, first)

    released, told = await link(opened, LINKS)

    assert released == [(await pushes(opened, other))[0].id]
    assert told == [(first, unreadable("mirrors.personal"))]
    assert await row(opened, mirrors, first) == before
    assert mini_order(sandbox, first) is None
    assert mini_order(sandbox, other)["ext_info"]["user_open_id"] == LINKS["store-b"]
    assert (await opened.store.buyer_links.get_many("flagship", "mini", LINKS)) == LINKS
    # Whoever names the order anew sends it.
    await by_hand(opened, first, "store-a")
    assert mini_order(sandbox, first)["ext_info"]["user_open_id"] == LINKS["store-a"]


async def test_a_link_leaves_a_new_copy_waiting_until_it_is_given_again(
    opened: RuntimeResources, sandbox: Sandbox
) -> None:
    first, other = placed(sandbox)
    await link(opened, LINKS)
    await spoil_link(opened, "store-a")
    reason = unreadable("buyer_links.to_open_id")

    assert await follow(opened, first, other) == [(first, reason)]

    assert mini_order(sandbox, first) is None
    assert mini_order(sandbox, other)["ext_info"]["user_open_id"] == LINKS["store-b"]
    (waiting,) = await pushes(opened, first)
    assert waiting.state == "PENDING"
    assert waiting.last_error is not None
    assert waiting.last_error.message == (
        f"import the buyer link again with buyerLinksImport: {reason}"
    )
    assert len(sandbox.requests(ADD)) == 1
    assert await link(opened, {"store-a": LINKS["store-a"]}) == ([waiting.id], [])
    assert mini_order(sandbox, first)["ext_info"]["user_open_id"] == LINKS["store-a"]


async def test_a_link_takes_the_buyer_from_no_copy_that_has_one(
    opened: RuntimeResources, sandbox: Sandbox
) -> None:
    first, other = placed(sandbox)
    await link(opened, LINKS)
    await follow(opened, first, other)
    await spoil_link(opened, "store-a")
    before = await row(opened, orders, first), await row(opened, mirrors, first)
    for name in (first, other):
        sandbox.set_order_status(name, 5)
    reason = unreadable("buyer_links.to_open_id")

    assert await follow(opened, first, other) == [(first, reason)]
    refusal = (await by_hand(opened, first, "store-a")).refusal

    assert isinstance(refusal, LedgerUnreadable)
    assert refusal.message == reason
    assert (await row(opened, orders, first), await row(opened, mirrors, first)) == before
    assert [mini_order(sandbox, name)["status"] for name in (first, other)] == [3, 100]
    await link(opened, {"store-a": LINKS["store-a"]})
    assert await follow(opened, first) == []
    assert mini_order(sandbox, first)["status"] == 100


async def test_a_copy_that_cannot_be_read_stays_as_it_is(
    opened: RuntimeResources, sandbox: Sandbox
) -> None:
    first, other = placed(sandbox)
    await link(opened, LINKS)
    await follow(opened, first, other)
    await damage(opened.store, orders.c.personal, orders.c.platform_id == first)
    before = await row(opened, orders, first), await row(opened, mirrors, first)
    for name in (first, other):
        sandbox.set_order_status(name, 5)

    told = await follow(opened, first, other)

    assert told == [(first, unreadable("orders.personal", "mini"))]
    assert (await row(opened, orders, first), await row(opened, mirrors, first)) == before
    assert [mini_order(sandbox, name)["status"] for name in (first, other)] == [3, 100]
