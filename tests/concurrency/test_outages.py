"""An outage is reported when it begins and when it ends, whatever happens in between."""

from gateway.concurrency.outages import Outage, Outages


class Hand:
    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


def test_an_outage_begins_once_and_ends_with_its_count_and_length() -> None:
    now = Hand()
    outages = Outages(now)
    assert outages.succeeded("flagship") is None
    assert [outages.failed("flagship") for _ in range(3)] == [True, False, False]
    now.time += 40
    assert outages.failed("flagship") is False
    now.time += 5
    assert outages.succeeded("flagship") == Outage(failures=4, seconds=45.0)
    assert outages.succeeded("flagship") is None


def test_subjects_have_outages_of_their_own() -> None:
    outages = Outages(Hand())
    assert outages.failed("flagship")
    assert outages.failed("mini")
    assert outages.succeeded("swan") is None
    assert outages.succeeded("mini") == Outage(1, 0.0)
    assert not outages.failed("flagship")


def test_what_fails_and_succeeds_by_turns_is_reported_twice_a_minute() -> None:
    now = Hand()
    outages = Outages(now)
    begins, ends = 0, []
    for _ in range(600):
        begins += outages.failed("flagship")
        now.time += 0.5
        ended = outages.succeeded("flagship")
        ends += [] if ended is None else [ended.failures]
    # Five minutes; what was not reported by itself is counted by the next line.
    assert begins == len(ends) == 5
    assert sum(ends) == 1 + 4 * 121


def test_an_outage_that_begins_soon_after_another_is_reported_if_it_lasts() -> None:
    now = Hand()
    outages = Outages(now)
    outages.failed("flagship")
    outages.succeeded("flagship")
    now.time += 10
    assert not outages.failed("flagship")
    now.time += 49
    assert not outages.failed("flagship")
    now.time += 1
    assert outages.failed("flagship")
    assert outages.succeeded("flagship") == Outage(failures=3, seconds=50.0)
