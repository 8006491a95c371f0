"""JSON lines for what is logged with every request, at a small part of a log record's cost."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, TextIO

import orjson

#: Texts that are remembered with their redacted form, such as names of operations.
_REMEMBERED: Final = 1_000


class JsonLines:
    """Writes lines of the level info as the log's formatter writes them.

    Args:
        handler: the log's handler, whose stream and lock they use.
        redact: the text with each known secret replaced. Only a text that a caller chose can hold
            one, so lines are not redacted as a whole.
    """

    def __init__(
        self, handler: "logging.StreamHandler[TextIO]", redact: Callable[[str], str]
    ) -> None:
        self._handler = handler
        self.redact = redact
        #: The same, for texts that recur.
        self.redact_known = lru_cache(_REMEMBERED)(redact)

    def write(self, logger: str, event: str, message: str, **fields: Any) -> None:
        """Write one line; a failure is handled as any of the log's."""
        facts = {
            "time": datetime.now(UTC),
            "level": "info",
            "event": event,
            "message": message,
            **fields,
            "logger": logger,
        }
        handler = self._handler
        handler.acquire()
        try:
            handler.stream.write(orjson.dumps(facts, option=orjson.OPT_UTC_Z).decode() + "\n")
            handler.flush()
        except Exception:  # noqa: BLE001 - no line may fail a request
            handler.handleError(logging.makeLogRecord({"name": logger, "msg": event}))
        finally:
            handler.release()
