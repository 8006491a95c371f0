"""What the platform's refusals mean."""

import pytest

from gateway.errors import PlatformRejected
from gateway.platforms.wechat_store.errors import ERRORS, means_absence
from gateway.upstream.error_table import Complaint, ErrorKind


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        pytest.param("-1", ErrorKind.BUSY, id="busy"),
        pytest.param("-1000", ErrorKind.BUSY, id="system-error"),
        pytest.param("40001", ErrorKind.TOKEN, id="token-not-the-latest"),
        pytest.param("42001", ErrorKind.TOKEN, id="token-expired"),
        pytest.param("40013", ErrorKind.CREDENTIALS, id="app-id"),
        pytest.param("40164", ErrorKind.CREDENTIALS, id="address-not-listed"),
        pytest.param("48001", ErrorKind.CREDENTIALS, id="no-right-to-the-interface"),
        pytest.param("45009", ErrorKind.QUOTA, id="quota"),
        pytest.param("45011", ErrorKind.RATE, id="rate"),
        pytest.param("44002", ErrorKind.REJECTED, id="no-body"),
        pytest.param("99", ErrorKind.REJECTED, id="a-code-that-no-source-knows"),
    ],
)
def test_kind(code: str, kind: ErrorKind) -> None:
    assert ERRORS.kind(Complaint(code, "no")) is kind


def test_too_many_calls_a_minute_wait_a_minute() -> None:
    assert ERRORS.retry_after["45011"] == 60


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        pytest.param("99", True, id="a-code-that-no-source-knows"),
        pytest.param("44002", False, id="no-body"),
        pytest.param("47001", False, id="a-body-that-cannot-be-read"),
        pytest.param("40066", False, id="no-such-interface"),
        pytest.param(None, False, id="a-bare-http-status"),
    ],
)
def test_absence(code: str | None, absent: bool) -> None:  # noqa: FBT001 - a case
    refusal = PlatformRejected("no", endpoint="get", shop="flagship", platform_code=code)

    assert means_absence(refusal) is absent
