"""What a failed call means for the push that it carried, by the row of the call."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from gateway.errors import (
    GatewayError,
    PlatformCredentials,
    PlatformFailure,
    PlatformQuotaExceeded,
    PlatformRejected,
    PlatformUnavailable,
)
from gateway.outbox.message import OutboxMessage
from gateway.outbox.retry_policy import not_now
from gateway.ports import DeliveryResult, DeliveryStatus
from gateway.upstream.endpoint import Endpoint, LostAnswer

DELIVERED: Final = DeliveryResult(result_status=DeliveryStatus.DELIVERED)


def outcome_of(failure: PlatformFailure, row: Endpoint[Any, Any]) -> DeliveryResult:
    """The outcome of a push whose call failed.

    A lost answer is repeated, rebuilt, or left unknown, as the row says; what was certainly not
    sent, or was answered with "busy", goes out again as it is.
    """
    if isinstance(failure, PlatformRejected):
        return DeliveryResult(result_status=DeliveryStatus.REJECTED, failure=failure)
    if isinstance(failure, PlatformQuotaExceeded):
        return DeliveryResult(result_status=DeliveryStatus.LATER, failure=failure)
    if not is_lost(failure):
        return DeliveryResult(result_status=DeliveryStatus.AGAIN, failure=failure)
    match row.after_lost_answer:
        case LostAnswer.REPEAT:
            return DeliveryResult(result_status=DeliveryStatus.AGAIN, failure=failure)
        case LostAnswer.REBUILD:
            return DeliveryResult(result_status=DeliveryStatus.AGAIN, failure=failure, lost=True)
        case LostAnswer.UNKNOWN:
            return DeliveryResult(result_status=DeliveryStatus.UNKNOWN, failure=failure, lost=True)


def is_lost(failure: PlatformFailure) -> bool:
    """Whether the platform may have done what was asked, and only its answer is missing."""
    if isinstance(failure, PlatformRejected | PlatformQuotaExceeded | PlatformCredentials):
        return False
    busy = isinstance(failure, PlatformUnavailable) and failure.platform_code is not None
    return failure.sent and not busy


async def each_by_itself(
    send: Callable[[OutboxMessage], Awaitable[DeliveryResult]],
    messages: Sequence[OutboxMessage],
    shop: str,
) -> list[DeliveryResult]:
    """The outcomes of messages that are sent side by side, so that one batch's time does for all.

    What was done of one is told even where another one cannot be sent just now.
    """
    answers = await asyncio.gather(*map(send, messages), return_exceptions=True)
    outcomes = []
    for answer in answers:
        if isinstance(answer, GatewayError):
            outcomes.append(not_now(shop, answer.message))
        elif isinstance(answer, BaseException):
            raise answer
        else:
            outcomes.append(answer)
    return outcomes


def refused(shop: str, words: str, endpoint: str, code: str | None = None) -> DeliveryResult:
    """The outcome of one push that was refused while its call went through, or never left."""
    failure = PlatformRejected(words, endpoint=endpoint, shop=shop, platform_code=code)
    return DeliveryResult(result_status=DeliveryStatus.REJECTED, failure=failure)
