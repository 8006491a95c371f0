"""Refused keys are counted by client: one that goes on trying has to wait, in bounded memory."""

import pytest

from gateway.auth.refused_keys import RefusedKeys


class Seconds:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_client_waits_after_twenty_refusals_and_is_let_in_again() -> None:
    clock = Seconds()
    refused = RefusedKeys(clock)

    assert [refused.count("10.0.0.1") for _ in range(20)] == [None] * 20
    assert refused.count("10.0.0.1") == 3.0
    clock.now += 1.5
    assert refused.count("10.0.0.1") == 1.5
    clock.now += 1.5
    assert refused.count("10.0.0.1") is None
    assert refused.count("10.0.0.1") == 3.0
    clock.now += 3_600
    assert [refused.count("10.0.0.1") for _ in range(21)] == [None] * 20 + [3.0]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("10.0.0.1", "10.0.0.2", False),
        ("::ffff:10.0.0.1", "10.0.0.1", True),
        ("::ffff:10.0.0.1", "::ffff:10.0.0.2", False),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        (None, "", True),
        ("a.sock", "b.sock", False),
    ],
)
def test_clients_are_told_apart_by_their_networks(
    one: str | None, other: str | None, *, same: bool
) -> None:
    refused = RefusedKeys(Seconds())
    for _ in range(20):
        refused.count(one)

    assert (refused.count(other) is not None) is same


def test_memory_is_bounded() -> None:
    refused = RefusedKeys(Seconds(), clients=100)
    for number in range(1_000):
        refused.count(f"10.0.{number // 256}.{number % 256}")

    assert len(refused) == 100
