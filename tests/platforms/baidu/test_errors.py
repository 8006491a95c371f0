import msgspec
import pytest

from gateway.platforms.baidu.errors import ERRORS, TOKEN_ERRORS, Envelope, TokenEnvelope
from gateway.upstream.error_table import Complaint, ErrorKind
from tests.platforms.baidu.samples import body


def complaint(raw: bytes) -> Complaint | None:
    return ERRORS.read(msgspec.json.decode(raw, type=Envelope))


def token_complaint(raw: bytes) -> Complaint | None:
    return TOKEN_ERRORS.read(msgspec.json.decode(raw, type=TokenEnvelope))


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(body("add.main.info.response"), id="the manual's own"),
        pytest.param(b'{"errno": "0", "msg": "success", "data": []}', id="nothing told"),
        pytest.param(b'{"errno": 0, "data": {"rows_affected": "0"}}', id="data of another form"),
        pytest.param(b'{"error_code": 0, "errno": 0, "data": null}', id="both say zero"),
    ],
)
def test_all_is_well(raw: bytes) -> None:
    assert complaint(raw) is None


def test_the_gateways_word_comes_first() -> None:
    refusal = complaint(b'{"error_code": 110, "error_msg": "Access token invalid", "errno": 0}')

    assert refusal == Complaint("110", "Access token invalid")


@pytest.mark.parametrize(
    "raw",
    [
        b'{"errno": 72001, "msg": "no", "data": []}',
        b'{"errno": "72001", "msg": "no", "data": ""}',
        b'{"errno": 72001, "errmsg": "no"}',
    ],
)
def test_a_refusal_of_the_order_centre(raw: bytes) -> None:
    assert complaint(raw) == Complaint("72001", "no", kind=ErrorKind.REJECTED)


def test_a_refusal_names_its_request() -> None:
    refusal = complaint(b'{"errno": 1, "msg": "no", "request_id": 99}')

    assert refusal is not None
    assert refusal.request_id == "99"


@pytest.mark.parametrize("code", ["2", "18", "110"])
def test_codes_of_the_gateway_mean_nothing_in_the_order_centre(code: str) -> None:
    refusal = complaint(b'{"errno": %s, "msg": "no"}' % code.encode())

    assert refusal is not None
    assert ERRORS.kind(refusal) is ErrorKind.REJECTED


def test_no_row_affected_is_a_failure_although_the_manual_prints_success() -> None:
    refusal = complaint(body("refused.response"))

    assert refusal is not None
    assert refusal.code == "0"
    assert refusal.message == "nothing was changed (rows_affected 0)"
    assert ERRORS.kind(refusal) is ErrorKind.REJECTED


@pytest.mark.parametrize("rows", [("1", "0"), ("0", 2), (1, 1)])
def test_a_call_of_which_some_was_done_is_read_record_by_record(rows: tuple[object, ...]) -> None:
    data = [{"resource_id": "a", "rows_affected": affected} for affected in rows]

    assert complaint(msgspec.json.encode({"errno": 0, "data": data})) is None


def test_a_call_of_which_nothing_was_done_failed() -> None:
    data = [{"resource_id": "a", "rows_affected": affected} for affected in ("0", 0)]

    assert complaint(msgspec.json.encode({"errno": 0, "data": data})) is not None


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("1", ErrorKind.BUSY),
        ("2", ErrorKind.BUSY),
        ("3", ErrorKind.REJECTED),
        ("4", ErrorKind.QUOTA),
        ("5", ErrorKind.CREDENTIALS),
        ("6", ErrorKind.CREDENTIALS),
        ("17", ErrorKind.QUOTA),
        ("18", ErrorKind.RATE),
        ("19", ErrorKind.QUOTA),
        ("100", ErrorKind.REJECTED),
        ("101", ErrorKind.CREDENTIALS),
        ("110", ErrorKind.TOKEN),
        ("111", ErrorKind.TOKEN),
        ("104", ErrorKind.REJECTED),
    ],
)
def test_what_a_code_of_the_gateway_means(code: str, kind: ErrorKind) -> None:
    assert ERRORS.kind(Complaint(code, "")) is kind
    assert ERRORS.retry_after == {"18": 1.0}


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("invalid_client", ErrorKind.CREDENTIALS),
        ("unsupported_grant_type", ErrorKind.CREDENTIALS),
        ("invalid_scope", ErrorKind.CREDENTIALS),
        ("server_error", ErrorKind.BUSY),
        ("temporarily_unavailable", ErrorKind.BUSY),
    ],
)
def test_a_refusal_of_the_token_call(error: str, kind: ErrorKind) -> None:
    raw = msgspec.json.encode({"error": error, "error_description": "unknown client id"})

    refusal = token_complaint(raw)

    assert refusal is not None
    assert (refusal.code, refusal.message) == (error, "unknown client id")
    assert TOKEN_ERRORS.kind(refusal) is kind


def test_the_gateway_may_refuse_the_token_call_too() -> None:
    refusal = token_complaint(b'{"error_code": 18, "error_msg": "qps"}')

    assert refusal == Complaint("18", "qps")


def test_a_token_is_no_refusal() -> None:
    assert token_complaint(b'{"access_token": "t", "expires_in": 2592000}') is None
