import sqlite3
from contextlib import closing
from operator import itemgetter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from gateway.errors import BadUserInput, StoreUnavailable
from gateway.store.documents import OrderDocument, OrderPersonal, Payment, PaymentKeys
from gateway.store.mirrors import Mirror
from gateway.store.orders import OrderPosition, StoredOrder, StoredOrderQuery
from gateway.store.store import Store
from tests.store.conftest import Clock
from tests.store.samples import FEW, KEY, NOW, PERSONAL, after_sale, documents, order

ANY = StoredOrderQuery()


async def put(store: Store, *given: OrderDocument, personal: OrderPersonal | None = None) -> None:
    async with store.transaction() as transaction:
        await store.orders.put_many(transaction, "mini", [(each, personal) for each in given])


def position(stored: StoredOrder) -> OrderPosition:
    return OrderPosition(stored.document.created_at, stored.document.platform_id)


async def ids(store: Store, query: StoredOrderQuery) -> list[str]:
    page = await store.orders.page("mini", query, limit=100)
    return [stored.document.platform_id for stored in page]


async def test_an_order_is_read_as_it_was_put(store: Store) -> None:
    async with store.transaction() as transaction:
        assert await store.orders.put(transaction, "mini", order("42"), PERSONAL) == 1

    expected = StoredOrder("mini", order("42"), PERSONAL, 1, NOW, deleted=False)
    assert await store.orders.get("mini", "42") == expected
    assert await store.orders.get_many("mini", ["42", "43"]) == {"42": expected}
    assert await store.orders.page("mini", ANY, limit=1) == [expected]


@FEW
@given(documents(OrderDocument), st.none() | documents(OrderPersonal))
async def test_any_order_is_read_as_it_was_put(
    store: Store, document: OrderDocument, personal: OrderPersonal | None
) -> None:
    async with store.transaction() as transaction:
        await store.orders.put(transaction, "mini", document, personal)

    stored = await store.orders.get("mini", document.platform_id)
    assert stored is not None
    assert (stored.document, stored.personal) == (document, personal)


async def test_what_is_not_there_is_none(store: Store) -> None:
    assert await store.orders.get("mini", "42") is None
    assert await store.orders.get_many("mini", []) == {}
    assert await store.orders.page("mini", ANY, limit=1) == []
    assert len(await store.orders.page("mini", ANY, limit=100)) == 0


async def test_an_id_that_postgresql_cannot_hold_is_refused(
    migrated_postgres_url: str, clock: Clock
) -> None:
    store = await Store.open(migrated_postgres_url, encryption_key=KEY, clock=clock)
    with pytest.raises(BadUserInput, match="an id holds a NUL character"):
        await store.orders.get("mini", "4\0002")
    await store.close()


async def test_putting_again_replaces_the_whole_order(store: Store, clock: Clock) -> None:
    await put(store, order("42"), personal=PERSONAL)
    clock.now += 60
    async with store.transaction() as transaction:
        version = await store.orders.put(transaction, "mini", order("42", total=5), None)

    assert version == 2
    assert await store.orders.get("mini", "42") == StoredOrder(
        "mini", order("42", total=5), None, 2, NOW + 60, deleted=False
    )


async def test_the_same_id_in_two_shops_is_two_orders(store: Store) -> None:
    async with store.transaction() as transaction:
        await store.orders.put(transaction, "mini", order("42"), None)
        await store.orders.put(transaction, "swan", order("42", total=5), None)
        await store.orders.delete(transaction, "mini", "42")

    assert await store.orders.get("mini", "42") is None
    assert len(await store.orders.page("swan", ANY, limit=100)) == 1


async def test_a_deleted_order_is_hidden_with_its_after_sales(store: Store) -> None:
    await put(store, order("42"), personal=PERSONAL)
    async with store.transaction() as transaction:
        await store.after_sales.put_many(transaction, "mini", [after_sale("42", "a")])
    async with store.transaction() as transaction:
        assert await store.orders.delete(transaction, "mini", "42") == 2
        assert await store.orders.delete(transaction, "mini", "42") is None
        assert await store.orders.delete(transaction, "mini", "43") is None

    assert await store.orders.get("mini", "42") is None
    assert await ids(store, ANY) == []
    assert await store.after_sales.of_orders("mini", ["42"]) == {}


async def test_a_deleted_order_keeps_what_its_last_push_needs(store: Store) -> None:
    await put(store, order("42"), personal=PERSONAL)
    async with store.transaction() as transaction:
        await store.orders.delete(transaction, "mini", "42")
    async with store.transaction() as transaction:
        locked = await store.orders.lock_many(transaction, "mini", ["42", "43"])

    assert locked == {"42": StoredOrder("mini", order("42"), PERSONAL, 2, NOW, deleted=True)}


