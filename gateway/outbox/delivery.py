"""Deliveries of one shop: routing by operation, and the result of a failed call."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import msgspec

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
from gateway.ports import BatchKey, Delivers, DeliveryResult, DeliveryStatus
from gateway.upstream.endpoint import Endpoint, LostAnswer

DELIVERED: Final = DeliveryResult(result_status=DeliveryStatus.DELIVERED)


class DeliveryRouter:
    """Implements `Delivers`: routes each push to the delivery of its operation.

    `deliveries` has every PushOperation that the platform takes.
    """

    def __init__(self, deliveries: Mapping[str, Delivers[OutboxMessage]]) -> None:
        self._deliveries = deliveries

    def batch(self, message: OutboxMessage) -> BatchKey:
        """Messages of equal keys may go out in one call: of one operation's kind only."""
        return self._deliveries[message.operation].batch(message)

    async def deliver(self, messages: Sequence[OutboxMessage]) -> Sequence[DeliveryResult]:
        """Sends messages of one batch; gives the result of each, in their order."""
        return await self._deliveries[messages[0].operation].deliver(messages)


def result_of(failure: PlatformFailure, row: Endpoint[Any, Any]) -> DeliveryResult:
    """The result of a push whose call failed.

    After a lost answer the push is repeated, rebuilt, looked for, or left unknown, as the row of
    the endpoint says. A push that was certainly not sent, or was answered with "busy", is repeated
    as it is.
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
        case LostAnswer.REBUILD | LostAnswer.LOOK:
            return DeliveryResult(result_status=DeliveryStatus.AGAIN, failure=failure, lost=True)
        case LostAnswer.UNKNOWN:
            return DeliveryResult(result_status=DeliveryStatus.UNKNOWN, failure=failure, lost=True)


def with_call(
    result: DeliveryResult, request: msgspec.Struct, response: bytes | None = None
) -> DeliveryResult:
    """The result with the call that it comes from; `request` holds what is of this push alone.

    `response` is the platform's answer, unless the call failed.
    """
    failure = result.failure
    if failure is not None and response is None:
        if not failure.sent:
            return result
        response = failure.answer
    return replace(result, request=msgspec.json.encode(request), response=response)


def is_lost(failure: PlatformFailure) -> bool:
    """Whether the platform may have done it, and only its answer is missing."""
    if isinstance(failure, PlatformRejected | PlatformQuotaExceeded | PlatformCredentials):
        return False
    busy = isinstance(failure, PlatformUnavailable) and failure.platform_code is not None
    return failure.sent and not busy


async def each_by_itself(
    send: Callable[[OutboxMessage], Awaitable[DeliveryResult]],
    messages: Sequence[OutboxMessage],
    shop: str,
) -> list[DeliveryResult]:
    """The results of messages that are sent concurrently, within the time of one batch.

    A message that cannot be sent now hides no result of another one.
    """
    sent = await asyncio.gather(*map(send, messages), return_exceptions=True)
    results = []
    for answer in sent:
        if isinstance(answer, GatewayError):
            results.append(not_now(shop, answer.message))
        elif isinstance(answer, BaseException):
            raise answer
        else:
            results.append(answer)
    return results


def refused(shop: str, words: str, endpoint: str, code: str | None = None) -> DeliveryResult:
    """The result of one push that was refused although its call succeeded, or was never sent."""
    failure = PlatformRejected(words, endpoint=endpoint, shop=shop, platform_code=code)
    return DeliveryResult(result_status=DeliveryStatus.REJECTED, failure=failure)
