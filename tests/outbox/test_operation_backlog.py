"""Probes while a platform fails, and the pass over what waits once it answers."""

from gateway.errors import PlatformFailure
from gateway.outbox.operation_backlog import OperationBacklog
from gateway.outbox.retry_policy import MAX_BACKOFF
from gateway.ports import DeliveryResult, DeliveryStatus
from gateway.store.outbox import START, Due, Position

DONE = DeliveryResult(result_status=DeliveryStatus.DELIVERED)
REJECTED = DeliveryResult(result_status=DeliveryStatus.REJECTED)
LATER = DeliveryResult(result_status=DeliveryStatus.LATER)
AGAIN = DeliveryResult(result_status=DeliveryStatus.AGAIN)


def backlog(failures: int = 0) -> OperationBacklog:
    """Answer a backlog after so many failed calls, whose pauses are as long as they may be."""
    made = OperationBacklog(lambda _low, high: high)
    for _ in range(failures):
        made.ended([AGAIN], 0.0)
    return made


def test_calls_that_fail_in_a_row_leave_probes_with_growing_pauses() -> None:
    failing = backlog(2)
    assert failing.allowance(0.0, 80) == 80

    for pause in (2, 4, 8, 16, 30, 30):
        failing.ended([AGAIN, AGAIN], 100.0)
        assert failing.allowance(100.0 + pause - 0.1, 80) == 0
        assert failing.allowance(100.0 + pause, 80) == 1


def test_a_platform_that_says_when_is_not_probed_before() -> None:
    failing = backlog(2)
    told = PlatformFailure("busy", endpoint="e", shop="s", retry_after=90.0)
    failing.ended([DeliveryResult(result_status=DeliveryStatus.UNKNOWN, failure=told)], 100.0)

    assert failing.allowance(189.0, 80) == 0
    assert failing.allowance(190.0, 80) == 1


def test_one_probe_at_a_time_is_claimed() -> None:
    failing = backlog(3)
    found = Due([7], Position(5.0, 7))

    failing.scanned(found, 100.0, claimed=True)

    assert failing.allowance(129.0, 80) == 0
    # It was lost with its claim.
    assert failing.allowance(130.0, 80) == 1
    # The next probe is another push.
    assert failing.position == Position(5.0, 7)


def test_what_was_found_and_not_claimed_is_no_probe() -> None:
    failing = backlog(3)
    failing.scanned(Due([7], None), 100.0, claimed=False)

    assert failing.allowance(100.0, 80) == 1
    assert failing.position == START


def test_the_first_answer_begins_a_pass_over_what_waits_for_its_backoff() -> None:
    for answer in (DONE, REJECTED):
        failing = backlog(4)
        assert failing.until(50.0) is None

        assert failing.ended([AGAIN, answer], 100.0)

        assert failing.allowance(100.0, 80) == 80
        assert failing.until(100.0) == 100.0 + MAX_BACKOFF
        failing.scanned(Due([1, 2], Position(150.0, 2)), 100.0, claimed=True)
        assert failing.until(101.0) == 100.0 + MAX_BACKOFF
        failing.scanned(Due([], None), 101.0, claimed=False)
        assert failing.until(101.0) is None
        assert not failing.ended([answer], 102.0)


def test_a_push_that_always_fails_begins_no_pass_each_time() -> None:
    mixed = backlog(1)
    assert mixed.ended([DONE], 100.0)
    assert mixed.until(100.0) is not None
    mixed.scanned(Due([], None), 100.0, claimed=False)

    mixed.ended([AGAIN], 101.0)
    assert mixed.ended([DONE], 102.0)

    assert mixed.until(109.0) is None
    assert mixed.until(110.0) == 110.0 + MAX_BACKOFF


def test_another_operation_s_answer_lets_this_one_be_tried() -> None:
    failing, fine = backlog(3), backlog()
    assert failing.allowance(0.0, 80) == 0

    failing.platform_answers()
    fine.platform_answers()

    assert failing.allowance(0.0, 80) == 1
    assert failing.until(0.0) is None
    assert fine.until(0.0) is None


def test_a_spent_quota_is_no_outage() -> None:
    waiting = backlog(2)
    for _ in range(9):
        assert not waiting.ended([LATER], 0.0)
    assert waiting.allowance(0.0, 80) == 80
