from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

from gateway.ports import (
    Adapter,
    AfterSaleQuery,
    Position,
    ProductQuery,
    ReadOptions,
    after_sale_place,
)
from gateway.store.documents import Invoice, OrderPersonal, ProductDocument, ProductSku, Shipment
from gateway.store.products import ProductEntry
from gateway.store.store import Store
from schema import buyer
from schema.after_sale import AfterSale, AfterSaleKind, AfterSaleStatus
from schema.key import Key
from schema.order_details import MiniProgramOrderDetails
from schema.product_details import MiniProgramProductDetails
from tests.platforms.mini_program.conftest import FETCHED_AT

Keep = Callable[..., Awaitable[None]]

READING = ReadOptions()
ANY = AfterSaleQuery()


async def after_sales(
    adapter: Adapter, query: AfterSaleQuery = ANY, after: Position | None = None, first: int = 20
) -> Sequence[AfterSale]:
    assert adapter.after_sales is not None
    return (await adapter.after_sales.page(query, after, first, READING)).items


async def test_a_refunded_order_is_an_after_sale(adapter: Adapter, keep: Keep) -> None:
    await keep("a", 100, status="REFUNDED", platform_status="5", updated_at=150)
    await keep("b", 200)

    (found,) = await after_sales(adapter)

    assert found.key == Key("AfterSale", "mini", "a", "a")
    assert found.order_key == Key("Order", "mini", "a")
    assert (found.status, found.platform_status) == (AfterSaleStatus.REFUNDED, "5")
    assert found.kind is AfterSaleKind.UNKNOWN
    assert found.refund is None
    assert [(item.platform_product_id, item.quantity) for item in found.items] == [("p1", 1)]
    assert found.created_at == datetime.fromtimestamp(100, UTC)
    assert found.updated_at == datetime.fromtimestamp(150, UTC)


async def test_a_refunded_order_says_where_its_after_sales_stand(
    adapter: Adapter, keep: Keep
) -> None:
    await keep("a", 100, status="REFUNDED")
    await keep("b", 200)
    assert adapter.orders is not None

    found = await adapter.orders.get_many(["a", "b"], READING)

    assert found["a"].after_sale_status is AfterSaleStatus.REFUNDED
    assert found["b"].after_sale_status is None


async def test_after_sales_page_by_page(adapter: Adapter, keep: Keep) -> None:
    for name, at in (("a", 100), ("b", 200), ("c", 200)):
        await keep(name, at, status="REFUNDED")

    assert [one.platform_id for one in await after_sales(adapter, first=2)] == ["c", "b"]
    behind = Position(200, after_sale_place("b", "b"))
    assert [one.platform_id for one in await after_sales(adapter, after=behind)] == ["a"]


async def test_after_sales_that_the_shopping_list_cannot_have(adapter: Adapter, keep: Keep) -> None:
    await keep("a", 100, status="REFUNDED")

    applying = AfterSaleQuery(statuses=frozenset({AfterSaleStatus.APPLYING}))
    exchanges = AfterSaleQuery(kinds=frozenset({AfterSaleKind.EXCHANGE}))
    both = AfterSaleQuery(
        statuses=frozenset({AfterSaleStatus.REFUNDED, AfterSaleStatus.CLOSED}),
        kinds=frozenset({AfterSaleKind.UNKNOWN}),
    )
    later = AfterSaleQuery(created_from=datetime.fromtimestamp(101, UTC))

    assert await after_sales(adapter, applying) == ()
    assert await after_sales(adapter, exchanges) == ()
    assert len(await after_sales(adapter, both)) == 1
    assert await after_sales(adapter, later) == ()


async def test_the_after_sale_of_an_order(adapter: Adapter, keep: Keep) -> None:
    await keep("a", 100, status="REFUNDED")
    await keep("b", 200)
    port = adapter.after_sales
    assert port is not None

    found = await port.of_orders(["a", "b", "c"], READING)

    assert [(name, [one.platform_id for one in ones]) for name, ones in found.items()] == [
        ("a", ["a"])
    ]
    assert await port.get("a", "a", READING) == found["a"][0]
    assert await port.get("a", "other", READING) is None
    assert await port.get("b", "b", READING) is None


async def test_what_only_the_shopping_list_tells(
    adapter: Adapter, ledger: Store, keep: Keep
) -> None:
    await keep("a", 100, brand_phone="400-000-0000", contact_page="/pages/contact")
    stored = await ledger.orders.get("mini", "a")
    assert stored is not None
    invoice = Invoice(type="PERSON", title="个人")
    personal = OrderPersonal(open_id="b", invoice=invoice, remark="请尽快发货")
    async with ledger.transaction() as transaction:
        await ledger.orders.put(transaction, "mini", stored.document, personal)
    assert adapter.orders is not None

    order = (await adapter.orders.get_many(["a"], READING))["a"]

    assert order.details == MiniProgramOrderDetails(
        remark_data="请尽快发货",
        brand_phone="400-000-0000",
        contact_page="/pages/contact",
        invoice_data=buyer.Invoice(type=buyer.InvoiceType.PERSON, title="个人"),
    )


async def test_products_are_those_that_the_ledger_knows(adapter: Adapter, ledger: Store) -> None:
    document = ProductDocument(
        platform_product_id="p1",
        title="潮流T恤",
        category_path=("衣服", "T恤"),
        page_path="/portal/detail?code=p1",
        synced_at=1_600_000_000,
        skus=(ProductSku(platform_id="p1-L", price=9900, status="ON_SALE"),),
    )
    async with ledger.transaction() as transaction:
        entry = ProductEntry(document, "ON_SHELF", 1_600_000_000)
        await ledger.products.put_many(transaction, "mini", [entry])
    port = adapter.products
    assert port is not None

    page = await port.page(ProductQuery(search="t恤"), None, 20, READING)

    (product,) = page.items
    assert page.provenance.fetched_at == FETCHED_AT
    assert product.details == MiniProgramProductDetails(
        category_path=["衣服", "T恤"],
        page_path="/portal/detail?code=p1",
        synced_at=datetime(2020, 9, 13, 12, 26, 40, tzinfo=UTC),
    )


def test_the_carriers_are_the_manuals(adapter: Adapter) -> None:
    assert adapter.traits.carriers is not None

    carriers = adapter.traits.carriers

    assert len(carriers) == 13
    assert (carriers[0].code, carriers[0].name) == ("2000", "EMS")
    assert (carriers[-1].code, carriers[-1].name) == ("2015", "优速")


async def test_a_parcels_carrier_has_the_manuals_name(adapter: Adapter, keep: Keep) -> None:

    await keep(
        "a",
        100,
        shipments=(
            Shipment(carrier_code="2011", tracking_number="SF1"),
            Shipment(carrier_name="京东物流", tracking_number="JD1"),
            Shipment(carrier_code="2999"),
            Shipment(),
        ),
    )
    assert adapter.orders is not None

    order = (await adapter.orders.get_many(["a"], READING))["a"]

    carriers = [shipment.carrier for shipment in order.shipments]
    assert [carrier and (carrier.code, carrier.name) for carrier in carriers] == [
        ("2011", "顺丰速运"),
        (None, "京东物流"),
        ("2999", None),
        None,
    ]
