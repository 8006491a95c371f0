"""A world behind our schema that answers every field, often wrongly, and twice the same."""

import asyncio
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import strawberry
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLSchema,
    GraphQLUnionType,
    is_leaf_type,
)
from strawberry.schema.config import StrawberryConfig

from gateway.auth import ALL_SHOPS, Viewer
from gateway.errors import PlatformUnavailable
from gateway.executor import Guard, Relation
from gateway.executor.field_readers import Attribute
from gateway.executor.strawberry_types import python_class, reading_of
from gateway.stale_reads import StaleRead, note
from resolvers.context import Context
from resolvers.dataloader import DataLoader
from resolvers.schema import Query, hints
from schema.category import Category
from schema.connection import Cursors
from schema.key import Key
from schema.scalars import SCALARS
from schema.scope import Scope

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
DOWN = PlatformUnavailable("the platform is down", endpoint="get", shop="flagship")
#: What `context.lists` and the like answer with.
LISTS = {
    "products": "ProductConnection",
    "group_products": "ProductConnection",
    "orders": "OrderConnection",
    "shelves": "ShelfConnection",
    "order_pushes": "PushConnection",
}
_LEAVES: dict[str, Callable[[Random], Any]] = {
    "String": lambda r: r.choice(["", "杯子", "a\u2028b", "x" * 40]),
    "ID": lambda r: f"id-{r.randrange(99)}",
    "Int": lambda r: r.choice([0, -1, 2**31 - 1, r.randrange(1000)]),
    "Float": lambda r: r.choice([0.0, -1.5, 1e300]),
    "Boolean": lambda r: r.random() < 0.5,
    "DateTime": lambda r: MOMENT + timedelta(seconds=r.randrange(10**7)),
    "Decimal": lambda r: Decimal(r.randrange(10**6)).scaleb(-2),
    "BigInt": lambda r: r.choice([0, -(2**63), 2**63 - 1]),
    "JSON": lambda r: r.choice([{"a": [1, None]}, [], "text", 0]),
}


