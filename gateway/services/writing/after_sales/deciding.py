"""What becomes of an order whose after-sales change: it stands as they stand together."""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from gateway.ledger.mapping.after_sale_status import standing
from gateway.outbox.intake import CurrentState, Decision
from gateway.ports.writing.problems import InputRefused, Problems
from gateway.services.writing.kept_order import Port, kept_order, platform_codes
from gateway.store.documents import AfterSaleDocument, OrderDocument, OrderPersonal
from schema.after_sale import WritableAfterSaleStatus
from schema.errors import ErrorCode


def order_of(
    known: CurrentState, open_id: str | None, *at: str
) -> tuple[OrderDocument, OrderPersonal]:
    """The order, bought by `open_id` where that is given.

    Raises:
        InputRefused: NOT_FOUND, there is none.
    """
    document, personal = kept_order(known, *at)
    return document, personal if open_id is None else replace(personal, open_id=open_id)


def named(known: CurrentState, name: str, *at: str) -> AfterSaleDocument:
    """The order's after-sale of this platform id.

    Raises:
        InputRefused: NOT_FOUND, there is none.
    """
    for one in known.after_sales:
        if one.platform_id == name:
            return one
    raise InputRefused.of(ErrorCode.NOT_FOUND, "There is no such after-sale.", *at)


def stood(
    document: OrderDocument,
    after_sales: Sequence[AfterSaleDocument],
    together: WritableAfterSaleStatus | None,
) -> OrderDocument:
    """The order, with where its after-sales stand together; `together` is what is said of that."""
    status = standing(after_sales) if together is None else together.name
    return replace(document, after_sale_status=status)


def with_changed(
    after_sales: Iterable[AfterSaleDocument], changed: Iterable[AfterSaleDocument]
) -> list[AfterSaleDocument]:
    """All after-sales of an order, those that were changed in their old places."""
    by_name = {one.platform_id: one for one in changed}
    return [by_name.get(one.platform_id, one) for one in after_sales]


def coded(  # noqa: PLR0913 - all that the platform is asked about
    port: Port,
    operation: str,
    document: OrderDocument,
    personal: OrderPersonal,
    after_sales: Sequence[AfterSaleDocument],
    problems: Problems,
    *,
    cut: int = 0,
) -> list[AfterSaleDocument]:
    """The after-sales with the platform's codes.

    The paths of its flaws begin with the place of the after-sale, such as afterSales.0: `cut`
    takes that off.

    Raises:
        InputRefused: the platform would not take them, or something was noted before.
    """
    codes = platform_codes(port, operation, document, personal, after_sales, problems, cut=cut)
    return [
        replace(one, platform_status=code)
        for one, code in zip(after_sales, codes.after_sales, strict=True)
    ]


def decision(
    operation: str,
    document: OrderDocument,
    personal: OrderPersonal,
    after_sales: Sequence[AfterSaleDocument],
    names: Sequence[str],
) -> Decision:
    """The decision for an order and all its after-sales; the push is about those in `names`."""
    return Decision(
        operation=operation,
        document=document,
        personal=personal,
        after_sales=after_sales,
        named=tuple(names),
        subject=("AfterSale", names[0]) if len(names) == 1 else None,
    )
