"""Failures of one shop in an answer to which others still contribute."""

from gateway.errors import GatewayError, Overloaded, PlatformFailure, StoreUnavailable
from schema.errors import PlatformError

#: Failures of one shop that do not affect the others.
SHOP_FAILURES = (PlatformFailure, StoreUnavailable, Overloaded)


def public_failure(failure: GatewayError) -> PlatformError:
    """The failure as the public schema reports it, with no secret in it."""
    if isinstance(failure, PlatformFailure):
        return PlatformError(
            endpoint=failure.endpoint,
            code=failure.platform_code,
            message=failure.message,
            told=failure.told,
            http_status=failure.http_status,
            request_id=failure.request_id,
        )
    where = "gateway" if isinstance(failure, Overloaded) else "store"
    return PlatformError(endpoint=where, message=failure.message)
