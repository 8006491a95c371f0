"""The gateway as the benchmark serves it: one WeChat Store shop, every limit on but the points."""

import base64
import os
import sys
from pathlib import Path
from typing import Final

from bench.place import Place, serve_as
from gateway.app import create_app
from gateway.cli.serving import server_config
from gateway.cli.worker_process import tune_interpreter
from gateway.registry import PLATFORMS
from gateway.settings import Settings

_KEY: Final = base64.b64encode(bytes(32)).decode()
#: Points are bought by the minute; a benchmark has no minutes to lose.
_POINTS: Final = 1_000_000_000
#: Seconds for which answers of the platform are kept, by variant.
LIVE: Final = {"orders_ttl": 0, "products_ttl": 0, "catalogue_ttl": 0}
KEPT: Final = {"orders_ttl": 3600, "products_ttl": 3600, "catalogue_ttl": 3600}


def settings_of(platform: str, folder: Path, cache: dict[str, int]) -> Settings:
    """The configuration of one variant; `cache` is its lifetimes."""
    return Settings.from_dict(
        PLATFORMS,
        {
            "auth": {"mode": "open"},
            "store": {"url": f"sqlite:///{folder}/bench.db", "encryption_key": _KEY},
            "cache": cache,
            "limits": {"cost_per_minute": _POINTS},
            "log": {"level": "error"},
            "shops": [
                {
                    "key": "flagship",
                    "platform": "wechat_store",
                    "name": "旗舰店",
                    "app_id": "wxbench",
                    "app_secret": "bench",
                    "base_url": platform,
                }
            ],
        },
    )


def live(place: Place) -> None:
    """No answer of the platform is kept."""
    _serve(place, LIVE)


def kept(place: Place) -> None:
    """Every answer is kept for an hour."""
    _serve(place, KEPT)


def default(place: Place) -> None:
    """Answers are kept as long as the configuration has it by default."""
    _serve(place, {})


def workers(place: Place, count: str, store: str, cache: str) -> None:
    """`gateway serve` with so many processes, on a PostgreSQL and a Redis."""
    command = Path(sys.executable).with_name("gateway")
    configuration = _configuration(place.platform, place.folder, store, cache)
    options = {"config": configuration, "port": place.port, "workers": count}
    arguments = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    os.execv(command, [str(command), "serve", *arguments])  # noqa: S606 - our own command


def _serve(place: Place, cache: dict[str, int]) -> None:
    settings = settings_of(place.platform, place.folder, cache)
    app = create_app(settings)
    tune_interpreter()
    serve_as(server_config(app, settings), place)


def _configuration(platform: str, folder: Path, store: str, cache: str) -> Path:
    """The same with default lifetimes in a Redis, as a file for `gateway serve`."""
    file = folder / "gateway.toml"
    file.write_text(
        f"""
[auth]
mode = "open"
[store]
url = "{store}"
encryption_key = "{_KEY}"
[cache]
url = "{cache}"
[limits]
cost_per_minute = {_POINTS}
[log]
level = "error"
[[shops]]
key = "flagship"
platform = "wechat_store"
name = "旗舰店"
app_id = "wxbench"
app_secret = "bench"
base_url = "{platform}"
""",
        encoding="utf-8",
    )
    return file
