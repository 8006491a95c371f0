import base64
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.platforms.baidu.sandbox.state import SWAN
from gateway.platforms.mini_program.sandbox.state import MINI
from gateway.platforms.wechat_store.sandbox.state import FLAGSHIP
from tests.cli.command import FORK_SERVER, clean_environ
from tests.cli.fork_server import fork_server

STORE_KEY = base64.b64encode(b"a key of 32 bytes for the tests!").decode()

#: Writes gateway.toml into the test's folder; answers its path.
Configure = Callable[..., Path]


@pytest.fixture(scope="session", autouse=True)
def forked_commands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Have commands forked from a process that has imported the gateway."""
    address = tmp_path_factory.mktemp("fork") / "server"
    with fork_server(address, clean_environ()), pytest.MonkeyPatch.context() as patch:
        patch.setenv(FORK_SERVER, str(address))
        yield


@pytest.fixture
def configure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Configure:
    """Write a configuration with three shops; every secret of it stands in the environment."""
    secrets = {
        "STORE_KEY": STORE_KEY,
        "FLAGSHIP_SECRET": FLAGSHIP.secret,
        "MINI_SECRET": MINI.secret,
        "SWAN_SECRET": SWAN.secret,
    }
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)

    def write(*, base_url: str = "http://127.0.0.1:9", store: str = "", more: str = "") -> Path:
        path = tmp_path / "gateway.toml"
        path.write_text(
            f"""
{more}

[store]
encryption_key = {{ env = "STORE_KEY" }}
{store}

[[shops]]
key = "flagship"
platform = "wechat_store"
app_id = "{FLAGSHIP.app_id}"
app_secret = {{ env = "FLAGSHIP_SECRET" }}
base_url = "{base_url}"

[[shops]]
key = "mini"
platform = "mini_program"
app_id = "{MINI.app_id}"
app_secret = {{ env = "MINI_SECRET" }}
base_url = "{base_url}"

[[shops]]
key = "swan"
platform = "baidu"
app_key = "{SWAN.app_id}"
app_secret = {{ env = "SWAN_SECRET" }}
base_url = "{base_url}"
"""
        )
        return path

    return write