async def test_a_deleted_order_can_be_brought_in_again(store: Store) -> None:
    await put(store, order("42"))
    async with store.transaction() as transaction:
        await store.orders.delete(transaction, "mini", "42")
        assert await store.orders.put(transaction, "mini", order("42"), None) == 3

    assert await ids(store, ANY) == ["42"]


async def test_a_transaction_reads_what_it_wrote(store: Store) -> None:
    async with store.transaction() as transaction:
        await store.orders.put(transaction, "mini", order("42"), None)
        locked = await store.orders.lock_many(transaction, "mini", ["42"])
        assert [stored.version for stored in locked.values()] == [1]
        assert await store.orders.lock_many(transaction, "mini", []) == {}


async def test_many_are_put_together_or_not_at_all(store: Store) -> None:
    async def put_and_fail() -> None:
        async with store.transaction() as transaction:
            entries = [(order(str(number)), None) for number in range(10)]
            await store.orders.put_many(transaction, "mini", entries)
            raise LookupError

    with pytest.raises(LookupError):
        await put_and_fail()
    assert len(await store.orders.page("mini", ANY, limit=100)) == 0

    await put(store)
    assert len(await store.orders.page("mini", ANY, limit=100)) == 0


async def test_pages_go_from_the_newest_to_the_oldest(store: Store) -> None:
    await put(
        store,
        order("old", created_at=10),
        order("a", created_at=20),
        order("b", created_at=20),
        order("new", created_at=30),
    )

    first = await store.orders.page("mini", ANY, limit=2)
    rest = await store.orders.page("mini", ANY, after=position(first[-1]), limit=3)

    assert [stored.document.platform_id for stored in first] == ["new", "b"]
    assert [stored.document.platform_id for stored in rest] == ["a", "old"]
    assert await store.orders.page("mini", ANY, after=position(rest[-1]), limit=1) == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (StoredOrderQuery(statuses=["SHIPPED"]), ["3", "1"]),
        (StoredOrderQuery(statuses={"CLOSED", "SHIPPED"}), ["3", "2", "1"]),
        (StoredOrderQuery(statuses=["REFUNDED"]), []),
        (StoredOrderQuery(statuses=[]), []),
        (StoredOrderQuery(created_from=20), ["3", "2"]),
        (StoredOrderQuery(created_to=20), ["2", "1"]),
        (StoredOrderQuery(created_from=20, created_to=20), ["2"]),
        (StoredOrderQuery(created_from=21, created_to=29), []),
        (StoredOrderQuery(buyer_open_id="oABC-buyer-1"), ["2", "1"]),
        (StoredOrderQuery(buyer_open_id="oABC-buyer-1", statuses=["CLOSED"]), ["2"]),
        (StoredOrderQuery(buyer_open_id="oABC-buyer"), []),
    ],
)
async def test_a_query_finds_what_it_asks_for(
    store: Store, query: StoredOrderQuery, expected: list[str]
) -> None:
    await put(
        store,
        order("1", created_at=10),
        order("2", created_at=20, status="CLOSED"),
        personal=PERSONAL,
    )
    await put(store, order("3", created_at=30), personal=OrderPersonal(open_id="other"))

    assert await ids(store, query) == expected


async def test_a_swan_id_is_not_found_as_an_open_id(store: Store) -> None:
    await put(store, order("1"), personal=OrderPersonal(swan_id="same"))
    await put(store, order("2"), personal=OrderPersonal(open_id="same"))

    assert await ids(store, StoredOrderQuery(buyer_open_id="same")) == ["2"]


async def test_times_before_1970_and_at_the_edge_are_found(store: Store) -> None:
    await put(store, order("1", created_at=-5), order("2", created_at=0))

    assert await ids(store, ANY) == ["2", "1"]
    assert await ids(store, StoredOrderQuery(created_from=0)) == ["2"]
    assert await ids(store, StoredOrderQuery(created_to=0)) == ["2", "1"]


#: Orders' times, so few that many fall together, and what their ids begin with.
CHANGES = st.lists(
    st.tuples(st.integers(0, 6), st.integers(10, 99)), max_size=12, unique_by=itemgetter(1)
)


