"""What is, and what is not, a cursor of a list over several shops."""

import pytest

from gateway.errors import BadUserInput
from gateway.services.cursor import Places, read_cursor, write_cursor


@pytest.mark.parametrize(
    ("places", "timed"),
    [
        pytest.param({}, True, id="nothing-shown-yet"),
        pytest.param({"flagship": (1394635817, "7197417460812533543")}, True, id="a-time"),
        pytest.param({"flagship": None, "mini": (5, "x")}, True, id="one-at-its-end"),
        pytest.param({"flagship": ("pDF3iY6Kr",)}, False, id="an-id-alone"),
    ],
)
def test_a_cursor_gives_back_its_places(places: Places, *, timed: bool) -> None:
    assert read_cursor(write_cursor(places), timed=timed) == places


def test_no_cursor_has_no_places() -> None:
    assert read_cursor(None, timed=True) == {}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("!!!", id="not-base64"),
        pytest.param("eyJh", id="cut-short"),
        pytest.param("W10", id="a-list"),
        pytest.param("中文", id="not-ascii"),
        pytest.param(write_cursor({"flagship": ("only-an-id",)}), id="of-another-list"),
        pytest.param(write_cursor({"mini": (2**63, "x")}), id="a-time-no-store-can-hold"),
        pytest.param(write_cursor({"mini": (-(2**63) - 1, "x")}), id="one-long-before"),
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(BadUserInput, match="`after` is not a cursor of this list"):
        read_cursor(text, timed=True)
