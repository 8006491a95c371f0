"""What a reload of the configuration changes in a running gateway, and what it leaves as it is."""

import base64
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from gateway.app import create_app
from gateway.errors import ConfigurationError
from gateway.platforms.wechat_store.sandbox.state import FLAGSHIP
from gateway.registry import PLATFORMS
from gateway.runtime.reload import Reload, ReloadTargets
from gateway.settings import Settings, ShopSettings
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import configuration, serving_app
from tests.wechat.deliveries import TOKEN, merchant_order, plain, target

KEY = base64.b64encode(bytes(32)).decode()
SECRETS = {"app_secret": "a-secret-of-the-shop", "event_token": "a-token-of-the-shop"}


def settings(**sections: Any) -> Settings:
    flagship = {"key": "flagship", "platform": "wechat_store", "app_id": "wx1", **SECRETS}
    document = {"store": {"encryption_key": KEY}, "shops": [flagship], **sections}
    return Settings.from_dict(PLATFORMS, document)


def shop(**keys: Any) -> list[dict[str, Any]]:
    return [{"key": "flagship", "platform": "wechat_store", "app_id": "wx1", **SECRETS, **keys}]


class Process:
    """A process that takes over what it is given, but no shop whose secret is `unfit-secret`."""

    def __init__(self) -> None:
        self.file: Settings | ConfigurationError = settings()
        self.calls: list[tuple[str, object]] = []
        targets = ReloadTargets(
            log_level=lambda level: self.calls.append(("log_level", level)),
            origins=self._origins,
            secrets=self._secrets,
            shop=self._shop,
            api_keys=lambda: self.calls.append(("api_keys", None)),
        )
        self._reload = Reload(settings(), self._load, targets)

    def reload(self) -> list[dict[str, Any]]:
        """Reload; returns what was logged, without the messages."""
        self.calls.clear()
        with capture_logs() as logged:
            self._reload.now()
        assert all(line.pop("message") for line in logged)
        return [dict(line) for line in logged]

    def _load(self) -> Settings:
        if isinstance(self.file, ConfigurationError):
            raise self.file
        return self.file

    def _origins(self, origins: Sequence[str]) -> None:
        self.calls.append(("origins", list(origins)))

    def _secrets(self, secrets: Collection[str]) -> None:
        self.calls.append(("secrets", len(secrets)))

    def _shop(self, shop: ShopSettings) -> bool:
        secret = shop.model_dump()["app_secret"].get_secret_value()
        self.calls.append(("shop", secret))
        return bool(secret != "unfit-secret")


def done(*changed: str) -> dict[str, Any]:
    return {"event": "runtime.reload.done", "log_level": "info", "changed": list(changed)}


def restart_needed(*keys: str) -> dict[str, Any]:
    return {
        "event": "runtime.reload.restart_needed",
        "log_level": "warning",
        "settings": list(keys),
    }


def test_an_unchanged_file_changes_nothing_but_reads_the_keys() -> None:
    process = Process()

    assert process.reload() == [done()]
    assert process.calls == [("api_keys", None), ("secrets", 3)]


def test_what_can_change_is_taken_over_once() -> None:
    process = Process()
    process.file = settings(
        log={"level": "debug"},
        server={"cors_origins": ["https://shop.example"]},
        shops=shop(app_secret="another-secret"),
    )

    changed = ("server.cors_origins", "log.level", "shops[flagship].app_secret")
    (told,) = process.reload()
    assert (told["event"], sorted(told["changed"])) == ("runtime.reload.done", sorted(changed))
    assert process.calls == [
        ("api_keys", None),
        ("secrets", 3),
        ("log_level", "debug"),
        ("origins", ["https://shop.example"]),
        ("shop", "another-secret"),
    ]
    assert process.reload() == [done()]


