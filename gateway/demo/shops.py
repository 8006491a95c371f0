"""The demo's shops: one on each platform of the sandbox, as the platform's folder describes it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import ModuleType

from gateway.registry import modules_named
from gateway.sandbox.sample_shop import SampleShop
from gateway.store.engine import Transaction
from gateway.store.store import Store


@dataclass(frozen=True, slots=True)
class DemoShop:
    """What the module `demo` of a platform's folder says.

    Attributes:
        platform: the platform's name in the configuration.
        key: `KEY`, the shop's key.
        settings: `SETTINGS`, its other keys in the configuration, all text, without `base_url`.
        events_path: `EVENTS_PATH`, where the gateway takes its events; None: there are none.
        seed: `seed`, writes into the ledger what the platform holds of the sample shop.
    """

    platform: str
    key: str
    settings: Mapping[str, str]
    events_path: str | None
    seed: Callable[[Store, Transaction, str, SampleShop], Awaitable[None]]


def demo_shops() -> list[DemoShop]:
    """The shop of each platform whose folder has a module `demo`."""
    return [_demo_shop(platform, module) for platform, module in modules_named("demo").items()]


def _demo_shop(platform: str, module: ModuleType) -> DemoShop:
    return DemoShop(
        platform=platform,
        key=module.KEY,
        settings=module.SETTINGS,
        events_path=module.EVENTS_PATH,
        seed=module.seed,
    )
