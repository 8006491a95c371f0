"""Rules for deciding on an after-sale, by its kind and status (reference, section 4).

In a status that the reference does not explain (UNKNOWN) the platform decides.
"""

from collections.abc import Collection
from enum import Enum
from typing import Final, NamedTuple

from gateway.ports.writing.inputs import read_money
from gateway.ports.writing.problems import InputRefused, Problems
from gateway.wechat.scalars import number
from schema.after_sale import AfterSale, AfterSaleKind, AfterSaleStatus, AfterSaleStep
from schema.errors import ErrorCode
from schema.inputs.after_sale import (
    AfterSaleAcceptInput,
    AfterSaleNegotiateInput,
    AfterSaleRejectInput,
)

_ASKED: Final = "MERCHANT_PROCESSING"
_GOODS_BACK: Final = "MERCHANT_WAIT_RECEIPT"
#: The shop is late with a refund that it has to pay.
_OVERDUE: Final = "MERCHANT_OVERDUE_REFUND"

_PAID_AT_ONCE: Final = frozenset({_ASKED, _OVERDUE})
_PAID_FOR_GOODS: Final = frozenset({_GOODS_BACK, _OVERDUE})
#: Kinds that a shop may offer → `type` of a negotiation.
_OFFERED: Final = {AfterSaleKind.REFUND_ONLY: 1, AfterSaleKind.RETURN_AND_REFUND: 2}


class Step(Enum):
    """What accepting an after-sale does."""

    #: Agrees to a return, which takes an address.
    AGREE = "agree"
    #: Pays for goods that came back.
    PAY = "pay"
    #: Pays a refund without a return.
    PAY_AT_ONCE = "pay at once"
    #: Agrees to an exchange.
    EXCHANGE = "exchange"

    @property
    def pays(self) -> bool:
        """Whether money goes out at once."""
        return self in (Step.PAY, Step.PAY_AT_ONCE)


class Offer(NamedTuple):
    """A negotiation in the platform's terms; `amount` in fen."""

    type: int
    amount: int
    update_type: int
    reason: int


def step_of(after_sale: AfterSale, given: AfterSaleAcceptInput) -> Step:
    """What accepting does.

    Raises:
        InputRefused: INVALID, the step or the address does not fit the kind; CONFLICT, the status
            does not allow it; UNSUPPORTED_BY_PLATFORM, the kind is not known.
    """
    problems = Problems()
    step, statuses = _step(after_sale.kind, given.step, problems)
    takes_address = step in (Step.AGREE, Step.EXCHANGE)
    if given.return_address_id is not None and not takes_address and not problems.found:
        problems.add("Only goods that are still to be returned need it.", "returnAddressId")
    if given.return_address_id is not None and number(given.return_address_id) is None:
        problems.add("Use a `platformId` of `returnAddresses`.", "returnAddressId")
    problems.stop()
    _check_status(after_sale, statuses, "accepted" if not step.pays else "paid")
    return step


def _step(
    kind: AfterSaleKind, step: AfterSaleStep | None, problems: Problems
) -> tuple[Step, Collection[str]]:
    match kind, step:
        case AfterSaleKind.RETURN_AND_REFUND, AfterSaleStep.AGREE:
            return Step.AGREE, (_ASKED,)
        case AfterSaleKind.RETURN_AND_REFUND, AfterSaleStep.PAY:
            return Step.PAY, _PAID_FOR_GOODS
        case AfterSaleKind.RETURN_AND_REFUND, _:
            problems.add(
                "A return is accepted in two steps: AGREE, and PAY when the goods are back.", "step"
            )
            return Step.AGREE, ()
        case AfterSaleKind.REFUND_ONLY, AfterSaleStep.AGREE:
            problems.add("A refund without a return is paid at once: it has no step AGREE.", "step")
        case AfterSaleKind.EXCHANGE, AfterSaleStep.PAY:
            problems.add("An exchange is not paid.", "step")
        case AfterSaleKind.UNKNOWN, _:
            message = "The platform's kind of this after-sale is not known: it may pay money out."
            problems.add(message, "id", code=ErrorCode.UNSUPPORTED_BY_PLATFORM)
    if kind is AfterSaleKind.EXCHANGE:
        return Step.EXCHANGE, (_ASKED,)
    return Step.PAY_AT_ONCE, _PAID_AT_ONCE


