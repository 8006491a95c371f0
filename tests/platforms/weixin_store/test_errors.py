"""What the platform's refusals mean."""

import pytest

from gateway.errors import PlatformRejected
from gateway.platforms.weixin_store.errors import ERRORS, means_absence
from gateway.upstream.error_table import Complaint, ErrorKind


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        pytest.param("-1", ErrorKind.BUSY, id="busy"),
        pytest.param("40001", ErrorKind.TOKEN, id="token-not-the-newest"),
        pytest.param("41001", ErrorKind.TOKEN, id="no-token"),
        pytest.param("42001", ErrorKind.TOKEN, id="token-expired"),
        pytest.param("40013", ErrorKind.CREDENTIALS, id="app-id"),
        pytest.param("45009", ErrorKind.QUOTA, id="quota-of-the-day"),
        pytest.param("45011", ErrorKind.RATE, id="quota-of-the-minute"),
        pytest.param("45035", ErrorKind.CREDENTIALS, id="address-not-listed"),
        pytest.param("61004", ErrorKind.CREDENTIALS, id="address-not-listed-of-a-component"),
        pytest.param("48001", ErrorKind.CREDENTIALS, id="no-right"),
        pytest.param("48004", ErrorKind.CREDENTIALS, id="right-taken-away"),
        pytest.param("50001", ErrorKind.CREDENTIALS, id="user-not-authorised"),
        pytest.param("50002", ErrorKind.CREDENTIALS, id="user-restricted"),
        pytest.param("10080001", ErrorKind.CREDENTIALS, id="store-closed"),
        pytest.param("10080000", ErrorKind.REJECTED, id="store-closing"),
        pytest.param("40097", ErrorKind.REJECTED, id="body-not-as-printed"),
        pytest.param("44002", ErrorKind.REJECTED, id="no-body"),
        pytest.param("47001", ErrorKind.REJECTED, id="wrong-json-or-type"),
        pytest.param("100003", ErrorKind.BUSY, id="order-too-often"),
        pytest.param("10020123", ErrorKind.QUOTA, id="decodes-of-the-day"),
        pytest.param("10020198", ErrorKind.RATE, id="decodes-too-fast"),
        pytest.param("10020066", ErrorKind.QUOTA, id="audits-of-the-hour"),
        pytest.param("1002001", ErrorKind.QUOTA, id="audits-of-the-hour-as-seen"),
        pytest.param("10020111", ErrorKind.QUOTA, id="audits-of-the-day"),
        pytest.param("1002002", ErrorKind.QUOTA, id="audits-of-the-day-as-seen"),
        pytest.param("10020112", ErrorKind.RATE, id="stock-too-often"),
        pytest.param("10021044", ErrorKind.BUSY, id="after-sale-busy"),
        pytest.param("10021059", ErrorKind.RATE, id="after-sale-once-a-minute"),
        pytest.param("99", ErrorKind.REJECTED, id="a-code-that-no-source-knows"),
    ],
)
def test_kind(code: str, kind: ErrorKind) -> None:
    assert ERRORS.kind(Complaint(code, "no")) is kind


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        pytest.param("100002", True, id="order"),
        pytest.param("10020052", True, id="product"),
        pytest.param("10020005", True, id="template"),
        pytest.param("10021050", True, id="after-sale"),
        pytest.param("99", False, id="a-code-that-no-source-knows"),
        pytest.param("40097", False, id="a-body-not-as-printed"),
        pytest.param("47001", False, id="a-wrong-type"),
        pytest.param(None, False, id="a-bare-http-status"),
    ],
)
def test_absence(code: str | None, absent: bool) -> None:  # noqa: FBT001 - a case
    refusal = PlatformRejected("no", endpoint="order.get", shop="weixin", platform_code=code)

    assert means_absence(refusal) is absent
