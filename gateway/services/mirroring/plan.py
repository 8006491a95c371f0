"""Plans what is sent to bring a copy back in sync with its order."""

import dataclasses
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from gateway.errors import GatewayError, LedgerUnreadable
from gateway.ledger.requirements import InvalidForPlatform, Violation
from gateway.outbox.buyer_correction import import_variants
from gateway.outbox.command import CurrentState, Decision
from gateway.outbox.message import OrderPayload, OutboxMessage, written
from gateway.ports import AcceptsOrders, UnsentField, WireForm
from gateway.ports.writing.problems import Path, Problems
from gateway.services.mirroring.copy import Copy, Target, copy_of
from gateway.services.writing.validation_errors import add_unsent
from gateway.store.documents import (
    AfterSaleDocument,
    FoundOpenId,
    MirrorDocument,
    OrderDocument,
    OrderPersonal,
    Shipment,
)
from gateway.store.mirrors import Mirror
from schema.errors import UserError
from schema.order import Order
from schema.order_status import OrderStatus

#: Why the push of a copy is held.
NOT_LINKED: Final = (
    "the buyer is not linked in this shop yet: pass the open id, or import the link with"
    " buyerLinksImport"
)
#: Placeholder for an unknown open id while the platform's rules are checked.
_PLACEHOLDER: Final = "unknown"
#: The arguments of orderMirror by the fields of a copy that they set.
_ARGUMENTS: Final[Mapping[Path, str]] = {
    ("title",): "title",
    ("kind",): "kind",
    ("payment",): "paidAt",
}


class AlreadyInSync(GatewayError):
    """Nothing to send: the copy is in sync, or as close to it as its platform allows."""

    def __init__(self) -> None:
        super().__init__("The copy is in sync.")


