"""What a platform said when it refused or failed."""

from schema.declare import described, public_type


@public_type
class PlatformError:
    """What the platform itself answered, with no secret in it."""

    endpoint: str = described("The call that failed.")
    code: str | None = described("The platform's own error code.", default=None)
    message: str = described("What the platform said, or what was wrong with its answer.")
    http_status: int | None = described(
        "The HTTP status, where it says more than the code.", default=None
    )
    request_id: str | None = described(
        "The platform's own id of the failed call, for its support.", default=None
    )
