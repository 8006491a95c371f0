"""The gateway as the benchmark serves it: one WeChat Store shop, every limit on but the points."""

import base64
from pathlib import Path
from typing import Any, Final

from starlette.types import ASGIApp

from gateway.app import create_app
from gateway.settings import Settings

_KEY: Final = base64.b64encode(bytes(32)).decode()
#: Points are bought by the minute; a benchmark has no minutes to lose.
_POINTS: Final = 1_000_000_000
#: Seconds for which answers of the platform are kept, by variant.
LIVE: Final = {"orders_ttl": 0, "products_ttl": 0, "catalogue_ttl": 0}
KEPT: Final = {"orders_ttl": 3600, "products_ttl": 3600, "catalogue_ttl": 3600}
DEFAULT: Final[dict[str, int]] = {}


def settings(platform: str, folder: Path, cache: dict[str, int], **sections: Any) -> Settings:
    """The configuration of one variant; `cache` is its lifetimes."""
    return Settings.from_dict(
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
            **sections,
        }
    )


def create(platform: str, folder: Path, cache: dict[str, int], **sections: Any) -> ASGIApp:
    """The application of one variant."""
    return create_app(settings(platform, folder, cache, **sections))
