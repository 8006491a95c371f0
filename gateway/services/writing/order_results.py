"""The results of changes of orders and after-sales: the things and their pushes as they are now."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from gateway.outbox.outcomes import OrderOutcome, user_errors
from gateway.ports import ReadOptions
from gateway.ports.writing.problems import Path
from gateway.services.after_sales import AfterSaleService
from gateway.services.orders import OrderService
from gateway.services.pushes import PushService
from gateway.services.viewer import Viewer
from schema.after_sale import AfterSale
from schema.errors import ErrorCode, UserError
from schema.order import Order
from schema.push import Push, PushState


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderResult:
    """The result for one order; `order` is None where nothing was done."""

    order: Order | None = None
    push: Push | None = None
    errors: list[UserError] = field(default_factory=list)
    warnings: list[UserError] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterSalesResult:
    """The after-sales that were changed, their pushes, errors, and what is not sent."""

    after_sales: list[AfterSale] = field(default_factory=list)
    pushes: list[Push] = field(default_factory=list)
    errors: list[UserError] = field(default_factory=list)
    warnings: list[UserError] = field(default_factory=list)


def time_limit_of(reading: ReadOptions, now: float) -> float | None:
    """Seconds that a mutation waits for the delivery of its pushes: half of those that it has left.

    What is not delivered then is PENDING in the answer, and goes on. None: it has no deadline.
    """
    return None if reading.deadline is None else max(0.0, (reading.deadline - now) / 2)


async def order_results(
    outcomes: Sequence[OrderOutcome],
    orders: OrderService,
    pushes: PushService,
    viewer: Viewer,
    reading: ReadOptions,
) -> list[OrderResult]:
    """The result of each outcome, in their order."""
    keys = [key for one in outcomes for key in one.keys]
    found = dict(zip(keys, await orders.get_many(keys, viewer, reading), strict=True))
    pushed = await _pushes_of(outcomes, pushes, viewer)
    results = []
    for one in outcomes:
        order = found.get(one.keys[0]) if one.keys else None
        push = None if one.push_id is None else pushed.get(one.push_id)
        results.append(
            OrderResult(
                order=None if isinstance(order, Exception) else order,
                push=push,
                errors=[*user_errors(one.refusals), *push_errors(push, one.at)],
                warnings=user_errors(one.warnings),
            )
        )
    return results


async def after_sales_result(
    outcomes: Sequence[OrderOutcome],
    after_sales: AfterSaleService,
    pushes: PushService,
    viewer: Viewer,
    reading: ReadOptions,
) -> AfterSalesResult:
    """The one result of all outcomes, in their order."""
    result = AfterSalesResult()
    pushed = await _pushes_of(outcomes, pushes, viewer)
    for one in outcomes:
        result.errors.extend(user_errors(one.refusals))
        result.warnings.extend(user_errors(one.warnings))
        push = None if one.push_id is None else pushed.get(one.push_id)
        if push is not None:
            result.pushes.append(push)
        result.errors.extend(push_errors(push, one.at))
        found = [await after_sales.get(key, viewer, reading) for key in one.keys]
        result.after_sales.extend(thing for thing in found if thing is not None)
    return result


async def _pushes_of(
    outcomes: Iterable[OrderOutcome], pushes: PushService, viewer: Viewer
) -> Mapping[int, Push]:
    """By their row numbers."""
    numbers: dict[str, list[int]] = {}
    for one in outcomes:
        if one.keys and one.push_id is not None:
            numbers.setdefault(one.keys[0].shop, []).append(one.push_id)
    return {
        number: push
        for shop, of_shop in numbers.items()
        for number, push in zip(of_shop, await pushes.numbered(shop, of_shop, viewer), strict=True)
        if push is not None
    }


def push_errors(push: Push | None, at: Path = ()) -> list[UserError]:
    """The errors of a push that ended badly; none while it is delivered, queued or retried."""
    if push is None:
        return []
    field = list(at) or None
    error = push.last_error
    if push.state is PushState.REJECTED:
        message = error.message if error is not None else "The platform refused the push."
        return [
            UserError(
                code=ErrorCode.REJECTED_BY_PLATFORM,
                message=message,
                field=field,
                platform_error=error,
            )
        ]
    if push.state is PushState.OUTCOME_UNKNOWN:
        message = (
            "The platform's answer was lost: it may have taken the push or not, and the push is not"
            " retried automatically. Check the platform, then use pushRetry or pushDiscard."
        )
        return [
            UserError(
                code=ErrorCode.OUTCOME_UNKNOWN, message=message, field=field, platform_error=error
            )
        ]
    return []
