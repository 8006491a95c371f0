"""platform_error."""

from schema.declare import described, public_type


@public_type
class PlatformError:
    """What the platform itself answered, with no secret in it."""

    endpoint: str = described("")
    code: str | None = described("", default=None)
    message: str = described("")
    http_status: int | None = described("", default=None)
    request_id: str | None = described(
        "The platform's own id of the failed call, for its support.", default=None
    )
