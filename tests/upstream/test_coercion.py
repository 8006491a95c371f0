"""Harmless forms of a value are read as what they mean; all else is refused."""

from typing import Annotated, Any

import msgspec
import pytest

from gateway.upstream.coercion import Coercion

Number = int | Annotated[str, msgspec.Meta(pattern=r"^(-?[0-9]{1,18})?$")]


class Part(msgspec.Struct, kw_only=True):
    part_id: int | str
    name: str | None = None


class Loose(msgspec.Struct, kw_only=True):
    name: str | None = None
    label: str = "none"


class Document(msgspec.Struct, kw_only=True):
    """A member of each kind that wire models have; what is left out has its default."""

    id: int | str = "none"
    price: int | None = None
    number: Number | None = None
    count: int = 7
    weight: float | None = None
    flag: bool | None = None
    switch: Number | bool | None = None
    title: str | None = None
    label: str = "none"
    code: int | str | None = None
    part: Part | None = None
    parts: list[Part] | None = None
    loose: list[Loose] | None = None
    names: tuple[str, ...] = ()
    one_or_more: tuple[Part, ...] | Part | None = None
    anything: Any = None


class Required(msgspec.Struct, kw_only=True):
    id: int | str
    price: int
    title: str
    parts: list[Part]


HARMLESS: list[tuple[str, Any, Any]] = [
    ("price", "12", 12),
    ("price", " 12 ", 12),
    ("price", "-5", -5),
    ("price", "007", 7),
    ("price", "", None),
    ("price", None, None),
    ("price", 12.0, 12),
    ("number", "12", "12"),
    ("number", " 12", "12"),
    ("number", "", ""),
    ("number", 12.0, 12),
    ("count", None, 7),
    ("count", "", 7),
    ("weight", 3, 3.0),
    ("weight", "3", 3.0),
    ("switch", True, True),
    ("switch", False, False),
    ("switch", "true", True),
    ("switch", "1", "1"),
    ("switch", 1, 1),
    ("switch", 1.0, 1),
    ("switch", "", ""),
    ("flag", 1, True),
    ("flag", 0, False),
    ("flag", "0", False),
    ("flag", "true", True),
    ("flag", "False", False),
    ("flag", "", None),
    ("title", 12, "12"),
    ("title", "", ""),
    ("title", {}, None),
    ("title", [], None),
    ("label", None, "none"),
    ("label", {}, "none"),
    ("id", "a1", "a1"),
    ("id", 12, 12),
    ("id", None, "none"),
    ("code", "", ""),
    ("part", None, None),
    ("part", "", None),
    ("part", [], None),
    ("part", {"part_id": 1, "name": 2}, Part(part_id=1, name="2")),
    ("parts", None, None),
    ("parts", {}, []),
    ("parts", "", None),
    ("parts", {"part_id": "p"}, [Part(part_id="p")]),
    ("parts", [{"part_id": "p", "name": None}], [Part(part_id="p")]),
    ("names", {}, ()),
    ("names", None, ()),
    ("names", [1, "b"], ("1", "b")),
    ("one_or_more", {}, ()),
    ("one_or_more", {"part_id": 1}, (Part(part_id=1),)),
    ("anything", {"x": [1]}, {"x": [1]}),
]


@pytest.mark.parametrize(("name", "value", "read"), HARMLESS)
def test_a_harmless_form_is_read(name: str, value: object, read: object) -> None:
    assert getattr(Coercion(Document).convert({name: value}), name) == read


HARMFUL: list[tuple[str, Any]] = [
    ("price", "12.00"),
    ("price", "12,00"),
    ("price", "¥12"),
    ("price", "1e3"),
    ("price", 12.5),
    ("price", 1e300),
    ("price", [12]),
    ("price", []),
    ("price", {}),
    ("price", {"fen": 12}),
    ("price", "1234567890123456789012"),
    ("number", "12.00"),
    ("number", 12.5),
    ("number", True),
    ("price", True),
    ("price", False),
    ("switch", "yes"),
    ("switch", 1.5),
    ("flag", 2),
    ("flag", "yes"),
    ("flag", 1.0),
    ("title", True),
    ("title", 1.5),
    ("title", {"text": "a"}),
    ("title", ["a"]),
    ("id", 12.0),
    ("id", True),
    ("id", {}),
    ("id", []),
    ("code", False),
    ("part", "p"),
    ("part", {}),
    ("part", 0),
    ("part", False),
    ("part", {"name": "without its id"}),
    ("part", {"part_id": None}),
    ("parts", "p"),
    ("parts", 0),
    ("parts", {"0": {"part_id": "p"}}),
    ("parts", [[]]),
    ("parts", [""]),
    ("parts", [{"part_id": {}}]),
    ("parts", [None]),
    ("loose", {"0": {"name": "p"}}),
    ("loose", [""]),
    ("loose", [[]]),
    ("names", "a,b"),
    ("names", [None]),
]


@pytest.mark.parametrize(("name", "value"), HARMFUL)
def test_anything_else_is_refused(name: str, value: object) -> None:
    with pytest.raises(msgspec.ValidationError):
        Coercion(Document).convert({name: value})


SOUND = {"id": 1, "price": 2, "title": "a", "parts": []}


@pytest.mark.parametrize(
    ("name", "value"),
    [("id", None), ("price", None), ("price", ""), ("title", None), ("title", {})],
)
def test_what_must_be_there_is_not_made_up(name: str, value: object) -> None:
    assert Coercion(Required).convert(SOUND) == Required(id=1, price=2, title="a", parts=[])
    with pytest.raises(msgspec.ValidationError):
        Coercion(Required).convert(SOUND | {name: value})


@pytest.mark.parametrize("value", [None, "", [], 0, "text", [{}]])
def test_only_an_object_is_a_document(value: object) -> None:
    with pytest.raises(msgspec.ValidationError):
        Coercion(Document).convert(value)


def test_gaps_in_a_list_are_left_out_where_they_may_be() -> None:
    coercion = Coercion(Document, gaps=True)

    read = coercion.convert({"parts": [None, {"part_id": 1}, None], "names": [None, "a"]})

    assert read.parts == [Part(part_id=1)]
    assert read.names == ("a",)
