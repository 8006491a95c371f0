"""A small schema with what attacks want: recursion, pages, failures, slowness, side effects."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import strawberry
from strawberry import Info

from gateway.audit import Origin
from gateway.errors import (
    BadUserInput,
    Forbidden,
    GatewayError,
    PlatformRejected,
    RateLimited,
    StoreUnavailable,
)

SECRET = "token-5f0e22a57c"


@dataclass
class SmallContext:
    """What the resolvers of the small schema get."""

    caller: str
    fresh: bool
    request_id: str
    journal: "Journal"
    granted: frozenset[str] = frozenset()

    @property
    def caller_id(self) -> str:
        return self.caller

    @property
    def scopes(self) -> frozenset[str]:
        return self.granted

    def sees(self, shop: str) -> bool:
        return bool(shop)

    @property
    def asker(self) -> str | None:
        return None if self.fresh else self.caller

    @property
    def visibility(self) -> frozenset[str]:
        return self.scopes

    @property
    def origin(self) -> Origin:
        return Origin(self.caller, self.request_id)

    @property
    def revealed(self) -> list[Any]:
        return []

    @property
    def stale_reads(self) -> list[dict[str, Any]]:
        return []


@dataclass
class Journal:
    """What happened in the resolvers, for the tests to look at."""

    increments: int = 0
    started: list[str] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    #: The number of the last event so far, and how many follow.
    events: int = 0
    following: int = 0


Ctx = Info[SmallContext, None]


@strawberry.type
class PageInfo:
    has_next_page: bool = False


@strawberry.type
class Product:
    id: strawberry.ID
    title: str = "杯子"

    @strawberry.field
    def shop(self) -> "Shop":
        return Shop(key="one")


@strawberry.type
class ProductConnection:
    nodes: list[Product]
    page_info: PageInfo


@strawberry.type
class Shop:
    key: str

    @strawberry.field
    def me(self) -> "Shop":
        return self

    @strawberry.field
    def products(self, first: int | None = None) -> ProductConnection | None:
        count = 20 if first is None else first
        if not 1 <= count <= 100:
            raise BadUserInput("`first` is 1 to 100")
        nodes = [Product(id=strawberry.ID(str(n))) for n in range(count)]
        return ProductConnection(nodes=nodes, page_info=PageInfo())


FAILURES: dict[str, Exception] = {
    "secret": RuntimeError(f"GET http://10.0.0.1/api?access_token={SECRET}"),
    "forbidden": Forbidden("The key lacks the scope pii:read"),
    "store": StoreUnavailable("The ledger cannot be read just now"),
    "unnamed": GatewayError(f"not for the outside: {SECRET}"),
    "limited": RateLimited("Enough for now", retry_after=2.2),
    "platform": PlatformRejected(
        "order.getbyid: the order does not exist",
        endpoint="order.getbyid",
        shop="flagship",
        platform_code="-1",
        http_status=200,
        request_id="req-77",
        retry_after=30,
    ),
}


@strawberry.input
class Nested:
    size: int
    inner: "Nested | None" = None


@strawberry.type
class Query:
    @strawberry.field
    def hello(self, name: str = "world") -> str:
        return f"Hello, {name}"

    @strawberry.field
    def number(self, value: int = 1) -> int:
        return value

    @strawberry.field
    def shops(self) -> list[Shop]:
        return [Shop(key="one")]

    @strawberry.field
    def nested(self, value: Nested) -> int:
        return value.size

    @strawberry.field
    def fails(self, how: str) -> str | None:
        raise FAILURES[how]

    @strawberry.field
    def missing(self) -> str:
        return None  # type: ignore[return-value] # a resolver that breaks its promise

    @strawberry.field
    def wrong(self) -> int:
        return SECRET  # type: ignore[return-value] # likewise

    @strawberry.field
    def caller(self, info: Ctx) -> str:
        return f"{info.context.caller} {info.context.fresh} {info.context.request_id}"

    @strawberry.field
    async def slow(self, info: Ctx, seconds: float, mark: str) -> str:
        info.context.journal.started.append(mark)
        try:
            await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            info.context.journal.cancelled.append(mark)
            raise
        return mark


@strawberry.type
class Event:
    """An event that all followers are given alike."""

    cursor: str

    @strawberry.field
    def executions(self, info: Ctx, of: str = "") -> int:
        """How many executions there were so far, this one included."""
        info.context.journal.started.append(f"{self.cursor} {of}".strip())
        return len(info.context.journal.started)

    @strawberry.field
    def fails(self) -> str | None:
        raise FAILURES["store"]

    @strawberry.field
    async def slow(self, seconds: float) -> str:
        await asyncio.sleep(seconds)
        return self.cursor

    @strawberry.field
    def caller(self, info: Ctx) -> str:
        return info.context.caller


class Events:
    """Events numbered from 1, as the journal has them."""

    def __init__(self, journal: Journal, start: int) -> None:
        self._journal = journal
        self.event_number = start
        journal.following += 1

    @property
    def position(self) -> str:
        return str(self.event_number)

    def __aiter__(self) -> "Events":
        return self

    async def __anext__(self) -> Event:
        while self._journal.events <= self.event_number:  # noqa: ASYNC110 - another thread's
            await asyncio.sleep(0.01)
        self.event_number += 1
        return Event(cursor=str(self.event_number))

    async def aclose(self) -> None:
        self._journal.following -= 1


@strawberry.type
class Mutation:
    @strawberry.mutation
    def increment(self, info: Ctx) -> int:
        info.context.journal.increments += 1
        return info.context.journal.increments

    @strawberry.mutation
    async def increment_slowly(self, info: Ctx, seconds: float) -> int:
        info.context.journal.started.append("mutation")
        await asyncio.sleep(seconds)
        info.context.journal.increments += 1
        return info.context.journal.increments


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def ticks(self) -> AsyncIterator[int]:
        yield 1

    @strawberry.subscription
    async def flood(self, info: Ctx, size: int) -> AsyncIterator[str]:
        """More than anybody can take."""
        journal = info.context.journal
        try:
            while True:
                journal.increments += 1
                yield "x" * size
                await asyncio.sleep(0)
        finally:
            journal.cancelled.append("flood")

    @strawberry.subscription
    async def events(self, info: Ctx, since: int | None = None) -> AsyncIterator[Event]:
        journal = info.context.journal
        return Events(journal, journal.events if since is None else since)

    @strawberry.subscription
    async def breaks(self) -> AsyncIterator[int]:
        yield 1
        raise RuntimeError(SECRET)


schema = strawberry.Schema(query=Query, mutation=Mutation, subscription=Subscription)
