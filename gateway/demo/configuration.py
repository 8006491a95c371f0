"""The configuration of the demo: a shop on each platform of the sandbox."""

import json
from string import Template
from typing import Final

from gateway.demo.folder import DemoFolder
from gateway.demo.shops import DemoShop, demo_shops

_LOOPBACK: Final = "127.0.0.1"
#: A browser cannot be sent there.
_EVERY_ADDRESS: Final = ("0.0.0.0", "::")  # noqa: S104 - not bound to, but recognised

_TEMPLATE: Final = Template("""\
# Written anew by each `gateway run`: a copy of it elsewhere makes a good start for your own.
# Its secrets stand in plain, because they open nothing but the sandbox and the demo's data.

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
