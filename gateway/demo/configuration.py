"""The demo's configuration: a shop on each platform of the sandbox."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from string import Template
from types import ModuleType
from typing import Final

from gateway.demo.folder import DemoFolder
from gateway.registry import modules_named
from gateway.sandbox.sample_shop import SampleShop
from gateway.store.engine import Transaction
from gateway.store.store import Store


@dataclass(frozen=True, slots=True)
class DemoShop:
    """What the module `demo` of a platform's folder declares.

    Attributes:
        platform: the platform's name in the configuration.
        key: `KEY`, the shop's key.
        settings: `SETTINGS`, its other keys in the configuration, all text, without `base_url`.
        events_path: `EVENTS_PATH`, the gateway's path for its events; None: it has no events.
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


_LOOPBACK: Final = "127.0.0.1"
#: Not addresses that a browser can open.
_EVERY_ADDRESS: Final = ("0.0.0.0", "::")  # noqa: S104 - not bound to, but recognised

_TEMPLATE: Final = Template("""\
# Overwritten by each `gateway run`. A copy is a good starting point for your own.
# Its secrets are in plain text: they protect only the sandbox and the demo's data.

[server]
host = "$host"
port = $port
public_url = "$public_url"

[log]
level = "warning"

[auth]
keys_file = "$keys"

[store]
url = "sqlite:///$database"
encryption_key = "$encryption_key"

[webhooks]
allow = ["127.0.0.0/8", "::1/128"]
""")


def demo_configuration(
    folder: DemoFolder, encryption_key: str, *, host: str, port: int, sandbox: str
) -> str:
    """The configuration as TOML; `sandbox` is the address of the platforms."""
    shown = _LOOPBACK if host in _EVERY_ADDRESS else host
    of_gateway = _TEMPLATE.substitute(
        host=host,
        port=port,
        public_url=f"http://{f'[{shown}]' if ':' in shown else shown}:{port}",
        keys=folder.keys.name,
        database=folder.database.name,
        encryption_key=encryption_key,
    )
    return "\n".join([of_gateway, *(_section(shop, sandbox) for shop in demo_shops())])


def _section(shop: DemoShop, sandbox: str) -> str:
    named = {"key": shop.key, "platform": shop.platform}
    keys = {**named, **shop.settings, "base_url": sandbox}
    # A string of JSON is one of TOML.
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in keys.items()]
    return "\n".join(["[[shops]]", *lines, ""])
