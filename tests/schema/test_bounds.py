"""Every string and list of every input has a bound, which its description states."""

from typing import Any

import pytest
from graphql import (
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    build_schema,
)

from gateway.errors import InputTooLarge
from gateway.http.input_size import InputSizes
from resolvers.schema import executable, inputs
from schema.bounds import (
    BOUND,
    BOUNDS,
    OF_ONE_INPUT,
    SCALAR_BOUNDS,
    Bound,
    bound_of,
    is_sufficient,
    needs_bound,
)
from tests.house.tree import ROOT


def test_every_string_and_list_of_every_input_has_a_bound() -> None:
    without = [
        coordinate
        for coordinate, place in inputs(executable())
        if needs_bound(place.type) and BOUND not in place.extensions
    ]

    assert without == []


def test_so_has_every_input_that_the_contract_adds() -> None:
    contract = build_schema((ROOT / "tests/contract/schema.graphql").read_text(encoding="utf-8"))

    without = [
        coordinate
        for coordinate, place in inputs(contract)
        if needs_bound(place.type) and bound_of(coordinate, place.type) is None
    ]

    assert without == []


def test_every_bound_stands_in_the_description() -> None:
    bounded = {
        coordinate: place for coordinate, place in inputs(executable()) if BOUND in place.extensions
    }
    scalars = {name: executable().type_map[name].description or "" for name in SCALAR_BOUNDS}

    assert {
        coordinate: str(place.extensions[BOUND])
        for coordinate, place in bounded.items()
        if not (place.description or "").endswith(str(place.extensions[BOUND]))
    } == {}
    assert scalars["DateTime"].endswith("At most 64 characters.")
    assert scalars["Decimal"].endswith("At most 64 characters.")
    search = bounded["ProductFilter.search"].description or ""
    assert search.endswith("At most 200 characters and 10 words.")


def test_every_listed_bound_is_that_of_an_input() -> None:
    contract = build_schema((ROOT / "tests/contract/schema.graphql").read_text(encoding="utf-8"))
    coordinates = [one for schema in (executable(), contract) for one, _ in inputs(schema)]

    assert set(BOUNDS) - {coordinate.rpartition(".")[2] for coordinate in coordinates} == set()
    assert set(OF_ONE_INPUT) - set(coordinates) == set()


def of_size(kind: GraphQLInputType, bound: Bound, *, more: int) -> Any:
    """A value as large as the bound allows, and so much larger."""
    if isinstance(kind, GraphQLNonNull):
        return of_size(kind.of_type, bound, more=more)
    if isinstance(kind, GraphQLList):
        assert bound.entries is not None
        entry = {} if isinstance(kind.of_type, GraphQLInputObjectType) else "x"
        return [entry] * (bound.entries + more)
    assert bound.characters is not None
    return "x" * (bound.characters + more)


def test_every_bound_is_checked_at_its_place() -> None:
    sizes = InputSizes(executable())
    for coordinate, place in inputs(executable()):
        bound = place.extensions.get(BOUND)
        if bound is None:
            continue
        measure = sizes.of(place)
        assert measure is not None, coordinate
        assert measure.of_value(of_size(place.type, bound, more=0)) > 0, coordinate
        with pytest.raises(InputTooLarge):
            measure.of_value(of_size(place.type, bound, more=1))


def test_the_walk_finds_what_lacks_a_bound() -> None:
    schema = build_schema(
        "scalar Blob input In { unheard: String ids: [ID!] id: ID blob: Blob when: [Int!] }"
        " type Query { a(input: In, input2: [In!], n: Int): Int }"
    )

    found = {one: place.type for one, place in inputs(schema) if needs_bound(place.type)}

    assert set(found) == {
        "In.unheard",
        "In.ids",
        "In.id",
        "In.blob",
        "In.when",
        "Query.a.input2",
    }
    assert {one: bound_of(one, kind) for one, kind in found.items() if bound_of(one, kind)} == {
        "In.ids": Bound(entries=100, characters=2_000),
        "In.id": Bound(characters=2_000),
    }
    assert not is_sufficient(Bound(entries=5), found["In.ids"])
    assert not is_sufficient(Bound(characters=5), found["In.ids"])
