"""A failure told a second time."""

from gateway.errors import PlatformFailure


def again(failure: PlatformFailure, *, retry_after: float | None = None) -> PlatformFailure:
    """The same failure as a new object: without a traceback, whose frames it would keep alive."""
    return type(failure)(
        failure.message,
        endpoint=failure.endpoint,
        shop=failure.shop,
        platform_code=failure.platform_code,
        http_status=failure.http_status,
        request_id=failure.request_id,
        retry_after=failure.retry_after if retry_after is None else retry_after,
        sent=failure.sent,
    )
