"""Which texts are the number of a row."""

import pytest

from gateway.services.pushes import row_id


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7", 7),
        (str(2**63 - 1), 2**63 - 1),
        (str(2**63), None),
        ("9" * 40, None),
        ("", None),
        ("-1", None),
        ("1.5", None),
        ("٣", None),
        ("³", None),
    ],
)
def test_a_row_is_counted_in_64_bits(text: str, number: int | None) -> None:
    assert row_id(text) == number