class Rejection(NamedTuple):
    """A rejection in the platform's terms; `of_exchange`: the new goods are not sent."""

    reason: int
    of_exchange: bool


def rejection_of(after_sale: AfterSale, given: AfterSaleRejectInput) -> Rejection:
    """What is rejected, and why.

    Raises:
        InputRefused: INVALID, a field is wrong; CONFLICT, the status does not allow it.
    """
    problems = Problems()
    exchange = after_sale.kind is AfterSaleKind.EXCHANGE
    goods_back = after_sale.platform_status == _GOODS_BACK
    reason = _reason(given.reason_code, problems)
    if exchange and goods_back and not (given.text or "").strip():
        problems.add("The buyer must be told why no new goods are sent.", "text")
    problems.stop()
    returns = exchange or after_sale.kind is AfterSaleKind.RETURN_AND_REFUND
    statuses = (_ASKED, _GOODS_BACK) if returns else (_ASKED,)
    _check_status(after_sale, statuses, "rejected")
    return Rejection(reason, of_exchange=exchange and goods_back)


def offer_of(after_sale: AfterSale, given: AfterSaleNegotiateInput) -> Offer:
    """What the buyer is asked for.

    Raises:
        InputRefused: INVALID, a field is wrong; UNSUPPORTED_BY_PLATFORM, exchanges are not
            negotiated; CONFLICT, the status does not allow it.
    """
    problems = Problems()
    reason = _reason(given.reason_code, problems)
    if not given.text.strip():
        problems.add("The buyer must be told what the shop asks for.", "text")
    changes = given.kind is not None or given.refund is not None
    if changes and given.ask_for_proof:
        problems.add("Leave this out with `kind` or `refund`.", "askForProof")
    kind = given.kind or after_sale.kind
    if kind not in _OFFERED:
        message = "Only a refund, or a return with a refund, can be negotiated."
        where = "id" if given.kind is None else "kind"
        problems.add(message, where, code=ErrorCode.UNSUPPORTED_BY_PLATFORM)
    amount = None if after_sale.refund is None else after_sale.refund.fen
    if given.refund is not None:
        refund = read_money(given.refund, problems, "refund")
        amount = amount if refund is None else refund.fen
        if refund is not None and refund.fen == 0:
            problems.add("The refund must be more than 0: reject it instead.", "refund")
    if amount is None:
        problems.add("The platform does not report the refund: give the one to offer.", "refund")
    problems.stop()
    _check_status(after_sale, (_ASKED, _GOODS_BACK), "negotiated")
    update = 3 if changes else 2 if given.ask_for_proof else 1
    return Offer(_OFFERED[kind], amount or 0, update, reason)


def check_certificates(images: Collection[str], text: str) -> None:
    """Checks the pictures that prove a refund; raises InputRefused: INVALID."""
    problems = Problems()
    if not images:
        problems.add("Give at least one picture.", "images")
    for place, image in enumerate(images):
        if not image.strip():
            problems.add("Give the URL of an uploaded image, or a media id.", "images", place)
    if not text.strip():
        problems.add("Say what the pictures prove.", "text")
    problems.stop()


def check_exchange_shipment(after_sale: AfterSale, tracking_number: str) -> None:
    """Checks that the new goods of an exchange are to be sent.

    Raises:
        InputRefused: INVALID, a field is wrong; CONFLICT, it is no exchange, or not to be sent.
    """
    problems = Problems()
    if not tracking_number.strip():
        problems.add("A tracking number is needed.", "trackingNumber")
    problems.stop()
    if after_sale.kind is not AfterSaleKind.EXCHANGE:
        message = f"The after-sale is {after_sale.kind.name}: no new goods are sent."
        raise InputRefused.of(ErrorCode.CONFLICT, message, "id")
    _check_status(after_sale, (_GOODS_BACK,), "shipped")


def _reason(code: str, problems: Problems) -> int:
    found = number(code.strip())
    if found is None:
        problems.add("The platform's reasons are numbers: see `rejectReasons`.", "reasonCode")
    return found or 0


def _check_status(after_sale: AfterSale, statuses: Collection[str], what: str) -> None:
    code = after_sale.platform_status
    if code in statuses or after_sale.status is AfterSaleStatus.UNKNOWN:
        return
    message = (
        f"The after-sale is {after_sale.status.name} (code {code}): only one that is"
        f" {' or '.join(sorted(statuses))} can be {what}."
    )
    raise InputRefused.of(ErrorCode.CONFLICT, message, "id")
