"""A copy is indexed with the buyer that it has, whichever link brought it there."""

import time

from gateway.ports import ReadOptions
from gateway.runtime import RuntimeResources
from gateway.store.documents import MirrorDocument
from gateway.store.mirrors import Mirror
from gateway.store.order_questions import OrderQuestion
from tests.fixtures_sandbox import Sandbox

BUYER = "oStoreBuyer1"


async def test_a_copy_is_found_by_the_buyer_that_its_link_names(
    opened: RuntimeResources, sandbox: Sandbox
) -> None:
    keeper, port = opened.services.mirror_synchroniser, opened.adapters["flagship"].orders
    assert port is not None
    name = str(sandbox.order(open_id=BUYER)["order_id"])
    order = (await port.get_many([name], ReadOptions()))[name]
    settings = MirrorDocument(kind="PHYSICAL", title="订单")
    mirror = Mirror(
        shop="flagship",
        platform_id=name,
        to_shop="swan",
        to_platform_id=name,
        settings=settings,
        open_id=BUYER,
    )

    async def found(buyer: str | None) -> list[str]:
        wanted = None if buyer is None else [("swan", buyer)]
        question = OrderQuestion(shops=["swan"], buyers=wanted, copies=True)
        page = await opened.store.indexed_orders.page("swan", question, None, 9)
        return [one.platform_id for one in page.items]

    assert (await keeper.mirror(mirror, order, time.time())).refusal is None
    assert await found(None) == [name]
    await keeper.link("flagship", "swan", {BUYER: "stranger"})
    assert await found("stranger") == [name]
    await keeper.link("flagship", "swan", {BUYER: "right"})
    assert (await found("stranger"), await found("right")) == ([], [name])
    await keeper.unlink("flagship", "swan", [BUYER])
    assert (await found("right"), await found(None)) == ([], [name])
