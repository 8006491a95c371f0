import base64
import io
import json
import logging
import warnings
from urllib.parse import quote, quote_plus

import pytest
import structlog

from gateway.logs import (
    REQUEST_ID,
    Redactor,
    configure_logging,
    installed_lines,
    installed_redactor,
    redact_also,
    set_level,
)
from gateway.settings import LogSettings

CANARY = 'cañary/+ "4f1c9a'


pytestmark = pytest.mark.usefixtures("logging_as_it_was")


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_json_with_time_level_and_event_first(stream: io.StringIO) -> None:
    configure_logging(LogSettings(), stream=stream)

    structlog.stdlib.get_logger("gateway.somewhere").info("order read", shop="mini", count=3)

    (line,) = lines(stream)
    assert list(line) == ["time", "level", "event", "shop", "count", "logger"]
    assert str(line.pop("time")).endswith("Z")
    assert line == {
        "level": "info",
        "event": "order read",
        "shop": "mini",
        "count": 3,
        "logger": "gateway.somewhere",
    }


def test_lines_of_libraries_have_the_same_form(stream: io.StringIO) -> None:
    configure_logging(LogSettings(), stream=stream)

    logging.getLogger("uvicorn.error").warning("%s is closing", "worker")

    (line,) = lines(stream)
    assert (line["event"], line["level"], line["logger"]) == (
        "worker is closing",
        "warning",
        "uvicorn.error",
    )


def test_a_terminal_gets_lines_to_read() -> None:
    terminal = Terminal()
    configure_logging(LogSettings(), stream=terminal)

    structlog.stdlib.get_logger("gateway.somewhere").info("order read")

    assert "order read" in terminal.getvalue()
    assert not terminal.getvalue().startswith("{")


def test_the_format_can_be_fixed() -> None:
    terminal = Terminal()
    configure_logging(LogSettings(format="json"), stream=terminal)

    structlog.stdlib.get_logger("gateway.somewhere").info("order read")

    assert lines(terminal)[0]["event"] == "order read"


def test_the_level_and_the_secrets_can_change(stream: io.StringIO) -> None:
    configure_logging(LogSettings(level="warning"), stream=stream)
    log = structlog.stdlib.get_logger("gateway.somewhere")
    lines_of_requests = installed_lines()
    assert lines_of_requests is not None
    assert lines_of_requests.redact_known("a-later-secret") == "a-later-secret"

    log.info("no")
    set_level("debug")
    redact_also(["a-later-secret"])
    log.debug("yes, a-later-secret")

    assert [line["event"] for line in lines(stream)] == ["yes, [redacted]"]
    assert lines_of_requests.redact_known("a-later-secret") == "[redacted]"
    assert logging.getLogger("uvicorn.error").level == logging.INFO


def test_what_is_below_the_level_is_left_out(stream: io.StringIO) -> None:
    configure_logging(LogSettings(level="warning"), stream=stream)

    structlog.stdlib.get_logger("gateway.somewhere").info("no")
    structlog.stdlib.get_logger("gateway.somewhere").warning("yes")

    assert [line["event"] for line in lines(stream)] == ["yes"]


@pytest.mark.parametrize("name", ["httpx", "httpcore.connection", "sqlalchemy.engine", "aiosqlite"])
def test_addresses_and_statements_are_told_at_no_level(stream: io.StringIO, name: str) -> None:
    configure_logging(LogSettings(level="debug"), stream=stream)

    logging.getLogger(name).info("GET https://api.example/?access_token=secret")

    assert stream.getvalue() == ""


def test_of_websockets_the_server_tells_neither_addresses_nor_frames(
    stream: io.StringIO,
) -> None:
    configure_logging(LogSettings(level="debug"), stream=stream)
    server = logging.getLogger("uvicorn.error")

    server.debug('< TEXT \'{"type":"connection_init"}\' [26 bytes]')
    server.info('%s - "WebSocket %s" [accepted]', "10.0.0.9:5", "/graphql?key=secret")
    server.info("Application startup complete.")

    assert [line["event"] for line in lines(stream)] == ["Application startup complete."]


def test_the_request_stands_in_every_line(stream: io.StringIO) -> None:
    configure_logging(LogSettings(), stream=stream)
    token = REQUEST_ID.set("req-1")

    structlog.stdlib.get_logger("gateway.somewhere").info("ours")
    logging.getLogger("uvicorn.error").info("theirs")
    REQUEST_ID.reset(token)
    structlog.stdlib.get_logger("gateway.somewhere").info("outside")

    assert [line.get("request_id") for line in lines(stream)] == ["req-1", "req-1", None]


def test_warnings_of_python_are_lines_too(stream: io.StringIO) -> None:
    configure_logging(LogSettings(), stream=stream)

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        # A test before may have turned it on, and pytest have put Python's own back since.
        logging.captureWarnings(capture=False)
        logging.captureWarnings(capture=True)
        warnings.warn("old way", DeprecationWarning, stacklevel=1)

    assert [line["logger"] for line in lines(stream)] == ["py.warnings"]


def test_what_json_cannot_hold_is_logged_still(stream: io.StringIO) -> None:
    configure_logging(LogSettings(), stream=stream)

    structlog.stdlib.get_logger("gateway.somewhere").info("half \ud800", kind=object)

    assert lines(stream)[0]["event"] == "half \ud800"


