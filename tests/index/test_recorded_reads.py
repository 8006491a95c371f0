"""What reads and writes return is in the index, and never gives way to an older answer."""

from strawberry import ID

from gateway.auth import Viewer
from gateway.auth.viewer import ALL_SHOPS
from gateway.index.writer import ReadOrder
from gateway.mutation_progress import MutationProgress, working
from gateway.ports import OrderQuery, ReadOptions
from gateway.runtime import RuntimeResources
from gateway.services.cursor import PageArguments
from gateway.services.indexed_products import ProductListQuery
from schema.inputs.order import OrderShipInput
from schema.key import Key
from schema.product import ProductFilter
from schema.product_status import ProductListing
from schema.scope import Scope
from tests.fixtures_sandbox import Sandbox
from tests.index.contents import (
    FRESH,
    index_of,
    indexed,
    indexed_after_sales,
    indexed_products,
    platform_orders,
    platform_products,
)

VIEWER = Viewer(name="test", scopes=frozenset(Scope), shops=ALL_SHOPS, key_id="")


async def test_the_orders_of_a_list_are_recorded_as_the_platform_has_them(
    opened: RuntimeResources,
) -> None:
    port = opened.adapters["flagship"].orders
    assert port is not None
    page = await port.page(OrderQuery(), None, 20, ReadOptions())
    assert await indexed(opened, "flagship") == {}

    assert await index_of(opened).recorder.flush() == 20
    there = await platform_orders(opened, "flagship")
    read = [order.platform_id for order in page.items]
    assert await indexed(opened, "flagship") == {id_: there[id_] for id_ in read}
    assert await indexed_after_sales(opened, "flagship") == {
        id_ for id_ in read if there[id_].status == "IN_DISPUTE"
    }


async def test_what_is_read_again_from_the_cache_is_not_recorded_again(
    opened: RuntimeResources,
) -> None:
    port = opened.adapters["flagship"].orders
    assert port is not None
    await port.page(OrderQuery(), None, 5, ReadOptions())
    assert await index_of(opened).recorder.flush() == 5
    await port.page(OrderQuery(), None, 5, ReadOptions())
    assert await index_of(opened).recorder.flush() == 0


async def test_a_mutation_s_order_is_in_the_index_before_it_is_answered(
    opened: RuntimeResources, sandbox: Sandbox
) -> None:
    order = str(sandbox.order()["order_id"])
    with working(MutationProgress()):
        given = OrderShipInput(
            id=ID(Key("Order", "flagship", order).encode()), needs_delivery=False
        )
        (shipped,) = await opened.services.fulfilment.ship({(): given}, VIEWER, ReadOptions())
    assert shipped.order is not None

    assert (await indexed(opened, "flagship"))[order].status == "SHIPPED"
    assert await index_of(opened).recorder.flush() == 0


async def test_an_older_answer_changes_nothing(opened: RuntimeResources, sandbox: Sandbox) -> None:
    order = str(sandbox.order()["order_id"])
    index = index_of(opened)
    port = index.adapters["flagship"].orders
    assert port is not None
    paid = (await port.get_many([order], FRESH))[order]
    sandbox.set_order_status(order, 8)
    disputed = (await port.get_many([order], FRESH))[order]

    for read in (ReadOrder(disputed, 2.0), ReadOrder(paid, 1.0)):
        async with opened.store.transaction() as transaction:
            await index.writer.put_read_orders(transaction, [read])

    assert (await indexed(opened, "flagship"))[order].status == "IN_DISPUTE"
    assert await indexed_after_sales(opened, "flagship") == {order}


async def test_a_dispute_that_is_over_is_no_after_sale(
    opened: RuntimeResources, sandbox: Sandbox
) -> None:
    order = str(sandbox.order()["order_id"])
    index = index_of(opened)
    port = index.adapters["flagship"].orders
    assert port is not None
    for code, asked_at in ((8, 1.0), (5, 2.0)):
        sandbox.set_order_status(order, code)
        read = (await port.get_many([order], FRESH))[order]
        async with opened.store.transaction() as transaction:
            await index.writer.put_read_orders(transaction, [ReadOrder(read, asked_at)])

    assert (await indexed(opened, "flagship"))[order].status == "COMPLETED"
    assert await indexed_after_sales(opened, "flagship") == set()


async def test_the_products_of_a_list_are_recorded_as_the_platform_has_them(
    opened: RuntimeResources,
) -> None:
    await opened.services.products.page(
        ProductListQuery(chosen=ProductFilter(shops=["flagship"])),
        PageArguments(size=100),
        VIEWER,
        ReadOptions(),
    )
    await index_of(opened).recorder.flush()
    while await index_of(opened).recorder.flush():
        pass

    found = await indexed_products(opened, "flagship")
    assert found == await platform_products(opened, "flagship")
    assert len(found) > 5


async def test_a_product_that_is_unlisted_and_deleted_is_so_in_the_index_at_once(
    opened: RuntimeResources,
) -> None:
    services, recorder = opened.services, index_of(opened).recorder
    await services.products.page(
        ProductListQuery(chosen=ProductFilter(shops=["flagship"])),
        PageArguments(size=100),
        VIEWER,
        ReadOptions(),
    )
    while await recorder.flush():
        pass
    found = await indexed_products(opened, "flagship")
    product = next(id_ for id_, (status, _) in sorted(found.items()) if status == "ON_SHELF")
    id_ = Key("Product", "flagship", product).encode()

    with working(MutationProgress()):
        await services.product_writing.set_status(
            [id_], ProductListing.OFF_SHELF, VIEWER, ReadOptions()
        )
    assert (await indexed_products(opened, "flagship"))[product][0] == "OFF_SHELF"
    with working(MutationProgress()):
        await services.product_writing.delete(id_, VIEWER, ReadOptions())
    assert product not in await indexed_products(opened, "flagship")
