"""The configuration of the demo: three shops, each on a platform of the sandbox."""

from string import Template
from typing import Final

from gateway.demo.folder import DemoFolder
from gateway.sandbox.accounts import FLAGSHIP, MINI, SWAN
from gateway.sandbox.event_message import EVENT_AES_KEY, EVENT_TOKEN

FLAGSHIP_KEY: Final = "flagship"
MINI_KEY: Final = "mini"
SWAN_KEY: Final = "swan"

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

[[shops]]
key = "$flagship_key"
platform = "wechat_store"
name = "旗舰店"
app_id = "$flagship_id"
app_secret = "$flagship_secret"
base_url = "$sandbox"
event_token = "$event_token"
event_aes_key = "$event_aes_key"

[[shops]]
key = "$mini_key"
platform = "mini_program"
name = "小程序"
app_id = "$mini_id"
app_secret = "$mini_secret"
base_url = "$sandbox"
service_phone = "400-000-0000"
contact_page = "/pages/contact"

[[shops]]
key = "$swan_key"
platform = "baidu"
name = "百度智能小程序"
app_key = "$swan_id"
app_secret = "$swan_secret"
base_url = "$sandbox"
""")


def demo_configuration(
    folder: DemoFolder, encryption_key: str, *, host: str, port: int, sandbox: str
) -> str:
    """The configuration as TOML; `sandbox` is the address of the platforms."""
    shown = _LOOPBACK if host in _EVERY_ADDRESS else host
    return _TEMPLATE.substitute(
        host=host,
        port=port,
        public_url=f"http://{f'[{shown}]' if ':' in shown else shown}:{port}",
        keys=folder.keys.name,
        database=folder.database.name,
        encryption_key=encryption_key,
        sandbox=sandbox,
        flagship_key=FLAGSHIP_KEY,
        event_token=EVENT_TOKEN,
        event_aes_key=EVENT_AES_KEY,
        flagship_id=FLAGSHIP.app_id,
        flagship_secret=FLAGSHIP.secret,
        mini_key=MINI_KEY,
        mini_id=MINI.app_id,
        mini_secret=MINI.secret,
        swan_key=SWAN_KEY,
        swan_id=SWAN.app_id,
        swan_secret=SWAN.secret,
    )
