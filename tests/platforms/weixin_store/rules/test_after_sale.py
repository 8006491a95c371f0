"""Which decisions an after-sale's kind and status allow."""

from typing import Any

import pytest

from gateway.platforms.weixin_store.mapping.after_sale import AFTER_SALE_STATUS
from gateway.platforms.weixin_store.rules.after_sale import (
    Offer,
    Rejection,
    Step,
    check_certificates,
    check_exchange_shipment,
    offer_of,
    rejection_of,
    step_of,
)
from gateway.ports.writing.problems import InputRefused
from schema.after_sale import AfterSale, AfterSaleKind, AfterSaleStep
from schema.inputs.after_sale import (
    AfterSaleAcceptInput,
    AfterSaleNegotiateInput,
    AfterSaleRejectInput,
)
from schema.money import MoneyInput
from tests.platforms.weixin_store.mapping.test_after_sale import mapped

REFUND, RETURN, EXCHANGE = "REFUND", "RETURN", "EXCHANGE"
ASKED, BACK, OVERDUE = "MERCHANT_PROCESSING", "MERCHANT_WAIT_RECEIPT", "MERCHANT_OVERDUE_REFUND"
AGREE, PAY = AfterSaleStep.AGREE, AfterSaleStep.PAY


def after_sale(kind: str, status: str = ASKED, **changes: Any) -> AfterSale:
    return mapped(type=kind, status=status, **changes)


def accept(step: AfterSaleStep | None = None, address: str | None = None) -> AfterSaleAcceptInput:
    return AfterSaleAcceptInput(id="x", step=step, return_address_id=address)  # type: ignore[arg-type] # an id


def refused(error: pytest.ExceptionInfo[InputRefused]) -> list[tuple[str, list[str] | None]]:
    return [(one.code.name, one.field) for one in error.value.errors]


@pytest.mark.parametrize(
    ("kind", "status", "step", "expected"),
    [
        (REFUND, ASKED, None, Step.PAY_AT_ONCE),
        (REFUND, ASKED, PAY, Step.PAY_AT_ONCE),
        (REFUND, OVERDUE, None, Step.PAY_AT_ONCE),
        (RETURN, ASKED, AGREE, Step.AGREE),
        (RETURN, BACK, PAY, Step.PAY),
        (RETURN, OVERDUE, PAY, Step.PAY),
        (EXCHANGE, ASKED, None, Step.EXCHANGE),
        (EXCHANGE, ASKED, AGREE, Step.EXCHANGE),
        (RETURN, "A_NEW_STATUS", PAY, Step.PAY),
    ],
)
def test_what_accepting_does(
    kind: str, status: str, step: AfterSaleStep | None, expected: Step
) -> None:
    assert step_of(after_sale(kind, status), accept(step)) is expected


def test_what_pays() -> None:
    assert [step for step in Step if step.pays] == [Step.PAY, Step.PAY_AT_ONCE]


@pytest.mark.parametrize(
    ("kind", "given", "problem"),
    [
        (RETURN, accept(), ("INVALID", ["step"])),
        (REFUND, accept(AGREE), ("INVALID", ["step"])),
        (EXCHANGE, accept(PAY), ("INVALID", ["step"])),
        ("RESHIP", accept(), ("UNSUPPORTED_BY_PLATFORM", ["id"])),
        (REFUND, accept(address="41000001"), ("INVALID", ["returnAddressId"])),
        (RETURN, accept(PAY, "41000001"), ("INVALID", ["returnAddressId"])),
        (RETURN, accept(AGREE, "home"), ("INVALID", ["returnAddressId"])),
    ],
)
def test_an_acceptance_that_does_not_fit(
    kind: str, given: AfterSaleAcceptInput, problem: tuple[str, list[str]]
) -> None:
    with pytest.raises(InputRefused) as caught:
        step_of(after_sale(kind), given)

    assert refused(caught) == [problem]


def test_statuses_in_which_nothing_is_accepted() -> None:
    allowed = {
        (REFUND, None): {ASKED, OVERDUE},
        (RETURN, AGREE): {ASKED},
        (RETURN, PAY): {BACK, OVERDUE},
        (EXCHANGE, None): {ASKED},
    }
    for (kind, step), statuses in allowed.items():
        for status in AFTER_SALE_STATUS.keys() - statuses:
            with pytest.raises(InputRefused) as caught:
                step_of(after_sale(kind, status), accept(step))

            assert refused(caught) == [("CONFLICT", ["id"])], (kind, status)


def reject(code: str = "20", text: str | None = None) -> AfterSaleRejectInput:
    return AfterSaleRejectInput(id="x", reason_code=code, text=text)  # type: ignore[arg-type] # an id


