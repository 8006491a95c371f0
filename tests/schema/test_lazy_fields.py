"""Lazy fields of public types are made when first read."""

from copy import copy
from dataclasses import replace

import pytest
import strawberry

from schema.declare import described, public_type
from schema.lazy_fields import begin_lazy, lazy_fields


@lazy_fields("size", "note", "secret")
@public_type
class Parcel:
    """A type with lazy fields."""

    secret: strawberry.Private[str | None] = None

    name: str = described("The name.")
    weight: int | None = described("The weight in grams.", default=None)
    size: list[int] = described("The size.")
    note: str | None = described("A note.", default=None)


class Rest:
    """The factory of a parcel's lazy fields; records each call."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.broken = False

    def make_size(self, parcel: Parcel) -> list[int]:
        """As long as its name."""
        self.made.append("size")
        if self.broken:
            raise ValueError("no size")
        return [len(parcel.name)]

    def make_note(self, _: Parcel) -> str | None:
        """No note."""
        self.made.append("note")
        return None

    def make_secret(self, parcel: Parcel) -> str | None:
        """A secret."""
        self.made.append("secret")
        return f"the secret of {parcel.name}"


@pytest.fixture
def rest() -> Rest:
    """The factory of the parcel's lazy fields."""
    return Rest()


@pytest.fixture
def parcel(rest: Rest) -> Parcel:
    """A parcel whose lazy fields are not made yet."""
    parcel = begin_lazy(Parcel, rest)
    parcel.name = "tea"
    return parcel


def test_nothing_is_made_before_it_is_read(parcel: Parcel, rest: Rest) -> None:
    assert (parcel.name, parcel.weight) == ("tea", None)
    assert rest.made == []


def test_each_is_made_once(parcel: Parcel, rest: Rest) -> None:
    size = parcel.size

    assert size == [3]
    assert parcel.size is size
    assert (parcel.note, parcel.note) == (None, None)
    assert parcel.secret == "the secret of tea"
    assert rest.made == ["size", "note", "secret"]


def test_what_was_made_stands_in_the_object_like_any_other(parcel: Parcel) -> None:
    assert "size" not in vars(parcel)

    size = parcel.size

    assert vars(parcel)["size"] is size


def test_a_failure_is_raised_at_each_reading(parcel: Parcel, rest: Rest) -> None:
    rest.broken = True
    for _ in range(2):
        with pytest.raises(ValueError, match="no size"):
            parcel.size  # noqa: B018 - reading makes it

    rest.broken = False
    assert parcel.size == [3]
    assert rest.made == ["size"] * 3


def test_it_is_of_its_class_and_has_no_other_attributes(parcel: Parcel) -> None:
    assert parcel.__class__ is Parcel
    assert not hasattr(parcel, "colour")
    assert not hasattr(Parcel, "colour")


def test_what_is_set_is_not_made(parcel: Parcel, rest: Rest) -> None:
    parcel.size = [7]

    assert parcel.size == [7]
    assert rest.made == []


def test_equality_and_its_text_know_the_whole(parcel: Parcel) -> None:
    whole = Parcel(name="tea", size=[3], secret="the secret of tea")

    assert parcel == whole
    assert repr(parcel) == repr(whole)


def test_copies_make_their_values_apart(parcel: Parcel, rest: Rest) -> None:
    note = parcel.note
    other = copy(parcel)
    other.name = "coffee"

    assert (parcel.size, other.size) == ([3], [6])
    assert (note, other.note) == (None, None)
    assert rest.made == ["note", "size", "size"]


def test_a_copy_has_what_was_made_before(parcel: Parcel, rest: Rest) -> None:
    size = parcel.size

    assert copy(parcel).size is size
    assert rest.made == ["size"]


def test_a_changed_copy_is_whole(parcel: Parcel, rest: Rest) -> None:
    other = replace(parcel, note="fragile")

    assert other == Parcel(name="tea", size=[3], note="fragile", secret="the secret of tea")
    rest.made.clear()
    assert other.size == [3]
    assert rest.made == []


def test_the_constructor_takes_everything_as_ever() -> None:
    parcel = Parcel(name="tea", size=[1])

    assert (parcel.size, parcel.note, parcel.secret, parcel.weight) == ([1], None, None, None)
    with pytest.raises(TypeError, match="size"):
        Parcel(name="tea")  # type: ignore[call-arg] # what the type checker refuses as well
