"""Commands about orders, and what one makes of an order: the decision, accepted or refused."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from msgspec import structs

from gateway.errors import GatewayError
from gateway.ports import WireForm
from gateway.ports.writing.problems import Path
from gateway.store.documents import AfterSaleDocument, OrderDocument, OrderPersonal
from gateway.store.orders import StoredOrder
from schema.errors import UserError


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentState:
    """An order as the ledger has it, locked until the transaction ends."""

    #: None: there is none, or it was deleted.
    order: StoredOrder | None
    after_sales: Sequence[AfterSaleDocument] = ()
    #: The version of the row, which a deleted order has too; 0: there is no row.
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a command makes of an order."""

    #: A PushOperation; None: recorded, not sent.
    operation: str | None
    #: The PushOperation of a second push, which nothing waits for; None: there is none.
    followed_by: str | None = None
    document: OrderDocument
    personal: OrderPersonal | None
    #: All of its after-sales from now on; None: unchanged.
    after_sales: Sequence[AfterSaleDocument] | None = None
    #: Platform ids of the after-sales that the push sends.
    named: tuple[str, ...] = ()
    #: What is changed: the order, or its after-sales in `named`.
    changes: Literal["Order", "AfterSale"] = "Order"
    #: Errors of parts of the input that are left out.
    refusals: Sequence[UserError] = ()
    #: What of it is not sent, since the platform has no place for it.
    warnings: Sequence[UserError] = ()
    #: The platform has the order already and is to replace it.
    replaces: bool = False
    #: Why the push is held until `release_held`; None: it is sent.
    held: str | None = None
    #: Accepted only: the answer does not wait for the delivery.
    deliver_later: bool = False
    #: The order is shipped by it, which its platform may want to be told.
    ships: bool = False
    #: The order disappears from the ledger's reads.
    deletes: bool = False
    #: An OrderChangeCause.
    cause: str = "MUTATION"
    #: What the platform's rules were checked on, which the first delivery sends; None: the delivery
    #: writes it.
    wire_form: WireForm | None = None

    @property
    def is_awaited(self) -> bool:
        """Whether the answer waits for the delivery of a push."""
        return self.operation is not None and self.held is None and not self.deliver_later

    @property
    def operations(self) -> tuple[str, ...]:
        """The PushOperations of its pushes."""
        both = (self.operation, self.followed_by)
        return tuple(operation for operation in both if operation is not None)

    def without_wire_form(self) -> "Decision":
        """The decision without a wire form for the first delivery."""
        return dataclasses.replace(self, wire_form=None)

    def sent_as(self, form: WireForm) -> "Decision":
        """The decision with its platform's form, and with the status codes in the documents."""
        codes, after_sales = form.codes, self.after_sales
        if codes is None:
            return dataclasses.replace(self, wire_form=form)
        if after_sales is not None:
            after_sales = [
                structs.replace(one, platform_status=code)
                for one, code in zip(after_sales, codes.after_sales, strict=False)
            ]
        document = structs.replace(self.document, platform_status=codes.order)
        return dataclasses.replace(self, document=document, after_sales=after_sales, wire_form=form)


class Command(Protocol):
    """A change of one order: validated input as a plain value."""

    @property
    def shop(self) -> str:
        """The key of the order's shop."""

    @property
    def platform_id(self) -> str:
        """The order's platform id."""

    @property
    def at(self) -> Path:
        """The path in the input that it was read from."""

    def apply(self, state: CurrentState) -> Decision:
        """The new state of the order. Pure: a restarted transaction applies it again.

        Raises:
            GatewayError: the command is refused; InputRefused, for the caller to fix.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A command that was written; `push_id` is None where nothing is sent."""

    version: int
    push_id: int | None
    decision: Decision


IntakeResult = Accepted | GatewayError