class CannotCopy(GatewayError):
    """The target's platform cannot take the order; `violations` say why."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        super().__init__("; ".join(f"{'.'.join(one.path)}: {one.message}" for one in violations))
        self.violations = violations


@dataclass(frozen=True, slots=True, kw_only=True)
class SynchroniseCopy:
    """The command that brings one copy in sync with its order; `now` in unix seconds.

    `found` is the buyer's open id in the target, if known. `arrived` is False where the platform is
    known to have nothing of the order, `new` True where nothing was copied before.
    """

    mirror: Mirror
    order: Order
    target: Target
    port: AcceptsOrders[OutboxMessage]
    found: FoundOpenId | None
    arrived: bool
    now: int
    new: bool = False
    at: Path = ()

    @property
    def shop(self) -> str:
        """The key of the shop that has the copy."""
        return self.mirror.to_shop

    @property
    def platform_id(self) -> str:
        """The copy's platform id."""
        return self.mirror.to_platform_id

    def apply(self, state: CurrentState) -> Decision:
        """What is sent.

        Raises:
            AlreadyInSync: nothing.
            CannotCopy: there is no copy yet, and there cannot be one.
            LedgerUnreadable: the buyer of the existing copy cannot be decrypted; it is kept.
        """
        copy = copy_of(self.order, self.mirror.settings, self.target, state, self.now)
        plan = MirrorPlan(
            port=self.port,
            copy=copy,
            found=self.found,
            arrived=self.arrived,
            new=self.new,
            given=_given(self.mirror.settings),
        )
        return plan.decision(state)


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorPlan:
    """The copy as it should be, compared with the one that is stored."""

    port: AcceptsOrders[OutboxMessage]
    copy: Copy
    found: FoundOpenId | None
    arrived: bool
    new: bool = False
    #: The arguments of orderMirror that the copy was asked for with.
    given: Collection[str] = ()

    @property
    def open_id(self) -> str | None:
        """The buyer's open id in the target; None if unknown."""
        return self.found if isinstance(self.found, str) else None

    def decision(self, state: CurrentState) -> Decision:
        """What is sent; raises as `SynchroniseCopy.apply`."""
        before = state.order
        if self.new and before is not None:
            message = "the other shop has an order of this id that is no copy"
            raise CannotCopy([Violation(("id",), message)])
        personal = OrderPersonal(open_id=self.open_id, shipping_address=self.copy.address)
        waited = before is not None and not (before.personal and before.personal.buyer_id)
        there = before is not None and self.arrived and not waited
        same = before is not None and (there or (waited and self.open_id is None))
        if same and before is not None and _is_same(self.copy, before.document, state):
            raise AlreadyInSync
        if isinstance(self.found, LedgerUnreadable) and before is not None and not waited:
            raise self.found
        operation = "ORDER_IMPORT"
        if there and before is not None:
            operation = self._operation(before.document, state)
        decision = self._accepted(operation, state, personal, there=there)
        if same and before is not None:
            self._refuse_repetition(decision, before.document, state)
        if there and before is not None and _is_shipped(decision.document, before.document):
            return self._reporting(decision)
        return decision

    def _reporting(self, decision: Decision) -> Decision:
        """The decision with a report of the shipping, where the target's platform takes one."""
        payload = written(OrderPayload(order=decision.document))
        message = OutboxMessage(
            operation="SHIPPING_UPLOAD", payload=payload, personal=decision.personal
        )
        if not self.port.reports_shipping(message):
            return decision
        if decision.operation is None:
            reported = dataclasses.replace(decision, operation="SHIPPING_UPLOAD")
            return reported.without_wire_form()
        return dataclasses.replace(decision, followed_by="SHIPPING_UPLOAD")

    def _held_for(self) -> str | None:
        if isinstance(self.found, LedgerUnreadable):
            return f"import the buyer link again with buyerLinksImport: {self.found.message}"
        return NOT_LINKED if self.found is None else None

    def _operation(self, last: OrderDocument, state: CurrentState) -> str:
        if _new(self.copy.after_sales, state):
            # An append does not send the order itself, of which a dispute leaves these unchanged.
            kept = replace(
                self.copy.document,
                status=last.status,
                shipments=last.shipments,
                after_sale_status=last.after_sale_status,
            )
            return "AFTER_SALE_IMPORT" if _bare(kept) == _bare(last) else "ORDER_IMPORT"
        if _plain(self.copy.after_sales) != _plain(state.after_sales):
            # It would take two calls; one import does both.
            return "ORDER_IMPORT"
        return "ORDER_UPDATE"

    def _accepted(
        self, operation: str, state: CurrentState, personal: OrderPersonal, *, there: bool
    ) -> Decision:
        """The first variant of the order that the platform accepts."""
        after_sales = self.copy.after_sales
        checked = personal if personal.open_id else replace(personal, open_id=_PLACEHOLDER)
        named = tuple(one.platform_id for one in _new(after_sales, state))
        violations: list[Violation] = []
        for document in self._variants(state, there=there):
            payload = OrderPayload(order=document, after_sales=after_sales, named=named)
            message = OutboxMessage(operation=operation, payload=written(payload), personal=checked)
            try:
                form = self.port.wire_form(message)
            except InvalidForPlatform as invalid:
                violations = violations or list(invalid.violations)
                continue
            decision = Decision(
                operation=operation if self.port.sends_orders else None,
                document=document,
                personal=personal,
                after_sales=after_sales if self.port.takes_after_sales else None,
                named=named,
                held=self._held_for(),
                cause="MIRROR",
                warnings=self._warnings(form),
            ).sent_as(form)
            # A form with the placeholder must not be sent.
            return decision if checked is personal else decision.without_wire_form()
        if state.order is not None and self.arrived:
            raise AlreadyInSync
        raise CannotCopy(violations)

    def _warnings(self, form: WireForm) -> Sequence[UserError]:
        """What was given of the copy, and the platform has no place for."""
        noted = Problems()
        if self.port.sends_orders:
            unsent = ((_ARGUMENTS.get(one.path, ""), one.message) for one in form.unsent)
            add_unsent(
                (UnsentField((name,), message) for name, message in unsent if name in self.given),
                noted,
            )
        return noted.found

    def _variants(self, state: CurrentState, *, there: bool) -> Iterator[OrderDocument]:
        document = self.copy.document
        first, *others = import_variants(document)
        yield first
        if state.order is not None:
            last = state.order.document
            yield replace(document, status=last.status, shipments=last.shipments)
        if not there:
            yield from others

    def _refuse_repetition(
        self, decision: Decision, last: OrderDocument, state: CurrentState
    ) -> None:
        same_order = _bare(decision.document) == _bare(last)
        if same_order and _plain(self.copy.after_sales) == _plain(state.after_sales):
            raise AlreadyInSync


def _given(settings: MirrorDocument) -> Collection[str]:
    given = {"title": settings.title, "kind": settings.kind, "paidAt": settings.paid_at}
    return [name for name, value in given.items() if value is not None]


def _is_shipped(document: OrderDocument, last: OrderDocument) -> bool:
    """Whether the copy is in parcels that it was not in before."""
    shipped = document.status == OrderStatus.SHIPPED.name and document.shipments
    return bool(shipped) and _bare(document).shipments != _bare(last).shipments


def _is_same(copy: Copy, last: OrderDocument, state: CurrentState) -> bool:
    return _bare(copy.document) == _bare(last) and _plain(copy.after_sales) == _plain(
        state.after_sales
    )


def _bare(document: OrderDocument) -> OrderDocument:
    """Without the fields that differ each time, and those that no platform is sent."""
    return replace(
        document,
        updated_at=None,
        platform_status=None,
        items=tuple(replace(item, code=None) for item in document.items),
        shipments=tuple(map(_bare_parcel, document.shipments)),
    )


def _bare_parcel(parcel: Shipment) -> Shipment:
    items = tuple(replace(item, quantity=None) for item in parcel.items)
    return replace(parcel, number=None, items=items)


def _plain(after_sales: Sequence[AfterSaleDocument]) -> list[AfterSaleDocument]:
    return sorted(
        (replace(one, platform_status="") for one in after_sales), key=lambda one: one.platform_id
    )


def _new(after_sales: Sequence[AfterSaleDocument], state: CurrentState) -> list[AfterSaleDocument]:
    there = {one.platform_id for one in state.after_sales}
    return [one for one in after_sales if one.platform_id not in there]
