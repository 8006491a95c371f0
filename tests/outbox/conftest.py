"""A smart program on the sandbox whose orders go through an outbox, on each of the databases."""

import pathlib
import random
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from gateway.outbox.command import Command, CurrentState, Decision
from gateway.outbox.dispatcher import Dispatcher
from gateway.outbox.intake import OrderIntake
from gateway.outbox.outcomes import OrderOutcome
from gateway.platform_kit.connection import PlatformClients
from gateway.ports import Delivers
from gateway.ports.writing.problems import Path
from gateway.registry import build_adapters
from gateway.store.documents import OrderPersonal
from gateway.store.pushes import PushQuery, StoredPush
from gateway.store.store import Store
from tests.fixtures_ledger import KEY, NOW
from tests.fixtures_sandbox import Sandbox
from tests.platforms.baidu.conftest import settings
from tests.platforms.baidu.documents import ORDER

BUYER = OrderPersonal(open_id="buyer")


@dataclass
class Time:
    """A clock that stands still until a test moves it."""

    now: float = NOW

    def __call__(self) -> float:
        return self.now


@dataclass
class Office:
    """One replica: its intake and its dispatcher, over a ledger that it may share."""

    store: Store
    deliveries: Delivers[Any]
    time: Time
    shop: str = "swan"
    rings: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        chance = random.Random(7)
        self.dispatcher = Dispatcher(
            self.store, {self.shop: self.deliveries}, self.time, chance.uniform, longest=20
        )
        self.intake = OrderIntake(self.store, self.dispatcher, self._notify)

    async def _notify(self) -> None:
        self.rings.append(self.time.now)

    async def write(
        self, order_id: str, operation: str = "ORDER_UPDATE", **changes: Any
    ) -> OrderOutcome:
        """Pass an order to the intake; return its outcome."""
        outcomes = await self.intake.carry_out([command(order_id, operation, **changes)])
        (outcome,) = outcomes.orders
        return outcome

    async def pushes(self) -> list[StoredPush]:
        """Answer all pushes, the oldest first."""
        return (await self.store.pushes.page(PushQuery([self.shop]), limit=500))[::-1]

    async def states(self) -> list[str]:
        """Answer the states of all pushes, the oldest first."""
        return [push.state for push in await self.pushes()]


@dataclass(frozen=True)
class Made:
    """A command whose decision is `decide`, whatever the state."""

    decide: Callable[[CurrentState], Decision]
    shop: str = "swan"
    platform_id: str = "A"
    at: Path = ()

    def apply(self, state: CurrentState) -> Decision:
        return self.decide(state)


def command(order_id: str, operation: str | None = "ORDER_UPDATE", **changes: Any) -> Command:
    """Answer a command for the manual's sample order under another id."""
    fields = {**{name: getattr(ORDER, name) for name in ORDER.__struct_fields__}}
    document = type(ORDER)(**fields | {"platform_id": order_id} | changes)
    decision = Decision(operation=operation, document=document, personal=BUYER)
    return Made(lambda _state: decision, platform_id=order_id)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture(params=["sqlite", "postgres"])
def shared_url(
    request: pytest.FixtureRequest, tmp_path: pathlib.Path, ledger_template: pathlib.Path
) -> str:
    """Answer the URL of an empty ledger, once on each database."""
    if request.param == "sqlite":
        shutil.copy(ledger_template, tmp_path / "gateway.db")
        return f"sqlite:///{tmp_path / 'gateway.db'}"
    url: str = request.getfixturevalue("migrated_postgres_url")
    return url


@pytest.fixture
async def shared(shared_url: str, time: Time) -> AsyncIterator[Store]:
    """Answer an empty ledger, once on each database."""
    store = await Store.open(shared_url, encryption_key=KEY, clock=time)
    yield store
    await store.close()


@pytest.fixture
def replica(
    sandbox: Sandbox, clients: PlatformClients, shared: Store, time: Time
) -> Callable[[], Office]:
    """Answer a function that makes one more replica over the same ledger."""
    adapter = build_adapters([settings(sandbox.base_url)], clients, shared, time)["swan"]
    assert adapter.deliveries is not None
    deliveries = adapter.deliveries
    return lambda: Office(shared, deliveries, time)


@pytest.fixture
def office(replica: Callable[[], Office]) -> Office:
    return replica()
