"""Loose scalars are read as people mean them."""

import pytest

from gateway.wechat.scalars import shown

#: More digits than Python makes a number of.
ENDLESS = f"&#{'9' * 5_000};"


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("杯子", "杯子"),
        ("Fish &amp; chips", "Fish & chips"),
        ("a &lt b", "a < b"),
        ("R&D", "R&D"),
        (ENDLESS, ENDLESS),
        ("", None),
        (None, None),
    ],
    ids=["plain", "escaped", "no-semicolon", "none-of-html's", "endless", "empty", "absent"],
)
def test_a_name_is_read_as_people_see_it(name: str | None, read: str | None) -> None:
    assert shown(name) == read