def test_what_needs_a_restart_is_named_each_time_and_left_as_it_is() -> None:
    process = Process()
    process.file = settings(
        limits={"max_depth": 9},
        log={"level": "warning", "sample": 0.5},
        mirrors=[],
        shops=[*shop(), {**shop()[0], "key": "second"}],
    )

    told = restart_needed("log.sample", "limits.max_depth", "shops")
    for changed in ((done("log.level"),), (done(),)):
        first, second = process.reload()
        assert (first,) == changed
        assert set(told["settings"]) <= set(second["settings"])
        rest = set(second["settings"]) - set(told["settings"])
        assert all(key.startswith("shops[second].") for key in rest)


@pytest.mark.parametrize(
    ("keys", "named"),
    [
        # The secret of another app does not go with the old one's id.
        (
            {"app_id": "wx2", "app_secret": "another-secret"},
            ["shops[flagship].app_id", "shops[flagship].app_secret"],
        ),
        ({"event_aes_key": "a" * 43}, ["shops[flagship].event_aes_key"]),
        ({"event_token": None}, ["shops[flagship].event_token"]),
        ({"writes": "off"}, ["shops[flagship].writes"]),
    ],
)
def test_a_shop_of_which_more_than_a_secret_changed_needs_a_restart(
    keys: dict[str, Any], named: list[str]
) -> None:
    process = Process()
    changed = {name: value for name, value in {**shop()[0], **keys}.items() if value is not None}
    process.file = settings(shops=[changed])

    first, second = process.reload()

    assert first == done()
    assert sorted(second["settings"]) == named


def test_a_shop_that_does_not_take_its_secret_over_needs_a_restart() -> None:
    process = Process()
    process.file = settings(shops=shop(app_secret="unfit-secret"))

    assert process.reload() == [done(), restart_needed("shops[flagship].app_secret")]


def test_an_invalid_file_changes_nothing_and_says_why() -> None:
    process = Process()
    process.file = ConfigurationError("gateway.toml: log.level: expected one of …")

    assert process.reload() == [
        {
            "event": "runtime.reload.refused",
            "log_level": "error",
            "reason": "gateway.toml: log.level: expected one of …",
        }
    ]
    assert process.calls == [("api_keys", None)]


PRODUCTS = '{ products(first: 1, filter: {shops: ["flagship"]}) { sources { state } } }'


async def test_a_running_gateway_uses_other_secrets_and_origins_at_once(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    document = configuration(sandbox, tmp_path)
    flagship = next(shop for shop in document["shops"] if shop["key"] == "flagship")
    right, events = {"app_secret": FLAGSHIP.secret}, {"event_token": "a-former-token"}
    wrong = {**flagship, "app_secret": "not-the-secret-of-it", **events}
    current = [Settings.from_dict(PLATFORMS, {**document, "shops": [wrong]})]
    app = create_app(current[0], load=lambda: current[0])

    async with serving_app(app) as client:
        refused = await client.ask(PRODUCTS)
        query, body = plain(merchant_order("1"))
        forged = await client.http.post(target("flagship", query), content=body)
        current[0] = Settings.from_dict(
            PLATFORMS,
            {
                **document,
                "shops": [{**flagship, **right, "event_token": TOKEN}],
                "server": {"cors_origins": ["https://shop.example"]},
            },
        )
        with capture_logs() as logged:
            app.reload()
        answered = await client.ask(PRODUCTS, headers={"Origin": "https://shop.example"})
        query, body = plain(merchant_order("1"))
        taken = await client.http.post(target("flagship", query), content=body)

    assert refused.body["errors"][0]["extensions"]["code"] == "PLATFORM_CREDENTIALS"
    assert forged.status_code == 403
    assert {key for line in logged for key in line.get("changed", ())} == {
        "server.cors_origins",
        "shops[flagship].app_secret",
        "shops[flagship].event_token",
    }
    assert FLAGSHIP.secret not in str(logged)
    assert answered.body["data"]["products"]["sources"] == [{"state": "LIVE"}]
    assert answered.headers["Access-Control-Allow-Origin"] == "https://shop.example"
    assert taken.text == "success"
