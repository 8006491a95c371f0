"""What the caller of a mutation is told of a delivery that did not go well."""

from schema.errors import ErrorCode, UserError
from schema.push import Push, PushState


def push_errors(push: Push | None, at: tuple[str, ...] = ()) -> list[UserError]:
    """Nothing while all is well, or the push is being retried: it was accepted and is kept."""
    if push is None:
        return []
    field = list(at) or None
    error = push.last_error
    if push.state is PushState.REJECTED:
        message = error.message if error is not None else "The platform refused it."
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
            "The platform's answer never came: it may have done it or not, and it is not sent"
            " again by itself. Look there, then use pushRetry or pushDiscard."
        )
        return [
            UserError(
                code=ErrorCode.OUTCOME_UNKNOWN, message=message, field=field, platform_error=error
            )
        ]
    return []
