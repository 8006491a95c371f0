"""How a shop's platform fares, and what of it stands in the log."""

from structlog.testing import capture_logs

from gateway.concurrency.clock import Clock
from gateway.errors import PlatformCredentials, PlatformMalformed
from gateway.upstream.health import DOWN_AFTER, Availability, HealthTracker


def malformed() -> PlatformMalformed:
    return PlatformMalformed("order.getbyid: canary", endpoint="order.getbyid", shop="flagship")


def test_the_log_tells_once_that_a_platform_is_down_and_that_it_answers_again() -> None:
    health = HealthTracker("flagship", Clock(wall=lambda: 1_700_000_000.0))

    with capture_logs() as lines:
        health.succeeded()
        for _ in range(DOWN_AFTER + 1):
            health.failed(malformed())
        health.succeeded()
        health.succeeded()

    assert lines == [
        {
            "log_level": "warning",
            "event": "upstream.platform.down",
            "message": "The platform is down.",
            "shop": "flagship",
            "endpoint": "order.getbyid",
            "failure": "PlatformMalformed",
            "code": None,
        },
        {
            "log_level": "info",
            "event": "upstream.platform.recovered",
            "message": "The platform answers again.",
            "shop": "flagship",
            "failures": 2,
            "seconds": 0.0,
        },
    ]


def test_refused_credentials_are_told_at_once_with_their_code() -> None:
    health = HealthTracker("flagship")
    refused = PlatformCredentials(
        "invalid appsecret", endpoint="stable_token", shop="flagship", platform_code="40125"
    )

    with capture_logs() as lines:
        health.failed(refused)

    assert health.report.availability is Availability.DOWN
    assert [(line["event"], line["code"]) for line in lines] == [
        ("upstream.platform.down", "40125")
    ]


def test_a_single_failure_is_no_line() -> None:
    health = HealthTracker("flagship")

    with capture_logs() as lines:
        health.failed(malformed())
        health.succeeded()

    assert lines == []
