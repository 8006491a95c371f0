"""Arguments that methods of the index are called with, to see the plans of their statements."""

from collections.abc import Mapping
from typing import Any, Final

from gateway.store.index_pages import IndexPlace
from gateway.store.indexed_after_sales import (
    AfterSaleIndexEntry,
    AfterSalePlace,
    AfterSaleQuestion,
    AfterSaleSort,
)
from gateway.store.indexed_products import (
    ProductIndexEntry,
    ProductQuestion,
    ProductSort,
    SkuIndexEntry,
)
from tests.store.large_ledger import LARGE, OPEN_ID, ROWS
from tests.store.samples import NOW

#: Middle of the lists: beyond it are half of the rows.
MIDDLE: Final = int(NOW) - ROWS // 2 * 30


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


#: As `ARGUMENTS` of the test has them.
INDEX_ARGUMENTS: Final[Mapping[str, Any]] = {
    "codes": ["c7", "c8", "none"],
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
    "indexed_products.after": Several((None, IndexPlace(50, "p7"))),
    "indexed_after_sales.entries": [indexed_after_sale("new"), indexed_after_sale("o7")],
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
