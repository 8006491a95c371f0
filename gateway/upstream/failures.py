"""Copies of a failure: raised a second time, or as the failure of the call that needed it."""

from gateway.errors import PlatformFailure, PlatformRejected, PlatformUnavailable


def again(failure: PlatformFailure, *, retry_after: float | None = None) -> PlatformFailure:
    """The same failure as a new object: without a traceback, whose frames it would keep alive."""
    copy = _copy(type(failure), failure, sent=failure.sent)
    if retry_after is not None:
        copy.retry_after = retry_after
    return copy


def without_token(failure: PlatformFailure) -> PlatformFailure:
    """The failure of a call that was not sent because no access token could be had.

    `failure` is that of the token call. If the platform rejected that call, it did not reject the
    one that needed the token.
    """
    kind = PlatformUnavailable if isinstance(failure, PlatformRejected) else type(failure)
    return _copy(kind, failure, sent=False)


def _copy(kind: type[PlatformFailure], failure: PlatformFailure, *, sent: bool) -> PlatformFailure:
    copy = kind(
        failure.told,
        endpoint=failure.endpoint,
        shop=failure.shop,
        platform_code=failure.platform_code,
        http_status=failure.http_status,
        request_id=failure.request_id,
        retry_after=failure.retry_after,
        sent=sent,
    )
    copy.seen_address = failure.seen_address
    return copy
