"""After-sales to import or to change."""

import strawberry
from strawberry import UNSET

from schema.after_sale import AfterSaleKind, WritableAfterSaleStatus
from schema.declare import described, public_input
from schema.inputs.money import MoneyInput
from schema.inputs.page_link import PageLinkInput
from schema.scalars import DateTime


@public_input
class AfterSaleItemInput:
    """AfterSaleItemInput."""

    platform_product_id: str = described("")
    quantity: int = described("")
    refund: MoneyInput = described("")


@public_input
class AfterSaleInput:
    """AfterSaleInput."""

    platform_id: str = described("")
    status: WritableAfterSaleStatus = described("")
    kind: AfterSaleKind = described("")
    refund: MoneyInput | None = described("An exchange has none.", default=None)
    items: list[AfterSaleItemInput] | None = described("", default=None)
    created_at: DateTime = described("")
    updated_at: DateTime | None = described("", default=None)
    page: PageLinkInput | None = described("", default=None)


@public_input
class AfterSaleImportInput:
    """AfterSaleImportInput."""

    order_id: strawberry.ID = described("")
    open_id: str | None = described("", default=None)
    after_sales: list[AfterSaleInput] = described("")
    order_after_sale_status: WritableAfterSaleStatus | None = described("", default=None)


@public_input
class AfterSaleUpdateInput:
    """AfterSaleUpdateInput."""

    id: strawberry.ID = described("")
    open_id: str | None = described("", default=UNSET)
    status: WritableAfterSaleStatus | None = described("", default=UNSET)
    kind: AfterSaleKind | None = described("", default=UNSET)
    refund: MoneyInput | None = described("", default=UNSET)
    items: list[AfterSaleItemInput] | None = described("", default=UNSET)
    updated_at: DateTime | None = described("", default=UNSET)
    page: PageLinkInput | None = described("", default=UNSET)


@public_input
class AfterSaleStatusInput:
    """AfterSaleStatusInput."""

    id: strawberry.ID = described("")
    open_id: str | None = described("", default=None)
    status: WritableAfterSaleStatus = described("")
    order_after_sale_status: WritableAfterSaleStatus | None = described("", default=None)