@FEW
@given(before=CHANGES, between=CHANGES, limit=st.integers(1, 5))
async def test_a_cursor_stays_valid_while_orders_come(
    store: Store, before: list[tuple[int, int]], between: list[tuple[int, int]], limit: int
) -> None:
    async with store.transaction() as transaction:
        for stored in await store.orders.page("mini", ANY, limit=100):
            await store.orders.delete(transaction, "mini", stored.document.platform_id)
    stood = {f"{number}-stood": time for time, number in before}
    await put(store, *(order(name, created_at=time) for name, time in stood.items()))

    shown: list[StoredOrder] = []
    after = None
    while page := await store.orders.page("mini", ANY, after=after, limit=limit):
        shown += page
        after = position(page[-1])
        for time, number in between[:1]:
            await put(store, order(f"{number}-new", created_at=time))
        between = between[1:]

    names = [stored.document.platform_id for stored in shown]
    assert len(names) == len(set(names))
    assert set(names) >= stood.keys()
    assert [position(stored) for stored in shown] == sorted(
        (position(stored) for stored in shown), reverse=True
    )


async def test_the_file_holds_nothing_personal_in_the_clear(
    migrated_sqlite_url: str, tmp_path: Path, clock: Clock
) -> None:
    store = await Store.open(migrated_sqlite_url, encryption_key=KEY, clock=clock)
    await put(store, order("42"), personal=PERSONAL)
    await store.close()

    content = (tmp_path / "gateway.db").read_bytes()
    assert "T恤".encode() in content
    for secret in ("oABC-buyer-1", "小明", "收件人", "13800138000", "广州市"):
        assert secret.encode() not in content


async def test_personal_data_moved_to_another_order_is_refused(
    migrated_sqlite_url: str, tmp_path: Path, clock: Clock
) -> None:
    store = await Store.open(migrated_sqlite_url, encryption_key=KEY, clock=clock)
    await put(store, order("42"), personal=PERSONAL)
    await put(store, order("43"))
    with closing(sqlite3.connect(tmp_path / "gateway.db")) as connection, connection:
        connection.execute(
            "UPDATE orders SET personal = (SELECT personal FROM orders WHERE platform_id = '42')"
        )

    moved = await store.orders.get("mini", "42")
    assert moved is not None
    assert moved.personal == PERSONAL
    stolen = await store.orders.get("mini", "43")
    assert stolen is not None
    with pytest.raises(StoreUnavailable, match=r"orders\.personal of shop mini"):
        assert stolen.personal is None
    await store.close()


async def test_orders_are_found_by_their_payments(store: Store) -> None:
    long = "T" * 300
    paid = Payment(method="WECHAT_PAY", paid=True)
    both = replace(paid, reference="T1", merchant_id="m", merchant_trade_number="1")
    await put(
        store,
        order("2", created_at=200, payment=replace(both, reference="T2")),
        order("1", created_at=100, payment=both),
        order("3", created_at=300, payment=replace(paid, reference=long)),
        order("4", payment=replace(paid, merchant_id="m")),
        order("5", payment=replace(paid, reference="", merchant_trade_number="1")),
        order("6"),
        order("gone", payment=both),
        order("copy", payment=both),
    )
    async with store.transaction() as transaction:
        await store.orders.delete(transaction, "mini", "gone")
        mirror = Mirror(shop="flagship", platform_id="1", to_shop="mini", to_platform_id="copy")
        await store.mirrors.put(transaction, mirror)

    async def found(*keys: PaymentKeys, shop: str = "mini") -> list[str]:
        orders = await store.orders.of_payments(shop, keys)
        return [one.document.platform_id for one in orders]

    assert await found(PaymentKeys("T1", None)) == ["1"]
    assert await found(PaymentKeys(None, ("m", "1"))) == ["1", "2"]
    assert await found(PaymentKeys("T2", ("m", "1")), PaymentKeys("T9", None)) == ["1", "2"]
    # Ids that begin alike are compared by who asks.
    assert await found(PaymentKeys(long + "x", None)) == ["3"]
    assert await found(PaymentKeys(None, None)) == await found() == []
    assert await found(PaymentKeys("T1", None), shop="other") == []
    await put(store, order("1", created_at=100, payment=replace(both, reference="T3")))
    assert await found(PaymentKeys("T1", None)) == []
    assert await found(PaymentKeys("T3", None)) == ["1"]


async def test_more_payments_than_one_statement_takes_are_found(store: Store) -> None:
    paid = [Payment(method="WECHAT_PAY", paid=True, reference=f"T{n:04}") for n in range(501)]
    await put(store, *(order(f"{n:04}", payment=one) for n, one in enumerate(paid)))

    found = await store.orders.of_payments("mini", map(PaymentKeys.of, paid))

    assert len(found) == 501


def test_a_payment_is_known_by_whole_keys_alone() -> None:
    paid = Payment(method="OTHER", paid=True)

    assert PaymentKeys.of(None) == PaymentKeys.of(paid) == (None, None)
    named = replace(paid, reference="", merchant_id="m", merchant_trade_number="1")
    assert PaymentKeys.of(named) == (None, ("m", "1"))
