"""Payments of a Mini Program become orders, or tell of those that the ledger has."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import pytest
from msgspec.structs import replace

from gateway.concurrency.clock import DAY
from gateway.outbox.dispatcher import Dispatcher
from gateway.outbox.intake import OrderIntake
from gateway.platform_kit.connection import PlatformClients
from gateway.registry import build_adapters
from gateway.services.payment_reconciliation import DAYS, EVERY, PaymentReconciler
from gateway.services.payment_recording import PaymentRecorder
from gateway.store.documents import OrderDocument, OrderItem, OrderPersonal, Payment
from gateway.store.orders import StoredOrder
from gateway.store.store import Store
from tests.fixtures_ledger import NOW
from tests.fixtures_sandbox import Sandbox
from tests.platforms.mini_program.conftest import settings
from tests.platforms.mini_program.samples import sample
from tests.sandbox.calls import ask_mini, import_orders

LIST: Final = "/wxa/sec/order/get_order_list"
UPLOAD: Final = "/wxa/sec/order/upload_shipping_info"
TRADE: Final = "/wxa/sec/order/is_trade_managed"
PAID_AT: Final = int(NOW) - 100
#: The payment that the sandbox has of the shopping list's sample.
TRANSACTION: Final = "4200000000000000000000000001"
BUYER: Final = "oMiniSampleBuyer00000000001"
TRADE_NUMBER: Final = "1517713509sample0001"
ORDER: Final = OrderDocument(
    platform_id="M1",
    status="AWAITING_SHIPMENT",
    created_at=PAID_AT - 60,
    items=(OrderItem(platform_product_id="p1", title="T恤", quantity=2, unit_price=100),),
    total=200,
    payment=Payment(method="WECHAT_PAY", paid=True, reference=TRANSACTION),
)


@dataclass
class Shop:
    """A Mini Program, its ledger, and what reads its payments."""

    store: Store
    reconciler: PaymentReconciler
    now: float = NOW
    notices: list[float] = field(default_factory=list)

    async def order(self, platform_id: str) -> StoredOrder | None:
        return await self.store.orders.get("mini", platform_id)

    async def document(self, platform_id: str) -> OrderDocument:
        found = await self.order(platform_id)
        assert found is not None
        return found.document

    async def keep(self, document: OrderDocument) -> None:
        async with self.store.transaction() as transaction:
            personal = OrderPersonal(open_id=BUYER)
            await self.store.orders.put(transaction, "mini", document, personal)

    async def again(self) -> None:
        """The next round."""
        self.now += EVERY
        await self.reconciler.work()


@pytest.fixture
def shop(sandbox: Sandbox, clients: PlatformClients, ledger: Store) -> Shop:
    adapters = build_adapters([settings(sandbox.base_url)], clients, ledger, lambda: NOW)
    dispatcher = Dispatcher(ledger, {}, lambda: NOW, random.Random(7).uniform, longest=20)

    async def notify() -> None:
        made.notices.append(made.now)

    intake = OrderIntake(ledger, dispatcher, notify)
    recorder = PaymentRecorder(ledger, intake, notify, lambda: NOW)
    made: Shop = Shop(ledger, PaymentReconciler(ledger, adapters, recorder, lambda: made.now))
    return made


@pytest.fixture
def pay(sandbox: Sandbox) -> Callable[..., None]:
    """Answer what lets a buyer pay the sample's order, at PAID_AT."""

    def paid(**changes: Any) -> None:
        (order,) = sample("importorder.add.request")["order_list"]
        order |= {"create_time": PAID_AT - 30, "pay_finish_time": PAID_AT}
        assert import_orders(sandbox, "add-order", order | changes)["errcode"] == 0
        sandbox.clear_log()

    return paid


def reported() -> dict[str, Any]:
    """A report that the sample's payment was shipped, by nobody of the gateway."""
    report: dict[str, Any] = sample("upload_shipping_info.request")
    return report | {"payer": {"openid": BUYER}}


async def test_a_payment_is_an_order_of_its_own(
    shop: Shop, sandbox: Sandbox, pay: Callable[..., None]
) -> None:
    pay()

    await shop.reconciler.work()

    found = await shop.order(TRANSACTION)
    assert found is not None
    order, buyer = found.document, found.personal
    assert (order.status, order.platform_status) == ("AWAITING_SHIPMENT", "1")
    assert (order.created_at, order.total) == (PAID_AT - 30, 20200)
    assert [(one.title, one.quantity, one.unit_price) for one in order.items] == [
        ("潮流T恤", 1, 20200)
    ]
    assert order.payment == Payment(
        method="WECHAT_PAY",
        paid=True,
        paid_at=PAID_AT,
        reference=TRANSACTION,
        merchant_id="1900000001",
        merchant_trade_number=TRADE_NUMBER,
    )
    assert buyer == OrderPersonal(open_id=BUYER)
    # Its line names no product.
    assert await shop.store.products.get_many("mini", [TRANSACTION]) == {}
    assert shop.notices == [NOW]

    ask_mini(sandbox, UPLOAD, reported())
    await shop.again()

    shipped = await shop.document(TRANSACTION)
    assert (shipped.status, shipped.platform_status) == ("SHIPPED", "2")
    assert [one.tracking_number for one in shipped.shipments] == ["SF0000000000001"]


