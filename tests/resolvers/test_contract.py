"""The exported schema holds what the contract promises, and describes all of it."""

from pathlib import Path

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
    build_schema,
    find_breaking_changes,
    print_schema,
)

from resolvers.schema import executable, sdl

ROOT = Path(__file__).parent.parent.parent
CONTRACT = ROOT / "tests" / "contract" / "schema.graphql"


def test_nothing_that_the_contract_promises_is_missing_or_changed() -> None:
    contract = build_schema(CONTRACT.read_text(encoding="utf-8"))

    changes = find_breaking_changes(contract, executable())

    assert [change.description for change in changes] == []


def test_the_snapshot_is_what_the_code_exports() -> None:
    snapshot = (ROOT / "schema" / "schema.graphql").read_text(encoding="utf-8")

    assert sdl() == snapshot, "write it anew: gateway schema > schema/schema.graphql"


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

    assert promised
    assert promised == {
        name
        for name, kind in types.items()
        if isinstance(kind, GraphQLInputObjectType) and kind.is_one_of
    }
