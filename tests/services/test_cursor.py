"""What is, and what is not, a cursor of a list over several shops."""

import pytest

from gateway.errors import BadUserInput
from gateway.services.cursor import (
    ListStart,
    PageArguments,
    Place,
    Places,
    mark_of,
    read_cursor,
    read_start,
    write_cursor,
    write_entry_cursor,
    write_resume_cursor,
)
from schema.order import OrderFilter
from schema.order_status import OrderStatus


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


@pytest.mark.parametrize(
    ("places", "shop", "place"),
    [
        pytest.param({"a": (5, "x"), "b": None}, "a", (5, "x"), id="a-time"),
        pytest.param({"a": (5, "x"), "b": None}, "b", (3, "y"), id="the-last-one-of-its-shop"),
        pytest.param({"a": ("苹果", "x")}, "a", ("苹果", "x"), id="a-text"),
        pytest.param({"a": ("x",), "b": None}, "a", ("x",), id="an-id-alone"),
    ],
)
def test_the_cursor_of_an_entry_leads_on_and_back(
    places: Places, shop: str, place: tuple[str]
) -> None:
    text = write_entry_cursor(places, 7, shop, place)

    for backwards in (False, True):
        asked = PageArguments(size=1, cursor=text, backwards=backwards)
        start = read_start(asked, timed=len(place) == 2, mark=7)
        assert start == ListStart(places=dict(places), entry=(shop, place))


def test_a_cursor_is_that_of_one_filter_and_order() -> None:
    place: Place = (5, "x")
    text = write_entry_cursor({"a": place}, mark_of(OrderFilter(shops=["a"]), "TOTAL"), "a", place)
    other = mark_of(OrderFilter(shops=["b"]), "TOTAL")

    for backwards, name in ((False, "after"), (True, "before")):
        asked = PageArguments(size=1, cursor=text, backwards=backwards)
        with pytest.raises(BadUserInput, match=f"`{name}` is a cursor of a list with another"):
            read_start(asked, timed=True, mark=other)
    with pytest.raises(BadUserInput, match="not a cursor"):
        read_cursor(text, timed=True)


def test_a_cursor_of_an_earlier_version_leads_on_in_the_default_order_only() -> None:
    asked = PageArguments(size=1, cursor=write_cursor({"a": (5, "x")}))

    assert read_start(asked, timed=True, mark=7) == ListStart(places={"a": (5, "x")})
    with pytest.raises(BadUserInput, match="`after` is not a cursor"):
        read_start(asked, timed=True, mark=7, default_order=False)
    back = PageArguments(size=1, cursor=asked.cursor, backwards=True)
    with pytest.raises(BadUserInput, match="`before` is not a cursor"):
        read_start(back, timed=True, mark=7)


@pytest.mark.parametrize(
    "places",
    [
        pytest.param({"a": (5, "x"), "b": None}, id="times"),
        pytest.param({"a": ("x",), "b": None}, id="ids"),
    ],
)
def test_the_end_of_an_empty_page_leads_on_and_not_back(places: Places) -> None:
    text, timed = write_resume_cursor(places, 7), places["a"] == (5, "x")

    start = read_start(PageArguments(size=1, cursor=text), timed=timed, mark=7)

    assert start == ListStart(places=dict(places))
    with pytest.raises(BadUserInput, match="`before` is not a cursor"):
        read_start(PageArguments(size=1, cursor=text, backwards=True), timed=timed, mark=7)


def test_a_mark_differs_with_what_is_asked_and_not_with_the_order_of_lists() -> None:
    paid, shipped = OrderStatus.AWAITING_SHIPMENT, OrderStatus.SHIPPED

    assert mark_of(OrderFilter(statuses=[paid, shipped])) == mark_of(
        OrderFilter(statuses=[shipped, paid])
    )
    assert mark_of(OrderFilter(statuses=[paid])) != mark_of(OrderFilter(statuses=[shipped]))
    assert mark_of(OrderFilter(), None) != mark_of(OrderFilter(), "TOTAL")
