"""A shop whose platform accepts and never answers is missing from lists, and nobody else is."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from gateway.platforms.wechat_store.sandbox.state import FLAGSHIP
from gateway.registry import PLATFORMS, sandbox_parts
from gateway.sandbox.app import create_sandbox
from gateway.sandbox.server_state import Account, Setting
from gateway.settings import Settings
from tests.fixtures_sandbox import Sandbox, served
from tests.fixtures_served import KEY, serving

NO_CACHE: Final = {"cache-control": "no-cache"}
SHOPS: Final = [
    Account("wechat_store", f"wxshop{number}", f"secret {number}", issuer=FLAGSHIP.issuer)
    for number in range(3)
]
HANGING: Final = SHOPS[1]
ORDERS: Final = """
{ orders(first: 20) {
    nodes { shop { key } }
    sources { shop { key } state count error { endpoint message } } } }
"""


@pytest.fixture(scope="module")
def platform() -> Iterator[Sandbox]:
    """Serve three shops of one platform, with orders."""
    parts = sandbox_parts()
    with served(create_sandbox(parts, Setting(accounts=tuple(SHOPS)))) as sandbox:
        yield sandbox


def configured(platform: Sandbox, folder: Path, seconds: float) -> Settings:
    """The three shops, for operations that may take so long."""
    shops = [
        {"key": f"shop{number}", "platform": "wechat_store", "base_url": platform.base_url}
        | {"name": f"Shop {number}", "app_id": shop.app_id, "app_secret": shop.secret}
        for number, shop in enumerate(SHOPS)
    ]
    return Settings.from_dict(
        PLATFORMS,
        {
            "auth": {"mode": "open"},
            "store": {"url": f"sqlite:///{folder}/gateway.db", "encryption_key": KEY},
            "limits": {"timeout": seconds},
            "upstream": {"read_timeout": seconds},
            "shops": shops,
        },
    )


def states(answer: Any) -> list[tuple[str, str]]:
    """How each shop fared, and whether it has orders in the answer."""
    return [(each["shop"]["key"], each["state"]) for each in answer.data["orders"]["sources"]]


async def test_who_hangs_is_failed_then_left_alone_and_the_others_orders_are_there(
    platform: Sandbox, tmp_path: Path
) -> None:
    platform.reset()
    platform.clear_log()
    platform.fault("silence", times=None, path="/merchant/order", app_id=HANGING.app_id)
    async with serving(configured(platform, tmp_path, 4.0)) as gateway:
        answers = [await gateway.ask(ORDERS, headers=NO_CACHE) for _ in range(3)]

    asked = platform.requests("/merchant/order/getbyfilter")
    expected = [("shop0", "LIVE"), ("shop1", "FAILED"), ("shop2", "LIVE")]
    assert [states(answer) for answer in answers] == [expected] * 3
    for answer in answers:
        assert {node["shop"]["key"] for node in answer.data["orders"]["nodes"]} == {
            "shop0",
            "shop2",
        }
    errors = [answer.data["orders"]["sources"][1]["error"]["message"] for answer in answers]
    assert errors == [
        "order.getbyfilter: no answer before the deadline",
        "order.getbyfilter: no answer before the deadline",
        "order.getbyfilter: the platform keeps failing and is left alone for a while",
    ]
    # One window each time, never again within a list, and not at all the third time.
    assert len(asked) == 3 + 3 + 2
