"""Sets up structured logging for the process: our lines, the libraries' and the server's."""

import json
import logging
import sys
from collections.abc import Iterable
from contextvars import ContextVar
from typing import Final, TextIO

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from gateway.logs.json_lines import JsonLines
from gateway.logs.redaction import Redactor
from gateway.settings import LogSettings
from gateway.tracing import CURRENT

#: None outside of a request.
REQUEST_ID: Final[ContextVar[str | None]] = ContextVar("request_id", default=None)


#: The server's logger. Below `info` it logs each WebSocket frame, with keys and buyers' data.
_SERVER: Final = "uvicorn.error"
#: How its lines about WebSockets begin: address of the client, then path and query string.
_ABOUT_A_SOCKET: Final = '%s - "WebSocket '
#: These log addresses and statements, which must not be logged at any level.
_QUIET: Final = (
    "httpx",
    "httpcore",
    "asyncio",
    "aiosqlite",
    "alembic",
    "sqlalchemy",
    "websockets",
    "urllib3",
)


def configure_logging(
    settings: LogSettings, secrets: Iterable[str] = (), stream: TextIO | None = None
) -> Redactor:
    """Log to one stream (default: stderr), with secrets redacted.

    Returns:
        The redactor; add secrets that are known later to it, such as tokens.
    """
    stream = stream or sys.stderr
    redactor = Redactor(secrets)
    handler = logging.StreamHandler(stream)
    as_json = settings.format == "json" or (settings.format == "auto" and not stream.isatty())
    formatter = _formatter(redactor, stream, as_json=as_json)
    if as_json:
        formatter.lines = JsonLines(handler, redactor.redact)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    set_level(settings.level)
    logging.getLogger(_SERVER).filters[:] = [_tells_no_address]
    logging.captureWarnings(capture=True)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_common(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    return redactor


def set_level(level: str) -> None:
    """Log nothing below this level from now on."""
    root = logging.getLogger()
    root.setLevel(level.upper())
    logging.getLogger(_SERVER).setLevel(max(logging.INFO, root.level))


def redact_also(secrets: Iterable[str]) -> None:
    """Redact these secrets as well from now on."""
    redactor, lines = installed_redactor(), installed_lines()
    for secret in secrets:
        redactor.add(secret)
    if lines is not None:
        lines.redact_known.cache_clear()


def _tells_no_address(record: logging.LogRecord) -> bool:
    return not (isinstance(record.msg, str) and record.msg.startswith(_ABOUT_A_SOCKET))


def installed_redactor() -> Redactor:
    """The redactor of the configured logging; an unused one if logging is not configured."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, _RedactingFormatter):
            return handler.formatter.redactor
    return Redactor()


def installed_lines() -> JsonLines | None:
    """The lines of the configured log; None if it is not configured, or is not JSON."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, _RedactingFormatter):
            return handler.formatter.lines
    return None


class _RedactingFormatter(structlog.stdlib.ProcessorFormatter):
    """Redacts the finished line, including tracebacks and lines of libraries."""

    def __init__(self, redactor: Redactor, processors: list[Processor]) -> None:
        super().__init__(processors=processors, foreign_pre_chain=_common())
        self.redactor = redactor
        #: None: lines are for people.
        self.lines: JsonLines | None = None

    def format(self, record: logging.LogRecord) -> str:
        return self.redactor.redact(super().format(record))


def _common() -> list[Processor]:
    return [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        _add_ids,
    ]


def _formatter(redactor: Redactor, stream: TextIO, *, as_json: bool) -> _RedactingFormatter:
    processors: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if as_json:
        processors += [structlog.processors.format_exc_info, _to_json]
    else:
        processors.append(_to_lines(stream))
    return _RedactingFormatter(redactor, processors)


def _to_lines(stream: TextIO) -> Processor:
    return structlog.dev.ConsoleRenderer(
        colors=stream.isatty(),
        timestamp_key="time",
        # Richer formatters print local variables, which may hold secrets.
        exception_formatter=structlog.dev.plain_traceback,
    )


def _add_ids(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    request_id = REQUEST_ID.get()
    if request_id is not None:
        event["request_id"] = request_id
    span = CURRENT.get()
    if span is not None:
        event["trace_id"] = span.trace_id
    return event


def _to_json(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    first = {"time": event.pop("time"), "level": event.pop("level"), "event": event.pop("event")}
    whole = {**first, **event}
    try:
        return orjson.dumps(whole, default=str).decode()
    except TypeError:
        # orjson refuses lone surrogates, and keys that are not strings.
        return json.dumps(whole, default=str, skipkeys=True)
