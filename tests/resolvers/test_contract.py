"""The exported schema is compatible with the contract, and every part of it is described.

What the contract promises and the gateway does not have yet is listed in `not_built.txt`, one
schema coordinate a line. Whoever builds it takes its lines out; nothing is ever added.
"""

from collections.abc import Iterator
from pathlib import Path

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    Undefined,
    build_schema,
    find_breaking_changes,
    print_schema,
)

from resolvers.schema import executable, sdl
from schema.page_sizes import DEFAULT_PAGE_SIZE

ROOT = Path(__file__).parent.parent.parent
CONTRACT = ROOT / "tests" / "contract" / "schema.graphql"
NOT_BUILT = ROOT / "tests" / "contract" / "not_built.txt"


def members(kind: GraphQLNamedType) -> Iterator[tuple[str, str]]:
    """What a type consists of: the coordinate of each part, and the type that it has."""
    if isinstance(kind, GraphQLEnumType):
        yield from ((f"{kind.name}.{value}", "") for value in kind.values)
    elif isinstance(kind, GraphQLUnionType):
        yield from ((f"{kind.name} | {member.name}", "") for member in kind.types)
    elif isinstance(kind, GraphQLInputObjectType):
        yield from ((f"{kind.name}.{name}", str(it.type)) for name, it in kind.fields.items())
    elif isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        for name, field in kind.fields.items():
            yield f"{kind.name}.{name}", str(field.type)
            for argument, it in field.args.items():
                yield f"{kind.name}.{name}({argument}:)", str(it.type)


def coordinates(schema: GraphQLSchema) -> dict[str, str]:
    """The type behind each schema coordinate; "" for types, enum values and union members."""
    named = [kind for kind in schema.type_map.values() if not kind.name.startswith("__")]
    return {kind.name: "" for kind in named} | {
        coordinate: of for kind in named for coordinate, of in members(kind)
    }


def missing(contract: dict[str, str], built: dict[str, str]) -> list[str]:
    """What is promised and not built; of a type or a field that is missing, only itself."""
    gone = sorted(contract.keys() - built.keys())
    return [one for one in gone if not any(above in gone for above in owners(one))]


def owners(coordinate: str) -> list[str]:
    """The type, and for an argument the field, that a coordinate belongs to."""
    name = coordinate.partition(" | ")[0].partition(".")[0]
    field = coordinate.partition("(")[0]
    return [owner for owner in (name, field) if owner != coordinate]


def test_what_is_not_built_is_listed_and_nothing_else() -> None:
    contract = coordinates(build_schema(CONTRACT.read_text(encoding="utf-8")))

    listed = NOT_BUILT.read_text(encoding="utf-8").splitlines()

    assert missing(contract, coordinates(executable())) == listed


def test_what_is_built_has_the_types_that_the_contract_promises() -> None:
    contract = coordinates(build_schema(CONTRACT.read_text(encoding="utf-8")))
    built = coordinates(executable())

    shared = contract.keys() & built.keys()

    assert {one: built[one] for one in shared} == {one: contract[one] for one in shared}


def test_nothing_changed_that_breaks_clients_of_the_contract() -> None:
    contract = build_schema(CONTRACT.read_text(encoding="utf-8"))

    changes = find_breaking_changes(contract, executable())

    # What is removed is what is not built yet, compared above.
    assert [one.description for one in changes if "_REMOVED" not in one.type.name] == []


def test_every_built_type_implements_the_interfaces_of_the_contract() -> None:
    contract = build_schema(CONTRACT.read_text(encoding="utf-8")).type_map
    built = executable().type_map

    promised = {
        name: [one.name for one in kind.interfaces]
        for name, kind in contract.items()
        if isinstance(kind, GraphQLObjectType) and name in built
    }

    assert promised
    assert promised == {
        name: [one.name for one in kind.interfaces]
        for name in promised
        if isinstance(kind := built[name], GraphQLObjectType)
    }


def test_the_snapshot_is_what_the_code_exports() -> None:
    snapshot = (ROOT / "schema" / "schema.graphql").read_text(encoding="utf-8")

    assert sdl() == snapshot, "update it: gateway schema > schema/schema.graphql"


def test_what_the_snapshot_says_can_be_read_again() -> None:
    assert print_schema(build_schema(sdl())) + "\n" == sdl()


def test_every_type_field_argument_and_enum_value_is_described() -> None:
    silent: list[str] = []
    for name, kind in executable().type_map.items():
        if name.startswith("__"):
            continue
        if not kind.description and name not in {"ID", "String", "Int", "Boolean", "Float"}:
            silent.append(name)
        if isinstance(kind, GraphQLEnumType):
            silent += [f"{name}.{value}" for value, it in kind.values.items() if not it.description]
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            silent += [f"{name}.{field}" for field, it in kind.fields.items() if not it.description]
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            silent += [
                f"{name}.{field}.{argument}"
                for field, it in kind.fields.items()
                for argument, value in it.args.items()
                if not value.description
            ]

    assert silent == []


def test_descriptions_say_more_than_the_name() -> None:
    poor = [
        name
        for name, kind in executable().type_map.items()
        if isinstance(kind, GraphQLObjectType | GraphQLEnumType | GraphQLUnionType)
        and (kind.description or "").rstrip(".") == name
    ]

    assert poor == []


def test_choices_are_those_of_the_contract() -> None:
    contract = build_schema(CONTRACT.read_text(encoding="utf-8"))
    promised = {
        name
        for name, kind in contract.type_map.items()
        if isinstance(kind, GraphQLInputObjectType) and kind.is_one_of
    }
    types = executable().type_map
    promised &= types.keys()

    assert promised
    assert promised == {
        name
        for name, kind in types.items()
        if isinstance(kind, GraphQLInputObjectType) and kind.is_one_of
    }


def test_a_page_s_size_has_a_default_only_where_there_is_no_last() -> None:
    sizes = {
        f"{name}.{field}": ("last" in it.args, it.args["first"])
        for name, kind in executable().type_map.items()
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
        for field, it in kind.fields.items()
        if "first" in it.args
    }

    assert sizes["Query.orderChanges"][0] is False
    for place, (has_last, first) in sizes.items():
        assert first.default_value == (Undefined if has_last else DEFAULT_PAGE_SIZE), place
        assert "default 20" in (first.description or ""), place