@pytest.mark.parametrize(
    ("kind", "status", "of_exchange"),
    [
        (REFUND, ASKED, False),
        (RETURN, ASKED, False),
        (RETURN, BACK, False),
        (EXCHANGE, ASKED, False),
        (EXCHANGE, BACK, True),
    ],
)
def test_what_is_rejected(kind: str, status: str, of_exchange: bool) -> None:  # noqa: FBT001 - a case
    found = rejection_of(after_sale(kind, status), reject(text="worn"))

    assert found == Rejection(20, of_exchange=of_exchange)


@pytest.mark.parametrize(
    ("kind", "status", "given", "problem"),
    [
        (REFUND, ASKED, reject("too late"), ("INVALID", ["reasonCode"])),
        (EXCHANGE, BACK, reject(), ("INVALID", ["text"])),
        (REFUND, BACK, reject(), ("CONFLICT", ["id"])),
        (RETURN, "MERCHANT_RETURN_SUCCESS", reject(), ("CONFLICT", ["id"])),
    ],
)
def test_a_rejection_that_does_not_fit(
    kind: str, status: str, given: AfterSaleRejectInput, problem: tuple[str, list[str]]
) -> None:
    with pytest.raises(InputRefused) as caught:
        rejection_of(after_sale(kind, status), given)

    assert refused(caught) == [problem]


def negotiate(**given: Any) -> AfterSaleNegotiateInput:
    return AfterSaleNegotiateInput(**{"id": "x", "reason_code": "4", "text": "half", **given})


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (negotiate(), Offer(2, 4300, 1, 4)),
        (negotiate(ask_for_proof=True), Offer(2, 4300, 2, 4)),
        (negotiate(kind=AfterSaleKind.REFUND_ONLY), Offer(1, 4300, 3, 4)),
        (negotiate(refund=MoneyInput(fen=2000)), Offer(2, 2000, 3, 4)),
    ],
)
def test_what_the_buyer_is_asked_for(given: AfterSaleNegotiateInput, expected: Offer) -> None:
    assert offer_of(after_sale(RETURN), given) == expected


@pytest.mark.parametrize(
    ("sale", "given", "problem"),
    [
        (after_sale(RETURN), negotiate(reason_code="x"), ("INVALID", ["reasonCode"])),
        (after_sale(RETURN), negotiate(text=" "), ("INVALID", ["text"])),
        (
            after_sale(RETURN),
            negotiate(ask_for_proof=True, refund=MoneyInput(fen=1)),
            ("INVALID", ["askForProof"]),
        ),
        (after_sale(RETURN), negotiate(refund=MoneyInput(fen=0)), ("INVALID", ["refund"])),
        (
            after_sale(RETURN),
            negotiate(kind=AfterSaleKind.EXCHANGE),
            ("UNSUPPORTED_BY_PLATFORM", ["kind"]),
        ),
        (
            after_sale(EXCHANGE),
            negotiate(refund=MoneyInput(fen=1)),
            ("UNSUPPORTED_BY_PLATFORM", ["id"]),
        ),
        (after_sale(RETURN, refund_info=None), negotiate(), ("INVALID", ["refund"])),
        (after_sale(RETURN, "USER_WAIT_RETURN"), negotiate(), ("CONFLICT", ["id"])),
    ],
)
def test_a_negotiation_that_does_not_fit(
    sale: AfterSale, given: AfterSaleNegotiateInput, problem: tuple[str, list[str]]
) -> None:
    with pytest.raises(InputRefused) as caught:
        offer_of(sale, given)

    assert refused(caught) == [problem]


@pytest.mark.parametrize(
    ("images", "text", "field"),
    [
        ([], "paid", ["images"]),
        (["m1", " "], "paid", ["images", "1"]),
        (["m1"], " ", ["text"]),
    ],
)
def test_proof_that_is_none(images: list[str], text: str, field: list[str]) -> None:
    with pytest.raises(InputRefused) as caught:
        check_certificates(images, text)

    assert refused(caught) == [("INVALID", field)]


@pytest.mark.parametrize(
    ("kind", "status", "number", "problem"),
    [
        (EXCHANGE, BACK, " ", ("INVALID", ["trackingNumber"])),
        (RETURN, BACK, "SF1", ("CONFLICT", ["id"])),
        (EXCHANGE, ASKED, "SF1", ("CONFLICT", ["id"])),
    ],
)
def test_an_exchange_that_is_not_sent(
    kind: str, status: str, number: str, problem: tuple[str, list[str]]
) -> None:
    with pytest.raises(InputRefused) as caught:
        check_exchange_shipment(after_sale(kind, status), number)

    assert refused(caught) == [problem]


def test_an_exchange_that_is_sent() -> None:
    check_exchange_shipment(after_sale(EXCHANGE, BACK), "SF1")
