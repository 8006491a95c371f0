"""Decides what has to be sent so that a copy is in step with its order again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from gateway.errors import GatewayError, LedgerUnreadable
from gateway.ledger.requirements import InvalidForPlatform, Violation
from gateway.outbox.intake import CurrentState, Decision
from gateway.outbox.message import OrderPayload, OutboxMessage, written
from gateway.ports import Codes, TakesOrders
from gateway.services.mirroring.copy import Copy
from gateway.store.documents import (
    AfterSaleDocument,
    FoundOpenId,
    OrderDocument,
    OrderPersonal,
)

#: Why a copy waits.
NOT_LINKED: Final = (
    "the buyer is not linked in this shop yet: give the open id, or say by buyerLinksImport which"
    " one it is"
)
#: Stands for an open id while the platform's rules are asked.
_SOMEBODY: Final = "somebody"


class AlreadyInSync(GatewayError):
    """The copy is as it should be, or as near to it as its platform can come."""

    def __init__(self) -> None:
        super().__init__("The copy is in step.")


class CannotCopy(GatewayError):
    """The target's platform cannot take the order; `flaws` tell why."""

    def __init__(self, flaws: Sequence[Violation]) -> None:
        super().__init__("; ".join(f"{'.'.join(one.path)}: {one.message}" for one in flaws))
        self.flaws = flaws


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorPlan:
    """One copy that is to be brought in step; `found` is the buyer's open id there, if known.

    `arrived` is False where the platform is known to have nothing of the order, `new` True where
    nothing was copied before.
    """

    port: TakesOrders[OutboxMessage]
    copy: Copy
    found: FoundOpenId | None
    arrived: bool
    new: bool = False

    @property
    def open_id(self) -> str | None:
        """The buyer's open id in the target; None where nobody can tell."""
        return self.found if isinstance(self.found, str) else None

    def decide(self, known: CurrentState) -> Decision:
        """What to send.

        Raises:
            AlreadyInSync: nothing.
            CannotCopy: there is no copy yet, and there cannot be one.
            LedgerUnreadable: whose the copy is cannot be told any more; it must not be lost.
        """
        before = known.order
        if self.new and before is not None:
            message = "the other shop has an order of this id that is no copy"
            raise CannotCopy([Violation(("id",), message)])
        personal = OrderPersonal(open_id=self.open_id, shipping_address=self.copy.address)
        waited = before is not None and not (before.personal and before.personal.open_id)
        there = before is not None and self.arrived and not waited
        same = before is not None and (there or (waited and self.open_id is None))
        if same and before is not None and _is_same(self.copy, before.document, known):
            raise AlreadyInSync
        if isinstance(self.found, LedgerUnreadable) and before is not None and not waited:
            raise self.found
        operation = "ORDER_IMPORT"
        if there and before is not None:
            operation = self._operation(before.document, known)
        document, codes, after_sales = self._fitting(operation, known, personal)
        if same and before is not None:
            self._refuse_repetition(document, after_sales, before.document, known)
        return Decision(
            operation=operation,
            document=replace(document, platform_status=codes.order),
            personal=personal,
            after_sales=[
                replace(one, platform_status=code)
                for one, code in zip(after_sales, codes.after_sales, strict=False)
            ]
            if self.port.takes_after_sales
            else None,
            named=tuple(one.platform_id for one in _new(after_sales, known)),
            waits=self._waits_for(),
            cause="MIRROR",
        )

    def _waits_for(self) -> str | None:
        if isinstance(self.found, LedgerUnreadable):
            return f"say by buyerLinksImport anew who the buyer is: {self.found.message}"
        return NOT_LINKED if self.found is None else None

    def _operation(self, last: OrderDocument, known: CurrentState) -> str:
        if _new(self.copy.after_sales, known):
            # An append tells nothing of the order itself, of which a dispute leaves these.
            kept = replace(
                self.copy.document,
                status=last.status,
                shipments=last.shipments,
                after_sale_status=last.after_sale_status,
            )
            return "AFTER_SALE_IMPORT" if _bare(kept) == _bare(last) else "ORDER_IMPORT"
        if _plain(self.copy.after_sales) != _plain(known.after_sales):
            # Two calls would say it; one import says all of it.
            return "ORDER_IMPORT"
        return "ORDER_UPDATE"

    def _fitting(
        self, operation: str, known: CurrentState, personal: OrderPersonal
    ) -> tuple[OrderDocument, Codes, Sequence[AfterSaleDocument]]:
        """The first form of the order that the platform takes: a status that it has not stays."""
        after_sales = self.copy.after_sales
        asked = personal if personal.open_id else replace(personal, open_id=_SOMEBODY)
        flaws: list[Violation] = []
        for document in self._forms(known):
            payload = OrderPayload(order=document, after_sales=after_sales)
            parcel = OutboxMessage(operation=operation, payload=written(payload), personal=asked)
            try:
                return document, self.port.check(parcel), after_sales
            except InvalidForPlatform as unfit:
                flaws = flaws or list(unfit.flaws)
        if known.order is not None and self.arrived:
            raise AlreadyInSync
        raise CannotCopy(flaws)

    def _forms(self, known: CurrentState) -> Iterator[OrderDocument]:
        document = self.copy.document
        yield document
        if known.order is not None:
            last = known.order.document
            yield replace(document, status=last.status, shipments=last.shipments)
            return
        if document.shipments:
            yield replace(document, status="SHIPPED")
        yield replace(document, status="AWAITING_SHIPMENT", shipments=())

    @staticmethod
    def _refuse_repetition(
        document: OrderDocument,
        after_sales: Sequence[AfterSaleDocument],
        last: OrderDocument,
        known: CurrentState,
    ) -> None:
        if _bare(document) == _bare(last) and _plain(after_sales) == _plain(known.after_sales):
            raise AlreadyInSync


def _is_same(copy: Copy, last: OrderDocument, known: CurrentState) -> bool:
    return _bare(copy.document) == _bare(last) and _plain(copy.after_sales) == _plain(
        known.after_sales
    )


def _bare(document: OrderDocument) -> OrderDocument:
    """Without what differs each time."""
    return replace(document, updated_at=None, platform_status=None)


def _plain(after_sales: Sequence[AfterSaleDocument]) -> list[AfterSaleDocument]:
    return sorted(
        (replace(one, platform_status="") for one in after_sales), key=lambda one: one.platform_id
    )


def _new(after_sales: Sequence[AfterSaleDocument], known: CurrentState) -> list[AfterSaleDocument]:
    there = {one.platform_id for one in known.after_sales}
    return [one for one in after_sales if one.platform_id not in there]
