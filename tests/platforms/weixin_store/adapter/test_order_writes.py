"""Changes of orders of a Weixin Store in the sandbox, over HTTP."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import strawberry

from gateway.concurrency.clock import Clock
from gateway.errors import (
    AnswerLost,
    PlatformQuotaExceeded,
    PlatformRejected,
    PlatformUnavailable,
)
from gateway.platforms.weixin_store.adapter.order_writes import again_if_too_often
from gateway.ports import Adapter, ReadOptions
from gateway.ports.writing.problems import Absent, InputRefused
from schema.inputs.order import (
    OrderRepriceInput,
    OrderRepriceItemInput,
    OrderShipInput,
    ParcelInput,
    ParcelItemInput,
)
from schema.money import MoneyInput
from schema.order import Order
from schema.order_details import WeixinStoreOrderDetails
from schema.order_status import OrderStatus
from tests.fixtures_sandbox import Sandbox

BASE = "/channels/ec/order/"
SEND, CORRECT, PRICE = "delivery/send", "deliveryinfo/update", "price/update"
DECODE, CARRIERS = "sensitiveinfo/decode", "deliverycompanylist/new/get"
UNPAID, GIFT, TO_SHIP, SHIPPED, CANCELLED = 10, 12, 20, 30, 250
FRESH = ReadOptions(fresh=True)


def placed(store: Sandbox, *, count: int = 3, paid: bool = True) -> str:
    """A new order of one line."""
    given = {"count": count, "paid": paid}
    order = store.client.post("/_sandbox/weixin/orders", json=given).json()["order"]
    return str(order["order_id"])


def seeded(store: Sandbox, status: int, *, lines: int = 1) -> str:
    """An order of the sample with this status, and so many lines at least."""
    (shop,) = store.shops("weixin_store").values()
    return next(
        str(order["order_id"])
        for order in shop["orders"].values()
        if order["status"] == status and len(order["order_detail"]["product_infos"]) >= lines
    )


async def read(shop: Adapter, order: str) -> Order:
    assert shop.orders is not None
    return (await shop.orders.get_many([order], FRESH))[order]


async def ship(shop: Adapter, order: str, number: str = "SF1", **given: Any) -> None:
    assert shop.ships_orders is not None
    if "parcels" not in given:
        given = {"carrier": "sf", "tracking_number": number, **given}
    await shop.ships_orders.ship(order, OrderShipInput(id=strawberry.ID(order), **given), None)


async def reprice(shop: Adapter, order: str, fen: int | None, fee: int | None = None) -> None:
    assert shop.reprices_orders is not None
    (line, *_) = (await read(shop, order)).items
    lines = (
        [] if fen is None else [OrderRepriceItemInput(item_id=line.id(), total=MoneyInput(fen=fen))]
    )
    shipping = None if fee is None else MoneyInput(fen=fee)
    await shop.reprices_orders.reprice(
        order, OrderRepriceInput(id=strawberry.ID(order), items=lines, shipping_fee=shipping), None
    )


def sent(store: Sandbox, call: str) -> list[dict[str, Any]]:
    return [one["body"] for one in store.requests(BASE + call)]


def parcels(order: Order) -> list[tuple[str | None, str | None, list[int | None]]]:
    return [
        (
            parcel.carrier.code if parcel.carrier else None,
            parcel.tracking_number,
            [item.quantity for item in parcel.items or ()],
        )
        for parcel in order.shipments
    ]


def refused(caught: pytest.ExceptionInfo[InputRefused]) -> list[tuple[str, list[str] | None]]:
    return [(error.code.name, error.field) for error in caught.value.errors]


async def test_an_order_is_shipped_in_parcels_one_after_the_other(
    shop: Adapter, store: Sandbox
) -> None:
    order = placed(store, count=3)
    (line,) = (await read(shop, order)).items

    await ship(
        shop,
        order,
        parcels=[
            ParcelInput(
                carrier="YTO",
                tracking_number="YT1",
                items=[ParcelItemInput(item_id=line.id(), quantity=2)],
            )
        ],
    )
    part = await read(shop, order)
    await ship(shop, order, "SF2")
    whole = await read(shop, order)

    assert (part.status, parcels(part)) == (
        OrderStatus.PARTIALLY_SHIPPED,
        [("YTO", "YT1", [2])],
    )
    assert (whole.status, parcels(whole)) == (
        OrderStatus.SHIPPED,
        [("YTO", "YT1", [2]), ("SF", "SF2", [1])],
    )


async def test_an_order_of_several_lines_is_shipped_in_two_parcels_at_once(
    shop: Adapter, store: Sandbox
) -> None:
    order = seeded(store, TO_SHIP, lines=2)
    lines = (await read(shop, order)).items
    held = [ParcelItemInput(item_id=one.id(), quantity=one.quantity) for one in lines]

    await ship(
        shop,
        order,
        parcels=[
            ParcelInput(carrier="SF", tracking_number="SF1", items=held[:1]),
            ParcelInput(other_carrier="同城跑腿", tracking_number="X1", items=held[1:]),
        ],
    )

    found = await read(shop, order)
    assert found.status is OrderStatus.SHIPPED
    assert parcels(found) == [
        ("SF", "SF1", [lines[0].quantity]),
        ("OTHER", "X1", [one.quantity for one in lines[1:]]),
    ]


async def test_the_same_parcels_again_are_left_as_they_are(shop: Adapter, store: Sandbox) -> None:
    order = placed(store)
    await ship(shop, order)

    await ship(shop, order)
    with pytest.raises(InputRefused) as caught:
        await ship(shop, order, "SF2")

    assert refused(caught) == [("CONFLICT", ["id"])]
    assert len(sent(store, SEND)) == 1


async def test_what_the_platform_has_sent_already_is_looked_for(
    shop: Adapter, store: Sandbox
) -> None:
    ours, others = placed(store), placed(store)
    store.fault("errcode", 109001, path=BASE + SEND, times=1, after=True)
    await ship(shop, ours)
    store.fault("errcode", 109001, path=BASE + SEND, times=1)
    with pytest.raises(InputRefused) as caught:
        await ship(shop, others)

    assert (await read(shop, ours)).status is OrderStatus.SHIPPED
    assert refused(caught) == [("CONFLICT", ["id"])]


async def test_a_lost_answer_is_resolved_by_the_order_itself(shop: Adapter, store: Sandbox) -> None:
    arrived, lost = placed(store), placed(store)
    store.fault("reset", path=BASE + SEND, times=1, after=True)
    await ship(shop, arrived)
    store.fault("reset", path=BASE + SEND, times=1)
    with pytest.raises(AnswerLost):
        await ship(shop, lost)

    assert len(sent(store, SEND)) >= 1
    assert (await read(shop, arrived)).status is OrderStatus.SHIPPED
    assert (await read(shop, lost)).status is OrderStatus.AWAITING_SHIPMENT


async def test_too_often_is_repeated(shop: Adapter, store: Sandbox) -> None:
    order = placed(store)
    store.fault("errcode", 100003, path=BASE + SEND, times=1)

    await ship(shop, order)

    assert (await read(shop, order)).status is OrderStatus.SHIPPED


async def test_pauses_double_and_end() -> None:
    pauses: list[float] = []
    busy = PlatformUnavailable("often", endpoint="e", shop="s", platform_code="100003")

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    async def call() -> None:
        raise busy

    clock = Clock(sleep=pause, monotonic=lambda: 0.0)
    with pytest.raises(PlatformUnavailable):
        await again_if_too_often(clock, call, None)
    assert pauses == [0.5, 1.0, 2.0]

    with pytest.raises(PlatformUnavailable):
        await again_if_too_often(clock, call, 1.0)
    assert pauses[3:] == [0.5]


async def test_another_refusal_is_not_repeated() -> None:
    async def call() -> None:
        raise PlatformUnavailable("busy", endpoint="e", shop="s", platform_code="-1")

    with pytest.raises(PlatformUnavailable):
        await again_if_too_often(Clock(), call, None)


async def test_parcels_of_a_shipped_order_are_corrected(shop: Adapter, store: Sandbox) -> None:
    order = placed(store)
    await ship(shop, order)
    before = await read(shop, order)

    await ship(shop, order, "SF2", correct=True)

    after = await read(shop, order)
    assert parcels(after) == [("SF", "SF2", [3])]
    assert [one.id() for one in after.shipments] == [one.id() for one in before.shipments]


async def test_the_platform_takes_three_corrections(shop: Adapter, store: Sandbox) -> None:
    order = placed(store)
    await ship(shop, order)
    for number in range(3):
        await ship(shop, order, f"SF-{number}", correct=True)

    with pytest.raises(PlatformRejected) as caught:
        await ship(shop, order, "SF-4", correct=True)

    assert caught.value.platform_code == "606041"


@pytest.mark.parametrize(
    ("status", "given", "field"),
    [
        (TO_SHIP, {"correct": True}, "correct"),
        (UNPAID, {}, "id"),
        (GIFT, {}, "id"),
        (CANCELLED, {}, "id"),
    ],
)
async def test_an_order_in_another_status_is_not_shipped(
    shop: Adapter, store: Sandbox, status: int, given: dict[str, Any], field: str
) -> None:
    with pytest.raises(InputRefused) as caught:
        await ship(shop, seeded(store, status), **given)

    assert refused(caught) == [("CONFLICT", [field])]
    assert sent(store, SEND) == sent(store, CORRECT) == []


async def test_an_order_that_a_carrier_delivers_is_not_sent_as_virtual(
    shop: Adapter, store: Sandbox
) -> None:
    assert shop.ships_orders is not None
    order = placed(store)

    with pytest.raises(InputRefused) as caught:
        await shop.ships_orders.ship(
            order, OrderShipInput(id=strawberry.ID(order), needs_delivery=False), None
        )

    assert refused(caught) == [("UNSUPPORTED_BY_PLATFORM", ["needsDelivery"])]


async def test_a_carrier_is_one_of_the_platform_s_list(shop: Adapter, store: Sandbox) -> None:
    with pytest.raises(InputRefused) as caught:
        await ship(shop, placed(store), carrier="YD")

    assert refused(caught) == [("INVALID", ["carrier"])]


async def test_the_platform_s_carriers_are_listed(shop: Adapter) -> None:
    assert shop.carriers is not None

    found = {one.code: (one.name, one.key) for one in await shop.carriers.all(FRESH)}

    assert found["YUNDA"] == ("韵达速递", "yunda")
    assert found["SF"] == ("顺丰速运", "sf")


async def test_an_order_that_is_not_there_is_absent(shop: Adapter) -> None:
    assert shop.annotates_orders is not None
    assert shop.reveals_addresses is not None
    with pytest.raises(Absent):
        await ship(shop, "3790000000000000404")
    with pytest.raises(Absent):
        await shop.annotates_orders.set_note("3790000000000000404", "x", None)
    with pytest.raises(Absent):
        await shop.reveals_addresses.reveal("3790000000000000404", None)


async def test_prices_go_down_until_the_order_is_paid(shop: Adapter, store: Sandbox) -> None:
    order = placed(store, paid=False)
    before = await read(shop, order)
    (line,) = before.items
    full = line.unit_price.fen * line.quantity

    await reprice(shop, order, full - 100)
    await reprice(shop, order, None, fee=200)

    after = await read(shop, order)
    assert after.items[0].changed_total is not None
    assert after.items[0].changed_total.fen == full - 100
    assert after.shipping_fee is not None
    assert after.shipping_fee.fen == 200
    assert after.total.fen == before.total.fen - 100 - 400
    assert isinstance(after.details, WeixinStoreOrderDetails)
    assert after.details.prices is not None
    assert after.details.prices.consistent is True

    store.client.post(f"/_sandbox/weixin/orders/{order}", json={"status": TO_SHIP})
    with pytest.raises(InputRefused) as caught:
        await reprice(shop, order, 1)
    assert refused(caught) == [("CONFLICT", ["id"])]


async def test_a_note_replaces_the_one_before(shop: Adapter, store: Sandbox) -> None:
    assert shop.annotates_orders is not None
    order = placed(store)

    await shop.annotates_orders.set_note(order, "ring twice", None)
    await shop.annotates_orders.set_note(order, "do not ring", None)

    details = (await read(shop, order)).details
    assert isinstance(details, WeixinStoreOrderDetails)
    assert details.merchant_note == "do not ring"


@pytest.mark.parametrize("accept", [True, False])
async def test_a_buyer_who_asks_for_another_address_is_answered(
    shop: Adapter, store: Sandbox, *, accept: bool
) -> None:
    assert shop.answers_address_requests is not None
    order = placed(store)
    before = (await read(shop, order)).shipping_address_data
    store.client.post(f"/_sandbox/weixin/orders/{order}/address", json={})
    asked = (await read(shop, order)).details
    with pytest.raises(PlatformRejected) as caught:
        await ship(shop, order)

    await shop.answers_address_requests.answer_address_request(order, None, accept=accept)

    found = await read(shop, order)
    assert isinstance(asked, WeixinStoreOrderDetails)
    assert isinstance(found.details, WeixinStoreOrderDetails)
    assert (asked.address_requested, found.details.address_requested) == (True, False)
    assert caught.value.platform_code == "10020115"
    assert before is not None
    assert found.shipping_address_data is not None
    assert (found.shipping_address_data.hash == f"asked-{order}") is accept
    assert (found.shipping_address_data.hash == before.hash) is not accept


async def test_nobody_is_answered_who_does_not_ask(shop: Adapter, store: Sandbox) -> None:
    assert shop.answers_address_requests is not None

    with pytest.raises(InputRefused) as caught:
        await shop.answers_address_requests.answer_address_request(placed(store), None, accept=True)

    assert refused(caught) == [("CONFLICT", ["id"])]


async def test_an_address_is_masked_until_it_is_revealed(shop: Adapter, store: Sandbox) -> None:
    assert shop.reveals_addresses is not None
    order = placed(store)

    whole = await shop.reveals_addresses.reveal(order, None)

    masked = (await read(shop, order)).shipping_address_data
    assert masked is not None
    assert (masked.name, masked.street, masked.mobile, masked.masked) == (
        "张*",
        "****",
        "138****0000",
        True,
    )
    assert (whole.name, whole.street, whole.mobile) == ("张三", "示例路1号", "138****0000")
    assert whole.virtual_phone == f"1700000{order[-4:]}-6107"
    assert whole.hash == masked.hash


async def test_the_platform_counts_each_order_once_a_day(shop: Adapter, store: Sandbox) -> None:
    assert shop.reveals_addresses is not None
    store.client.post("/_sandbox/weixin/shop", json={"decodes_per_day": 1})
    first, second = placed(store), placed(store)

    await shop.reveals_addresses.reveal(first, None)
    await shop.reveals_addresses.reveal(first, None)
    with pytest.raises(PlatformQuotaExceeded) as caught:
        await shop.reveals_addresses.reveal(second, None)

    assert caught.value.platform_code == "10020123"


@pytest.mark.parametrize(
    ("status", "code"), [(UNPAID, "10020124"), (GIFT, "10020248"), (CANCELLED, "10020503")]
)
async def test_some_addresses_are_not_revealed(
    shop: Adapter, store: Sandbox, status: int, code: str
) -> None:
    assert shop.reveals_addresses is not None

    with pytest.raises(PlatformRejected) as caught:
        await shop.reveals_addresses.reveal(seeded(store, status), None)

    assert caught.value.platform_code == code


#: The codes of section 3.5 that no rule of ours is about: they are told in the platform's words.
SEND_CODES = [
    *(101100, 108009, 109000, 109002, 109205, 606003, 606004, 606005, 606008, 606031, 606034),
    *(606036, 606037, 606038, 606045, 606046, 606048, 606049, 606051, 606060, 606061, 6060479),
    *(10020115, 10020276, *range(268545000, 268545016), 40097),
]
REFUSALS = [
    *((SEND, code) for code in SEND_CODES),
    *((CORRECT, code) for code in (606034, 606040, 606041, 606042)),
    *((PRICE, code) for code in (101100, 108021, 108022, 108023, 6060481)),
    *((DECODE, code) for code in (10020124, 10020248, 10020501, 10020502, 10020503, 10020506)),
]


@pytest.mark.parametrize("call", [SEND, CORRECT, PRICE, DECODE])
async def test_every_refusal_of_the_reference_is_told_with_its_code(
    shop: Adapter, store: Sandbox, call: str
) -> None:
    reveals = shop.reveals_addresses
    assert reveals is not None
    order = placed(store, paid=call != PRICE)
    if call == CORRECT:
        await ship(shop, order)
    for code in (code for refusing, code in REFUSALS if refusing == call):
        store.fault("errcode", code, path=BASE + call, times=1)
        asking: dict[str, Callable[[], Awaitable[object]]] = {
            SEND: lambda: ship(shop, order, "SF9"),
            CORRECT: lambda: ship(shop, order, "SF9", correct=True),
            PRICE: lambda: reprice(shop, order, 1),
            DECODE: lambda: reveals.reveal(order, None),
        }
        with pytest.raises(PlatformRejected) as caught:
            await asking[call]()

        assert caught.value.platform_code == str(code)


async def test_decodes_that_come_too_fast_are_told_as_such(shop: Adapter, store: Sandbox) -> None:
    assert shop.reveals_addresses is not None
    order = placed(store)
    store.fault("errcode", 10020198, path=BASE + DECODE)

    with pytest.raises(PlatformQuotaExceeded) as caught:
        await shop.reveals_addresses.reveal(order, None)

    assert caught.value.platform_code == "10020198"
