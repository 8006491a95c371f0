import msgspec
import pytest

from gateway.upstream.error_table import Complaint, ErrorKind
from gateway.wechat.codes import GENERAL_CODES, Envelope, complaint
from gateway.wechat.tokens import TOKEN_ERRORS


@pytest.mark.parametrize(
    "raw", [b"{}", b'{"errcode": 0}', b'{"errcode": "0", "errmsg": "ok"}', b'{"errmsg": null}']
)
def test_all_is_well(raw: bytes) -> None:
    assert complaint(msgspec.json.decode(raw, type=Envelope)) is None


@pytest.mark.parametrize(
    "raw", [b'{"errcode": 40013, "errmsg": "no"}', b'{"errcode": "40013", "errmsg": "no"}']
)
def test_a_refusal(raw: bytes) -> None:
    assert complaint(msgspec.json.decode(raw, type=Envelope)) == Complaint("40013", "no")


@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        (ErrorKind.BUSY, {"-1", "-1000"}),
        (ErrorKind.TOKEN, {"40001", "40014", "41001", "42001"}),
        (
            ErrorKind.CREDENTIALS,
            {
                "40013",
                "40125",
                "40164",
                "45035",
                "48001",
                "48004",
                "50002",
                "61004",
                "61007",
                "89503",
            },
        ),
        (ErrorKind.QUOTA, {"45009"}),
        (ErrorKind.RATE, {"45011"}),
        (ErrorKind.REJECTED, set()),
    ],
)
def test_what_the_general_codes_mean(kind: ErrorKind, codes: set[str]) -> None:
    assert {code for code, meant in GENERAL_CODES.items() if meant is kind} == codes


def test_to_the_token_call_40001_tells_of_a_wrong_secret() -> None:
    assert TOKEN_ERRORS.kind(Complaint("40001", "")) is ErrorKind.CREDENTIALS
    assert TOKEN_ERRORS.kind(Complaint("-1", "")) is ErrorKind.BUSY
    assert TOKEN_ERRORS.retry_after["45011"] == 60.0
