import msgspec
import pytest

from gateway.platforms.mini_program.errors import ERRORS, Envelope
from gateway.upstream.error_table import Complaint, ErrorKind
from tests.platforms.mini_program.samples import body


def complaint(raw: bytes) -> Complaint | None:
    return ERRORS.read(msgspec.json.decode(raw, type=Envelope))


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b'{"errcode": 0, "errmsg": "ok"}', id="a number"),
        pytest.param(b'{"errcode": "0", "errmsg": "ok"}', id="text"),
        pytest.param(b'{"order": {}}', id="none at all"),
    ],
)
def test_zero_is_no_error(raw: bytes) -> None:
    assert complaint(raw) is None


def test_a_refusal_keeps_the_platforms_words() -> None:
    refusal = complaint(b'{"errcode": "9009098", "errmsg": "req required field order_id"}')

    assert refusal == Complaint("9009098", "req required field order_id")


def test_single_orders_that_failed_do_not_refuse_the_call() -> None:
    assert complaint(body("importorder.update.failed.response")) is None


def test_a_bad_call_that_names_its_bad_orders_is_read_order_by_order() -> None:
    raw = b'{"errcode": 9009098, "fail_order_list": [{"order_id": "1", "error_code": -2}]}'

    assert complaint(raw) is None


def test_an_empty_list_of_failed_orders_excuses_nothing() -> None:
    refusal = complaint(b'{"errcode": 9009400, "errmsg": "too many", "fail_order_list": []}')

    assert refusal == Complaint("9009400", "too many")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("-1", ErrorKind.BUSY),
        ("9009099", ErrorKind.BUSY),
        ("9009098", ErrorKind.REJECTED),
        ("9009202", ErrorKind.REJECTED),
        ("9009203", ErrorKind.REJECTED),
        ("9009300", ErrorKind.REJECTED),
        ("9009301", ErrorKind.REJECTED),
        ("9009400", ErrorKind.REJECTED),
        ("9019101", ErrorKind.REJECTED),
        ("9019102", ErrorKind.REJECTED),
        ("40001", ErrorKind.TOKEN),
        ("40013", ErrorKind.CREDENTIALS),
        ("48001", ErrorKind.CREDENTIALS),
        ("45009", ErrorKind.QUOTA),
        ("45011", ErrorKind.RATE),
        ("71001", ErrorKind.REJECTED),
    ],
)
def test_what_a_code_means(code: str, kind: ErrorKind) -> None:
    assert ERRORS.kind(Complaint(code, "")) is kind