@pytest.mark.parametrize(
    "payment",
    [
        ORDER.payment,
        Payment(
            method="OTHER",
            paid=True,
            merchant_id="1900000001",
            merchant_trade_number=TRADE_NUMBER,
        ),
    ],
    ids=["transaction", "trade number"],
)
async def test_a_payment_of_a_ledgers_order_is_that_order(
    shop: Shop, sandbox: Sandbox, pay: Callable[..., None], payment: Payment
) -> None:
    pay()
    ask_mini(sandbox, UPLOAD, reported())
    await shop.keep(replace(ORDER, payment=payment))

    await shop.reconciler.work()

    order = await shop.document("M1")
    assert (order.status, order.platform_status) == ("SHIPPED", "2")
    assert order.payment == replace(payment, paid_at=PAID_AT, reference=TRANSACTION)
    assert order.items == ORDER.items
    assert order.shipments == ()
    assert await shop.order(TRANSACTION) is None


async def test_an_order_that_is_imported_later_takes_its_payment_over(
    shop: Shop, pay: Callable[..., None]
) -> None:
    pay()
    await shop.reconciler.work()
    assert await shop.order(TRANSACTION) is not None
    await shop.keep(ORDER)

    await shop.again()

    assert await shop.order(TRANSACTION) is None
    order = await shop.document("M1")
    assert order.payment is not None
    assert order.payment.paid_at == PAID_AT


async def test_what_is_recorded_is_not_written_again(shop: Shop, pay: Callable[..., None]) -> None:
    pay()
    await shop.reconciler.work()
    first = await shop.order(TRANSACTION)

    await shop.again()

    again = await shop.order(TRANSACTION)
    assert first is not None
    assert again is not None
    assert again.version == first.version
    assert shop.notices == [NOW]


async def test_a_payment_whose_order_was_deleted_stays_away(
    shop: Shop, pay: Callable[..., None]
) -> None:
    pay()
    await shop.reconciler.work()
    async with shop.store.transaction() as transaction:
        await shop.store.orders.delete(transaction, "mini", TRANSACTION)

    await shop.again()

    assert await shop.order(TRANSACTION) is None


async def test_a_days_payments_come_with_its_turn(
    shop: Shop, sandbox: Sandbox, pay: Callable[..., None]
) -> None:
    day = 1 + int(NOW // EVERY) % DAYS
    pay(create_time=PAID_AT - day * DAY, pay_finish_time=PAID_AT - day * DAY)

    await shop.reconciler.work()

    spans = [one["body"]["pay_time_range"] for one in sandbox.requests(LIST)]
    now = int(NOW)
    assert spans == [
        {"begin_time": now - DAY, "end_time": now},
        {"begin_time": now - (day + 1) * DAY, "end_time": now - day * DAY},
    ]
    assert await shop.order(TRANSACTION) is not None


async def test_all_pages_of_a_span_are_read(
    shop: Shop, sandbox: Sandbox, pay: Callable[..., None]
) -> None:
    for number in range(51):
        pay(order_id=f"A{number}", trans_id=f"T{number:03}")

    await shop.reconciler.work()

    pages = [one["body"].get("last_index") for one in sandbox.requests(LIST)]
    assert pages == [None, "50", None]
    assert await shop.order("T000") is not None
    assert await shop.order("T050") is not None


async def test_a_round_is_not_repeated_before_its_time(shop: Shop, sandbox: Sandbox) -> None:
    await shop.reconciler.work()
    asked = len(sandbox.requests(LIST))

    await shop.reconciler.work()

    assert (asked, len(sandbox.requests(LIST))) == (2, 2)


async def test_an_account_without_trade_management_has_no_payments(
    shop: Shop, sandbox: Sandbox
) -> None:
    sandbox.fault("body", {"errcode": 0, "is_trade_managed": False}, path=TRADE, times=None)

    await shop.reconciler.work()

    assert sandbox.requests(LIST) == []


@pytest.mark.parametrize("path", [TRADE, LIST])
async def test_a_platform_that_fails_is_asked_in_the_next_round(
    shop: Shop, sandbox: Sandbox, pay: Callable[..., None], path: str
) -> None:
    pay()
    sandbox.fault("errcode", 45009, path=path, times=None)
    await shop.reconciler.work()
    assert await shop.order(TRANSACTION) is None
    sandbox.clear_faults()

    await shop.reconciler.work()
    assert await shop.order(TRANSACTION) is None
    await shop.again()

    assert await shop.order(TRANSACTION) is not None
