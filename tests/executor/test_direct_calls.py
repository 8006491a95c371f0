"""Which resolvers are called without Strawberry, and that they cannot tell."""

from collections.abc import Mapping
from enum import Enum
from typing import Annotated, Any

import pytest
import strawberry
from graphql import parse
from strawberry.permission import BasePermission

from gateway.executor import Bounds
from gateway.executor.direct_calls import direct_call
from tests.executor.both import asked, executors, given

Asking = strawberry.Info[Any, None]


@strawberry.enum
class Size(Enum):
    """How large a thing is."""

    SMALL = "s"


@strawberry.input
class Wanted:
    """What is wanted."""

    name: str


class Nobody(BasePermission):
    """Lets everybody in, which Strawberry has to ask."""

    message = "no"

    def has_permission(self, *_asked: Any, **_given: Any) -> bool:
        return True


class Louder(strawberry.extensions.FieldExtension):
    """Changes what a resolver answers."""

    def resolve(self, next_: Any, source: Any, info: Asking, **given: Any) -> Any:
        return f"{next_(source, info, **given)}!"


def alone(name: str) -> str:
    return f"alone {name}"


def named(name: str) -> str:
    return name


def of_root(root: "Thing", name: str) -> str:
    return f"{root.of} {name}"


@strawberry.type
class Thing:
    of: str

    alone: str = strawberry.field(resolver=alone)
    rooted: str = strawberry.field(resolver=of_root)

    @strawberry.field
    def parted(self, parent: strawberry.Parent["Thing"], name: str) -> str:
        return f"{self.of} {parent.of} {name}"

    @strawberry.field
    def told(self, info: Asking, asked: Annotated[int, strawberry.argument(name="some")]) -> str:
        return f"{info.context} {info.field_name} {info.python_name} {info.path.key} {asked + 1}"

    @strawberry.field
    async def later(self, name: str = "default") -> str:
        return f"{self.of} {name}"

    @strawberry.field
    def sized(self, size: Size) -> str:
        return size.value

    @strawberry.field
    def fails(self, name: str) -> str | None:
        raise LookupError(name)

    @strawberry.field
    def wanted(self, wanted: Wanted) -> str:
        return wanted.name

    @strawberry.field
    def kept(self, info: Asking, wanted: Wanted) -> str:
        info.context.append(wanted)
        return wanted.name

    permitted: str = strawberry.field(resolver=named, permission_classes=[Nobody])
    extended: str = strawberry.field(resolver=named, extensions=[Louder()])


@strawberry.type
class Query:
    @strawberry.field
    def thing(self, of: str) -> Thing:
        return Thing(of=of)


OURS = strawberry.Schema(Query)
SCHEMA = OURS._schema  # noqa: SLF001 - there is no public way to it
CORE, COMPILED = executors(SCHEMA)
NAMED: Mapping[str, Any] = {"name": "n"}


@pytest.mark.parametrize(
    ("field", "arguments", "is_direct", "is_direct_if_lasting"),
    [
        ("alone", NAMED, True, True),
        ("rooted", NAMED, True, True),
        ("parted", NAMED, True, True),
        ("told", {"some": 1}, True, True),
        ("later", {}, True, True),
        ("fails", NAMED, True, True),
        ("wanted", {"wanted": {"name": "n"}}, False, True),
        ("of", {}, False, False),
        ("permitted", NAMED, False, False),
        ("extended", NAMED, False, False),
        ("alone", None, False, False),
    ],
)
def test_only_a_plain_function_is_called_directly(
    field: str,
    arguments: Mapping[str, Any] | None,
    *,
    is_direct: bool,
    is_direct_if_lasting: bool,
) -> None:
    kind: Any = SCHEMA.type_map["Thing"]

    called = [
        direct_call(SCHEMA, kind.fields[field], arguments, lasting=lasting) is not None
        for lasting in (False, True)
    ]

    assert called == [is_direct, is_direct_if_lasting]


@pytest.mark.parametrize(("lasting", "made"), [(False, 2), (True, 1)])
async def test_an_input_is_made_once_only_where_it_lasts(*, lasting: bool, made: int) -> None:
    executor = executors(SCHEMA, bounds=Bounds(runs_before=0, lasting_inputs=lasting))[1]
    one = asked(parse('{ thing(of: "wood") { kept(wanted: {name: "n"}) } }'))
    seen: list[Wanted] = []

    for _ in range(2):
        await executor.execute(one, given(SCHEMA, one, {}), seen)

    assert len({id(each) for each in seen}) == made


@pytest.mark.parametrize(
    ("selected", "shown"),
    [
        ('alone(name: "n")', "alone n"),
        ('rooted(name: "n")', "wood n"),
        ('parted(name: "n")', "wood wood n"),
        ("told(some: 1)", "context told told shown 2"),
        ("later", "wood default"),
        ('later(name: "n")', "wood n"),
        ("sized(size: SMALL)", "s"),
        ('fails(name: "n")', None),
        ('wanted(wanted: {name: "n"})', "n"),
        ('permitted(name: "n")', "n"),
        ('extended(name: "n")', "n!"),
    ],
)
async def test_the_resolver_cannot_tell(selected: str, shown: str | None) -> None:
    one = asked(parse(f'{{ thing(of: "wood") {{ shown: {selected} }} }}'))
    variables = given(SCHEMA, one, {})

    theirs = await CORE.execute(one, variables, "context")
    ours = await COMPILED.execute(one, variables, "context")

    assert ours.data == theirs.data == {"thing": {"shown": shown}}
    assert [str(error) for error in ours.errors or ()] == [str(e) for e in theirs.errors or ()]
