"""Which searches are whole phone numbers."""

import pytest

from gateway.services.phone_search import mobile_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("13800000001", "13800000001"),
        ("138 0000 0001", "13800000001"),
        ("138-0000-0001", "13800000001"),
        ("+86 138 0000 0001", "13800000001"),
        ("(0086)13800000001", "13800000001"),
        ("１３８００００００００１", None),
        ("１３８００００００１１", "13800000011"),
        ("0001", None),
        ("138****0001", None),
        ("12800000001", None),
        ("138000000012", None),
        ("0571-88880001", None),
        ("3790000000000000001", None),
        ("SF13800000001", None),
        ("13800000001 茶", None),
        ("茶", None),
        ("", None),
        ("--", None),
    ],
)
def test_a_mobile_number_is_told_from_other_texts(text: str, number: str | None) -> None:
    assert mobile_number(text) == number
