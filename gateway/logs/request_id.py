"""The id of the request at hand, which stands in every log line and every error."""

from contextvars import ContextVar
from typing import Final

#: None outside of a request.
REQUEST_ID: Final[ContextVar[str | None]] = ContextVar("request_id", default=None)
