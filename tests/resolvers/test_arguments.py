"""The arguments of connections: how many entries, in which direction."""

import pytest

from gateway.errors import BadUserInput
from gateway.services.cursor import PageArguments
from resolvers.arguments import page_arguments


@pytest.mark.parametrize(
    ("first", "after", "last", "before", "asked"),
    [
        pytest.param(None, None, None, None, PageArguments(size=20), id="nothing"),
        pytest.param(5, None, None, None, PageArguments(size=5), id="first"),
        pytest.param(100, "c", None, None, PageArguments(size=100, cursor="c"), id="after"),
        pytest.param(None, None, 5, None, PageArguments(size=5, backwards=True), id="last"),
        pytest.param(
            None, None, None, "c", PageArguments(size=20, cursor="c", backwards=True), id="before"
        ),
    ],
)
def test_a_page_goes_forwards_or_backwards(
    first: int | None, after: str | None, last: int | None, before: str | None, asked: PageArguments
) -> None:
    assert page_arguments(first, after, last, before) == asked


@pytest.mark.parametrize(
    ("first", "after", "last", "before", "message"),
    [
        pytest.param(0, None, None, None, "`first` must be 1 to 100, but is 0", id="none"),
        pytest.param(None, None, 101, None, "`last` must be 1 to 100, but is 101", id="too-many"),
        pytest.param(1, None, 1, None, "`first` cannot be given with `last`", id="both-sizes"),
        pytest.param(None, "a", None, "b", "`after` cannot be given with `before`", id="both-ends"),
        pytest.param(1, None, None, "b", "`first` cannot be given with `before`", id="crossed"),
    ],
)
def test_a_page_that_goes_both_ways_or_is_too_large_is_refused(
    first: int | None, after: str | None, last: int | None, before: str | None, message: str
) -> None:
    with pytest.raises(BadUserInput, match=message):
        page_arguments(first, after, last, before)
