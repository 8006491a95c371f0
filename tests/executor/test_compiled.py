"""When an operation is compiled, what bounds that, and how a run behaves beyond its answer."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
import strawberry
from graphql import parse
from strawberry.types.field import StrawberryField

from gateway.executor import Bounds, CompiledExecutor, Relation
from gateway.http.executor import CoreExecutor
from resolvers.dataloader import DataLoader
from tests.executor.both import Asked, asked, executors, given


@strawberry.type
class Tree:
    """A thing that holds more of its kind."""

    name: str
    key: strawberry.Private[str | None] = None
    trees: list["Tree"] = strawberry.field(default_factory=list)
    maybe: "Tree | None" = None
    friend: "Tree | None" = strawberry.field(
        resolver=lambda: None, metadata={"relation": ("trees", "key")}
    )

    @strawberry.field
    async def slow(self, info: strawberry.Info[Any, None]) -> str:
        """Wait for ever; note the end."""
        info.context.running.append(self.name)
        try:
            await asyncio.Event().wait()
        finally:
            info.context.running.remove(self.name)
        return self.name

    @strawberry.field
    async def refused(self) -> str:
        """Fail, and take the tree along."""
        await asyncio.sleep(0)
        raise PermissionError("refused")


@strawberry.type
class Query:
    """Gives what the context has."""

    @strawberry.field
    def tree(self, info: strawberry.Info[Any, None]) -> Tree | None:
        """The context's tree."""
        tree: Tree = info.context.tree
        return tree


SCHEMA = strawberry.Schema(Query)._schema  # noqa: SLF001 - there is no public way to it


def hints(field: StrawberryField) -> Relation | None:
    relation = field.metadata.get("relation")
    return None if relation is None else Relation(*relation)


CORE, OURS = executors(SCHEMA, hints)


class Context:
    """A tree, the loader of others, and which slow fields are running."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.running: list[str] = []
        self.batches: list[list[str]] = []
        self.known = {name: Tree(name=name) for name in ("oak", "elm")}

        async def found(keys: list[str]) -> list[Tree]:
            self.batches.append(list(keys))
            return [self.known[key] for key in keys]

        self.loaders = SimpleNamespace(trees=DataLoader(found))


class Counting(CoreExecutor):
    """graphql-core's executor, counting."""

    runs = 0

    async def execute(self, *arguments: Any) -> Any:
        self.runs += 1
        return await super().execute(*arguments)


def operation(text: str) -> Asked:
    return asked(parse(text))


async def run(executor: Any, text: str, context: Context) -> Any:
    one = operation(text)
    return await executor.execute(one, given(SCHEMA, one, {}), context)


async def test_the_first_run_is_graphql_cores() -> None:
    core: Any = Counting(SCHEMA)
    executor: Any = CompiledExecutor(SCHEMA, core)
    one = operation("{ tree { name } }")
    variables = given(SCHEMA, one, {})

    answers = [await executor.execute(one, variables, Context(Tree(name="ash"))) for _ in range(3)]

    assert [answer.data for answer in answers] == [{"tree": {"name": "ash"}}] * 3
    assert core.runs == 1


def test_eight_variants_are_kept() -> None:
    one = operation(
        "query($a: Boolean!, $b: Boolean!, $c: Boolean!, $d: Boolean!) { tree { name"
        " a: name @include(if: $a) b: name @skip(if: $b) c: name @skip(if: $c)"
        " d: name @skip(if: $d) } }"
    )
    values = [
        {name: bool(number >> bit & 1) for bit, name in enumerate("abcd")} for number in range(9)
    ]

    compiled = [OURS.compiled(one, given(SCHEMA, one, each).values) for each in values]

    assert [each is not None for each in compiled] == [True] * 8 + [False]
    assert OURS.compiled(one, given(SCHEMA, one, values[0]).values) is compiled[0]


def test_a_plan_has_so_many_fields_at_most() -> None:
    small: Any = CompiledExecutor(SCHEMA, CORE, bounds=Bounds(runs_before=0, fields=2))
    values = given(SCHEMA, operation("{ tree { name } }"), {}).values

    assert small.compiled(operation("{ tree { name } }"), values) is not None
    assert small.compiled(operation("{ tree { name again: name } }"), values) is None


@pytest.mark.parametrize(
    "text",
    [
        "{ __schema { queryType { name } } }",
        "query @skip(if: true) { tree { name } }",
        "query($x: Boolean!) { ... @defer(if: $x) { tree { name } } }",
    ],
)
def test_what_is_unknown_is_left_to_graphql_core(text: str) -> None:
    assert (
        OURS.compiled(operation(text), given(SCHEMA, operation("{ __typename }"), {}).values)
        is None
    )


async def test_nothing_of_a_document_gets_into_the_source_but_keys() -> None:
    one = operation('{ tree { import: name, __builtins__: name, v: name @skip(if: false) } } # "')
    program = OURS.compiled(one, given(SCHEMA, one, {}).values)

    answer = await OURS.execute(one, given(SCHEMA, one, {}), Context(Tree(name="'\"\\")))

    assert program is not None
    assert answer.data == {"tree": {"import": "'\"\\", "__builtins__": "'\"\\", "v": "'\"\\"}}
    assert "skip" not in program.source


async def test_lists_in_lists_are_as_deep_as_one_likes() -> None:
    tree = Tree(name="leaf")
    for depth in range(40):
        # Two now and then: with two at each level, there are more of the last than one reads.
        tree = Tree(name=str(depth), trees=[tree, tree][: 1 + (depth % 6 == 1)], maybe=tree)
    text = "{ tree {" + " name trees { maybe {" * 15 + " name" + " } }" * 15 + " } }"

    ours = await run(OURS, text, Context(tree))
    core = await run(CORE, text, Context(tree))

    assert ours.errors is None
    assert ours.data == core.data


async def test_the_keys_of_one_level_go_out_together_and_one_object_is_built_once() -> None:
    branches = [Tree(name=str(n), key=["oak", "elm", None][n % 3]) for n in range(6)]
    context = Context(Tree(name="root", trees=branches))

    answer = await run(OURS, "{ tree { trees { name friend { name } } } }", context)

    friends = [each["friend"] for each in answer.data["tree"]["trees"]]
    assert friends == [{"name": "oak"}, {"name": "elm"}, None] * 2
    assert friends[0] is friends[3]
    assert context.batches == [["oak", "elm"]]


async def test_a_cancelled_run_leaves_nothing_running() -> None:
    context = Context(Tree(name="root", trees=[Tree(name="a"), Tree(name="b")]))
    task = asyncio.ensure_future(run(OURS, "{ tree { slow trees { slow } } }", context))
    await asyncio.sleep(0.01)
    assert sorted(context.running) == ["a", "b", "root"]

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert context.running == []
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_null_ends_what_runs_below_it() -> None:
    context = Context(Tree(name="root"))

    answer = await run(OURS, "{ tree { slow refused } }", context)

    assert answer.data == {"tree": None}
    assert [error.path for error in answer.errors] == [["tree", "refused"]]
    assert context.running == []
