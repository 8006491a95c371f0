"""Arguments that methods of the index are called with, to see the plans of their statements."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gateway.store.engine import Transaction
from gateway.store.index_pages import IndexPlace
from gateway.store.indexed_after_sales import (
    AfterSaleIndexEntry,
    AfterSalePlace,
    AfterSaleQuestion,
    AfterSaleSort,
    SeenOrder,
)
from gateway.store.indexed_orders import OrderEntry, OrderLineEntry
from gateway.store.indexed_products import (
    DraftRefusal,
    ProductIndexEntry,
    ProductQuestion,
    ProductSort,
    SkuIndexEntry,
)
from gateway.store.order_questions import OrderQuestion, OrderSort
from gateway.store.order_statistics import Dimension
from gateway.store.store import Store
from gateway.store.unindexed import WrittenRow
from gateway.store.webhook_deliveries import WebhookDeliveryQuery, WebhookSettlement
from tests.store.large_ledger import LARGE, OPEN_ID, ROWS, SMALL
from tests.store.samples import NOW
from tests.store.webhook_rows import endpoint, message

#: Middle of the lists: beyond it are half of the rows.
MIDDLE: Final = int(NOW) - ROWS // 2 * 30


@dataclass(frozen=True)
class Made:
    """An argument that is read in the transaction of the call."""

    make: Callable[[Store, Transaction], Awaitable[Any]]


class Several(tuple[Any, ...]):
    """Arguments that are driven one after the other."""

    __slots__ = ()


def indexed_product(platform_id: str) -> ProductIndexEntry:
    sku = SkuIndexEntry(platform_id="", code="c7", price=1, stock=1)
    return ProductIndexEntry(
        shop=LARGE,
        platform_id=platform_id,
        title="Cotton",
        status="ON_SHELF",
        skus=[sku],
        document="{}",
        seen_at=NOW,
    )


def indexed_after_sale(order_id: str) -> AfterSaleIndexEntry:
    return AfterSaleIndexEntry(
        shop=LARGE,
        order_platform_id=order_id,
        platform_id="a7",
        created_at=MIDDLE,
        updated_at=None,
        answer_before=None,
        status="APPLYING",
        kind="EXCHANGE",
        open=True,
        refund=1,
        open_id=OPEN_ID,
        document=None,
        personal=None,
        seen_at=NOW,
    )


def indexed_order(platform_id: str) -> OrderEntry:
    line = OrderLineEntry(platform_product_id="p7", code="c7", units=1, total=1)
    return OrderEntry(
        shop=LARGE,
        platform_id=platform_id,
        created_at=MIDDLE,
        updated_at=None,
        paid_at=MIDDLE,
        status="SHIPPED",
        total=1,
        refunded=0,
        open_after_sale=False,
        buyer=OPEN_ID,
        phone="13800138000",
        receiver="张三",
        texts=["silk"],
        lines=[line],
        document="{}",
        personal=b"{}",
        seen_at=NOW,
    )


BOTH: Final = (LARGE, SMALL)
START, END = MIDDLE - 900_000, MIDDLE + 900_000
#: Words of nearly all orders, of one in a thousand, of one and of none.
SEARCHES: Final = ("cotton", "silk", "o7", "nothing")
ORDER_QUESTIONS: Final = Several(
    (
        *(OrderQuestion(shops=BOTH, search=search) for search in SEARCHES),
        *(
            OrderQuestion(shops=BOTH, search="cotton", sort=sort, reverse=True)
            for sort in OrderSort
        ),
        *(OrderQuestion(shops=BOTH, sort=sort) for sort in OrderSort),
        OrderQuestion(
            shops=BOTH, statuses=["SHIPPED", "REFUNDED"], created_from=START, created_to=END
        ),
        OrderQuestion(
            shops=BOTH, search="cotton", statuses=["REFUNDED"], created_from=START, created_to=END
        ),
        OrderQuestion(shops=BOTH, search="silk", with_personal=True),
        OrderQuestion(shops=BOTH, search="13800138000", found=[(LARGE, "o7"), (SMALL, "o8")]),
        OrderQuestion(shops=BOTH, buyers=[(LARGE, OPEN_ID)]),
        OrderQuestion(shops=BOTH, platform_ids=["o7", "none"]),
        OrderQuestion(shops=BOTH, open_after_sale=True),
        OrderQuestion(shops=BOTH, copies=True),
        OrderQuestion(shops=BOTH, metadata=[("a", "b")]),
        OrderQuestion(shops=BOTH, updated_from=int(NOW) + 1_000),
        OrderQuestion(shops=BOTH, paid_from=MIDDLE, paid_to=MIDDLE + 900),
    )
)

#: As `ARGUMENTS` of the test has them.
INDEX_ARGUMENTS: Final[Mapping[str, Any]] = {
    "codes": ["c7", "c8", "none"],
    "indexed_orders.entries": [indexed_order("new"), indexed_order("o7")],
    "indexed_orders.ids": ["o7", "o8", "none"],
    "indexed_orders.new": Several(((), [(LARGE, "new", ""), (LARGE, "o7", "")])),
    "indexed_orders.question": ORDER_QUESTIONS,
    "indexed_orders.after": Several((None, IndexPlace(MIDDLE, "o"))),
    "order_statistics.question": ORDER_QUESTIONS,
    "order_statistics.group_by": Several(([Dimension.DAY, Dimension.SHOP], [Dimension.PRODUCT])),
    "indexed_products.entries": [indexed_product("new"), indexed_product("p7")],
    "indexed_products.ids": ["p7", "p8", "none"],
    "indexed_products.question": Several(
        (
            ProductQuestion(),
            ProductQuestion(statuses=["OFF_SHELF"]),
            ProductQuestion(sku_codes=["c7"], stock_at_most=3),
            ProductQuestion(search="p7"),
            ProductQuestion(search="cotton"),
            ProductQuestion(sort=ProductSort.PRICE),
            ProductQuestion(sort=ProductSort.STOCK, reverse=True),
        )
    ),
    "indexed_products.refusal": DraftRefusal("title", 1),
    "indexed_products.after": Several((None, IndexPlace(50, "p7"))),
    "indexed_after_sales.after_sale_id": "a1",
    "indexed_after_sales.entries": [indexed_after_sale("new"), indexed_after_sale("o7")],
    "indexed_after_sales.orders": [SeenOrder(LARGE, "o7", "", NOW)],
    "unindexed.after": Several((WrittenRow(0.0, "", ""), WrittenRow(float(MIDDLE), LARGE, "o"))),
    "indexed_after_sales.order_ids": ["o7", "o8"],
    "indexed_after_sales.question": Several(
        (
            AfterSaleQuestion(statuses=["APPLYING"], created_from=MIDDLE),
            AfterSaleQuestion(open=True, kinds=["EXCHANGE"]),
            *(
                AfterSaleQuestion(sort=sort, reverse=reverse)
                for sort in AfterSaleSort
                for reverse in (False, True)
            ),
        )
    ),
    "indexed_after_sales.after": Several((None, AfterSalePlace(MIDDLE, "o", "a"))),
}


async def claimed_delivery(store: Store, transaction: Transaction) -> Any:
    """Answer a delivery that waited."""
    claimed = await store.webhook_deliveries.claim(transaction, "me", 1, lease=60, limit=1)
    return claimed[0]


async def waiting_delivery(store: Store, transaction: Transaction) -> Any:
    """Answer a delivery that is in a line."""
    found = await store.webhook_deliveries.get_many([ROWS], within=transaction)
    return found[ROWS]


#: As `ARGUMENTS` of the test has them.
WEBHOOK_ARGUMENTS: Final[Mapping[str, Any]] = {
    "webhook_endpoints.endpoint": endpoint(),
    "webhook_endpoints.endpoint_id": 1,
    "webhook_endpoints.key_id": Several((None, "k1")),
    "webhook_endpoints.url": "https://hooks.example.com",
    "webhook_endpoints.topics": frozenset({"ORDER_CHANGED"}),
    "webhook_endpoints.secrets.endpoint_id": 99,
    "webhook_endpoints.rotate_secret.endpoint_id": 99,
    "webhook_endpoints.secret": "whsec_new",
    "webhook_endpoints.overlap": 60.0,
    "webhook_deliveries.deliveries": [message(1, f"s{ROWS % 20_000}"), message(2, "new")],
    "webhook_deliveries.endpoint": 1,
    "webhook_deliveries.delivery": Made(claimed_delivery),
    "webhook_deliveries.retry.delivery": Made(waiting_delivery),
    "webhook_deliveries.settlement": WebhookSettlement("DELIVERED", status=200),
    "webhook_deliveries.query": Several(
        WebhookDeliveryQuery(endpoints=[1, 2], subject=subject, states=states)
        for subject in (None, "s7")
        for states in (None, ["DEAD"], ["PENDING", "DEAD"])
    ),
    "told_health.value": "UP",
    "webhook_deliveries.after": Several((None, ROWS // 2)),
}