class Later:
    """A value that is awaited, as often as one likes."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __await__(self) -> Generator[None, None, Any]:
        yield
        if isinstance(self.value, Exception):
            raise self.value
        return self.value


@dataclass(frozen=True)
class Inventor:
    """Invents values of the schema's types; the same seed and words invent the same.

    `mischief` is how often a value is not what it should be.
    """

    schema: GraphQLSchema
    seed: int
    mischief: float
    #: Answers are used again, as a cache of look-ups would: the same object in several places.
    known: dict[str, Any] = field(default_factory=dict)

    def random(self, *words: object) -> Random:
        return Random(f"{self.seed} {words!r}")

    def remembered(self, kind: GraphQLOutputType, *words: object) -> Any:
        name = repr(words)
        if name not in self.known:
            self.known[name] = self.value(kind, self.random(*words))
        return self.known[name]

    def value(self, kind: GraphQLOutputType, random: Random) -> Any:
        if random.random() < self.mischief:
            return self._wrong(kind, random)
        return self._right(kind, random)

    def _wrong(self, kind: GraphQLOutputType, random: Random) -> Any:
        what = random.randrange(7)
        if what == 0:
            return RuntimeError(f"wrong {random.randrange(9)}")
        if what == 1:
            return Later(self._right(kind, random))
        if what == 2:
            return Later(ValueError("wrong later"))
        if what == 3:
            return random.choice([int, 1j, 1.5, "text", {}, (), 2**40, True])
        if what == 4:
            right = self._right(kind, random)
            return tuple(right) if isinstance(right, list) else right
        return None

    def _right(self, kind: GraphQLOutputType, random: Random) -> Any:
        if isinstance(kind, GraphQLNonNull):
            return self._of(kind.of_type, random)
        return None if random.random() < 0.15 else self._of(kind, random)

    def _of(self, kind: Any, random: Random) -> Any:
        if isinstance(kind, GraphQLList):
            return [self.value(kind.of_type, random) for _ in range(random.randrange(4))]
        if isinstance(kind, GraphQLInterfaceType | GraphQLUnionType):
            kinds = sorted(self.schema.get_possible_types(kind), key=lambda each: each.name)
            return self._object(random.choice(kinds), random)
        if isinstance(kind, GraphQLObjectType):
            return self._object(kind, random)
        if isinstance(kind, GraphQLEnumType):
            return random.choice(list(kind.extensions["strawberry-definition"].wrapped_cls))
        assert is_leaf_type(kind)
        return _LEAVES[kind.name](random)

    def _object(self, kind: GraphQLObjectType, random: Random) -> Any:
        cls: Any = python_class(kind)
        assert cls is not None
        if random.random() < self.mischief / 4:
            # Still of the type for Strawberry, but not what a compiled plan expects.
            cls = type(cls.__name__, (cls,), {"__module__": cls.__module__})
        made = cls.__new__(cls)
        self._give(made, kind, random)
        return made

    def _give(self, made: Any, kind: GraphQLObjectType, random: Random) -> None:
        made.key = Key(kind.name, "flagship", str(random.randrange(5)))
        made.key_name = f"shop-{random.randrange(3)}"
        made.cursors = Cursors(
            at=lambda index: f"cursor-{index}", has_next_page=True, has_previous_page=False
        )
        made.subject_key = random.choice([None, made.key])
        for each in kind.fields.values():
            self._give_field(made, each, random)

    def _give_field(self, made: Any, each: GraphQLField, random: Random) -> None:
        reading = reading_of(each, hints)
        if isinstance(reading, Attribute):
            if random.random() < self.mischief / 8:
                made.__dict__.pop(reading.name, None)
            else:
                setattr(made, reading.name, self.value(each.type, random))
        elif isinstance(reading, Guard):
            value = self.value(each.type, random)
            lazy = random.random() < 0.5
            setattr(made, reading.attribute, (lambda: value) if lazy else value)
        elif isinstance(reading, Relation):
            if reading.unless is not None:
                known = self.value(each.type, random) if random.random() < 0.5 else None
                setattr(made, reading.unless, known)
            if reading.key not in {"key", "key_name"}:
                keys = [None, ("key", random.randrange(4)), ("key", random.randrange(4))]
                setattr(made, reading.key, random.choice(keys))


class InventedContext(Context):
    """A request whose loaders and lists answer with invented things."""

    def __init__(self, inventor: Inventor) -> None:
        granted = frozenset(s for s in Scope if inventor.random("scope", s).random() < 0.6)
        self.viewer = Viewer(name="invented", scopes=granted, shops=ALL_SHOPS, key_id="invented")
        self._granted = {}
        self._stale = {}
        self._refused = set()
        self.revealed = []
        self.inventor = inventor
        self.loaders = InventedLoaders(inventor)  # type: ignore[assignment]
        self.lists = InventedLists(inventor)  # type: ignore[assignment] # by their names

    def shop_health(self, shop: str) -> Any:
        kind: Any = self.inventor.schema.type_map["ShopHealth"]
        return self.inventor.remembered(GraphQLNonNull(kind), "health", shop)


class InventedLoaders:
    """Every loader that a relation names; a key may fail, or be unknown."""

    def __init__(self, inventor: Inventor) -> None:
        self.batches: list[tuple[str, int]] = []
        kinds: dict[str, GraphQLOutputType] = {"node": inventor.schema.type_map["Node"]}  # type: ignore[dict-item]
        for kind in inventor.schema.type_map.values():
            if isinstance(kind, GraphQLObjectType):
                for each in kind.fields.values():
                    reading = reading_of(each, hints)
                    if isinstance(reading, Relation):
                        kinds[reading.loader] = each.type
        for name, answer in kinds.items():
            setattr(self, name, DataLoader[Any](self._batch(inventor, name, answer)))

    def _batch(self, inventor: Inventor, name: str, kind: GraphQLOutputType) -> Any:
        async def batch(keys: list[Any]) -> list[Any]:
            self.batches.append((name, len(keys)))
            await asyncio.sleep(0)
            random = inventor.random("batch", name)
            if random.random() < inventor.mischief / 4:
                raise RuntimeError(f"The loader {name} failed")
            found = (inventor.remembered(kind, name, key) for key in keys)
            for key in keys:
                if inventor.random("stale", name, key).random() < 0.2:
                    note(StaleRead(name, MOMENT, DOWN), key)
            # A loader answers with things, not with what is to be awaited again.
            return [one.value if isinstance(one, Later) else one for one in found]

        return batch


class InventedLists:
    """The lists that hang on a type."""

    def __init__(self, inventor: Inventor) -> None:
        self._inventor = inventor

    def __getattr__(self, name: str) -> Any:
        async def answer(*arguments: Any) -> Any:
            await asyncio.sleep(0)
            kind: Any = self._inventor.schema.type_map[LISTS[name]]
            return self._inventor.remembered(kind, name, *arguments)

        return answer


def invented_schema() -> GraphQLSchema:
    """Our schema, anew; its root fields ask the request's inventor."""
    config = StrawberryConfig(scalar_map=SCALARS)
    made = strawberry.Schema(query=Query, types=[Category], config=config)
    schema = made._schema  # noqa: SLF001 - as resolvers.schema has it
    assert schema.query_type is not None
    for name, each in schema.query_type.fields.items():
        each.resolve = _root(name, each)
    return schema


def _root(name: str, each: GraphQLField) -> Any:
    def resolve(_: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        inventor: Inventor = info.context.inventor
        words = (name, sorted(arguments.items()))
        value = inventor.remembered(each.type, *words)
        how = inventor.random("root", *words).randrange(4)
        if how == 0 and isinstance(value, Exception):
            raise value
        return Later(value) if how in {1, 2} else value

    return resolve
