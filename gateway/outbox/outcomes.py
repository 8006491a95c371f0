"""Outcomes of a mutation's commands: shown to the caller, and stored as its receipt."""

from collections.abc import Iterable

import msgspec

from gateway.ports.writing.problems import Path
from gateway.store.documents import WantedItemDocument
from schema.errors import ErrorCode, UserError
from schema.key import Key


class Refusal(msgspec.Struct, frozen=True, omit_defaults=True):
    """A user error that the gateway raised itself, without a platform's error."""

    code: ErrorCode
    message: str
    field: list[str] | None = None


class OrderOutcome(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The outcome of one entry of an input: an order, or after-sales of one order.

    `at` is the entry's path in the input. `keys` are the things that were changed; none where the
    entry was refused. `push_id` is None where nothing is sent. `warnings` say what of an accepted
    entry is not sent.
    """

    at: Path
    keys: list[Key] = []
    push_id: int | None = None
    refusals: list[Refusal] = []
    warnings: list[Refusal] = []

    @classmethod
    def refused(cls, at: Path, errors: Iterable[UserError]) -> "OrderOutcome":
        """An entry of which nothing was accepted."""
        return cls(at=at, refusals=refusals(errors))


class OrderOutcomes(msgspec.Struct, frozen=True, omit_defaults=True):
    """The outcomes of the entries of an input, in input order.

    `partial`: of the first entries only, while a large input is being accepted.
    """

    orders: list[OrderOutcome]
    partial: bool = False


class RemovedLine(msgspec.Struct, frozen=True):
    """A line removed from a want-to-buy list, as it was; the mutation names the buyer."""

    item_id: str
    document: WantedItemDocument
    added_at: int


class ShoppingListOutcome(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Want-to-buy lines or products that were changed, by their ids in the ledger.

    `push_ids` has one push for each, in their order; the cart page has a push and no id.
    `warnings` say what of them is not sent, or could not be known.
    """

    names: list[str]
    push_ids: list[int]
    removed: list[RemovedLine] = []
    warnings: list[Refusal] = []


def refusals(errors: Iterable[UserError]) -> list[Refusal]:
    """User errors in the form that is stored."""
    return [Refusal(one.code, one.message, one.field) for one in errors]


def user_errors(stored: Iterable[Refusal]) -> list[UserError]:
    """Stored refusals as the user errors that they were."""
    return [UserError(code=one.code, message=one.message, field=one.field) for one in stored]