def forms() -> list[str]:
    return [
        CANARY,
        quote(CANARY),
        quote(CANARY, safe=""),
        quote_plus(CANARY),
        json.dumps(CANARY)[1:-1],
        json.dumps(CANARY, ensure_ascii=False)[1:-1],
        repr(CANARY)[1:-1],
        base64.b64encode(CANARY.encode()).decode().rstrip("="),
        base64.urlsafe_b64encode(CANARY.encode()).decode().rstrip("="),
    ]


@pytest.mark.parametrize("form", range(9))
@pytest.mark.parametrize("output", ["json", "console"])
def test_no_form_of_a_secret_passes(stream: io.StringIO, form: int, output: str) -> None:
    settings = LogSettings(format="json") if output == "json" else LogSettings(format="console")
    configure_logging(settings, [CANARY], stream)
    text = forms()[form]

    structlog.stdlib.get_logger("gateway.somewhere").info(f"a {text} b", value=text, nested=[text])
    logging.getLogger("uvicorn.error").error("failed: %s", text)

    assert "[redacted]" in stream.getvalue()
    for known in forms():
        # The last digits of base64 mix with what stands behind.
        assert known[:-4] not in stream.getvalue()


@pytest.mark.parametrize("before", ["", "u", "u:", "user:"])
def test_a_secret_inside_of_base64_is_found(before: str) -> None:
    redactor = Redactor(["correct-horse-battery"])

    encoded = base64.b64encode(f"{before}correct-horse-battery".encode()).decode()

    redacted = redactor.redact(f"Authorization: Basic {encoded}")
    assert "[redacted]" in redacted
    assert len(redacted) < len("Authorization: Basic [redacted]") + 16


def test_a_traceback_shows_no_secret_and_no_local_variable(stream: io.StringIO) -> None:
    configure_logging(LogSettings(format="console"), [CANARY], stream)

    def fail(personal: str) -> None:
        raise ValueError(personal[: len(CANARY)])

    try:
        fail(CANARY + "138" + "00138000")
    except ValueError:
        structlog.stdlib.get_logger("gateway.somewhere").exception("failed")

    assert "ValueError: [redacted]" in stream.getvalue()
    assert "13800138000" not in stream.getvalue()


def test_secrets_come_and_go(stream: io.StringIO) -> None:
    redactor = configure_logging(LogSettings(), stream=stream)

    assert installed_redactor() is redactor
    redactor.add("token-of-today")
    structlog.stdlib.get_logger("gateway.somewhere").info("token-of-today")
    redactor.forget("token-of-today")
    structlog.stdlib.get_logger("gateway.somewhere").info("token-of-today")

    assert [line["event"] for line in lines(stream)] == ["[redacted]", "token-of-today"]


@pytest.mark.parametrize(
    ("secret", "text", "redacted"),
    [
        # The form of one text may hold that of another: the longer one goes first.
        pytest.param("pa5s-w0rd\\", r'"pa5s-w0rd\\"', '"[redacted]"', id="json-ends-alike"),
        pytest.param("\\pa5s-w0rd", r'"\\pa5s-w0rd"', '"[redacted]"', id="json-begins-alike"),
        pytest.param('ü"pa5s', r'"ü\"pa5s"', '"[redacted]"', id="json"),
        pytest.param('ü"pa5s', r'"\u00fc\"pa5s"', '"[redacted]"', id="ascii-json"),
        pytest.param(
            'ü"pa5s', r'"{\"a\": \"ü\\\"pa5s\"}"', r'"{\"a\": \"[redacted]\"}"', id="twice"
        ),
        pytest.param("\x07pa5s-ü", r"'\x07pa5s-ü'", "'[redacted]'", id="python"),
        pytest.param("pa5s w/rd", "?a=pa5s%20w%2Frd&b", "?a=[redacted]&b", id="address"),
        pytest.param("pa5s w/rd", "?a=pa5s%20w/rd&b", "?a=[redacted]&b", id="path"),
        pytest.param("pa5s w/rd", "a=pa5s+w%2Frd&b", "a=[redacted]&b", id="form"),
        # Nine bytes are twelve digits, of which none depends on what stands beside them.
        pytest.param("pa5s-w0rd", "cGE1cy13MHJk", "[redacted]", id="base64"),
        # With a byte before it, its first digits are of that byte, too.
        pytest.param("pa5s-w0rd", "eHBhNXMtdzByZA==", "eHBh[redacted]ZA==", id="base64-within"),
    ],
)
def test_a_form_of_a_secret_goes_whole(secret: str, text: str, redacted: str) -> None:
    assert Redactor([secret]).redact(text) == redacted


def test_a_secret_of_six_characters_is_one() -> None:
    assert Redactor(["abcdef", "vwxyz"]).redact("abcdef vwxyz") == "[redacted] vwxyz"


def test_what_was_never_a_secret_can_be_forgotten() -> None:
    redactor = Redactor(["pa5s-w0rd"])

    redactor.forget("another")

    assert redactor.redact("another pa5s-w0rd") == "another [redacted]"


def test_what_is_too_short_for_a_secret_leaves_the_text_alone() -> None:
    assert (
        Redactor(["abc"]).redact("the alphabet begins with abc") == "the alphabet begins with abc"
    )


def test_without_logging_there_is_still_a_redactor() -> None:
    redactor = installed_redactor()

    redactor.add("token-of-today")
    assert redactor.redact("token-of-today") == "[redacted]"
