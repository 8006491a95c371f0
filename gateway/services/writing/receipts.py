"""What is kept of a mutation beside what it wrote, so that it can be answered once more."""

from collections.abc import Iterable

import msgspec

from gateway.errors import GatewayError
from gateway.outbox.intake import Accepted, ConcurrentInsert, IntakeResult
from gateway.ports.writing.problems import InputRefused
from gateway.store.documents import WantedItemDocument
from schema.errors import ErrorCode, UserError
from schema.key import Key

Path = tuple[str, ...]


class Refusal(msgspec.Struct, frozen=True, omit_defaults=True):
    """A user error that no platform had a word in."""

    code: ErrorCode
    message: str
    field: list[str] | None = None


class OrderReceipt(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one order of an input, or of an order's after-sales.

    `at` is its path into the input; `keys` are the things that were changed, none where it was
    refused.
    """

    at: Path
    keys: list[Key] = []
    push_id: int | None = None
    refusals: list[Refusal] = []


class OrdersReceipt(msgspec.Struct, frozen=True):
    """What became of all orders of an input, in its order."""

    orders: list[OrderReceipt]


class LineReceipt(msgspec.Struct, frozen=True):
    """A line of a want-to-buy list, without the buyer, whom the mutation names."""

    item_id: str
    document: WantedItemDocument
    added_at: int


class GoodsReceipt(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Goods that were changed, by their ids in the ledger, and a push for each.

    `lines` are those that were taken off a want-to-buy list, as they were.
    """

    names: list[str]
    push_ids: list[int]
    lines: list[LineReceipt] = []


class PushReceipt(msgspec.Struct, frozen=True):
    """A push was queued again, or given up."""


def refusals(errors: Iterable[UserError]) -> list[Refusal]:
    """User errors as a receipt keeps them."""
    return [Refusal(one.code, one.message, one.field) for one in errors]


def user_errors(kept: Iterable[Refusal]) -> list[UserError]:
    """The user errors that a receipt keeps."""
    return [UserError(code=one.code, message=one.message, field=one.field) for one in kept]


def order_receipt(
    at: Path, keys: Iterable[Key], answer: IntakeResult, errors: Iterable[UserError] = ()
) -> OrderReceipt:
    """What the intake answered; `errors` are refusals beside what was accepted.

    Raises:
        GatewayError: a refusal that is nothing to the caller.
    """
    if isinstance(answer, Accepted):
        return OrderReceipt(
            at=at, keys=list(keys), push_id=answer.push_id, refusals=refusals(errors)
        )
    return OrderReceipt(at=at, refusals=refusals(_told(answer, at)))


def _told(refusal: GatewayError, at: Path) -> Iterable[UserError]:
    if isinstance(refusal, InputRefused):
        return refusal.errors
    if isinstance(refusal, ConcurrentInsert):
        message = refusal.message
        return [UserError(code=ErrorCode.CONFLICT, message=message, field=list(at) or None)]
    raise refusal
