import base64
from datetime import date

import pytest

from gateway.errors import ConfigurationError
from gateway.platforms.wechat_store.settings import WechatStoreShopSettings
from gateway.registry import PLATFORMS
from gateway.settings import Settings

STORE_KEY = base64.b64encode(bytes(32)).decode()


def test_any_value_may_come_from_the_environment() -> None:
    settings = Settings.from_dict(
        PLATFORMS,
        {
            "server": {
                "host": {"env": "HOST"},
                "port": {"env": "PORT"},
                "graphiql": {"env": "GRAPHIQL"},
                "cors_origins": [{"env": "ORIGIN"}],
                "trusted_proxies": {"env": "PROXIES"},
            },
            "limits": {"timeout": {"env": "TIMEOUT"}},
            "store": {"encryption_key": {"env": "KEY"}},
            "shops": [
                {
                    "key": "flagship",
                    "platform": {"env": "PLATFORM"},
                    "app_id": {"env": "APP_ID"},
                    "app_secret": {"env": "SECRET"},
                    "orders_since": {"env": "SINCE"},
                }
            ],
        },
        {
            "HOST": "127.0.0.2",
            "PORT": "9000",
            "GRAPHIQL": "false",
            "ORIGIN": "https://shop.example",
            "PROXIES": '["10.0.0.0/8"]',
            "TIMEOUT": "2.5",
            "KEY": STORE_KEY,
            "PLATFORM": "wechat_store",
            "APP_ID": "12345",
            "SECRET": "true",
            "SINCE": "2021-05-06",
        },
    )

    assert (settings.server.host, settings.server.port) == ("127.0.0.2", 9000)
    assert settings.server.graphiql is False
    assert settings.server.cors_origins == ("https://shop.example",)
    assert [str(network) for network in settings.server.trusted_proxies] == ["10.0.0.0/8"]
    assert settings.limits.timeout == 2.5
    (shop,) = settings.shops
    assert isinstance(shop, WechatStoreShopSettings)
    assert (shop.app_id, shop.app_secret.get_secret_value()) == ("12345", "true")
    assert shop.orders_since == date(2021, 5, 6)
    assert settings.warnings == ()


@pytest.mark.parametrize(
    ("server", "environ", "expected"),
    [
        pytest.param(
            {"port": {"env": "PORT"}},
            {},
            "server.port: the environment variable PORT is not set",
            id="missing",
        ),
        pytest.param(
            {"port": {"env": "PORT"}},
            {"PORT": "eighty"},
            "server.port: expected a whole number, found what the variable PORT holds",
            id="another-kind",
        ),
        pytest.param(
            {"port": {"env": "PORT"}},
            {"PORT": "70000"},
            "server.port: expected at most 65535, found 70000",
            id="out-of-range",
        ),
        pytest.param(
            {"host": {"env": "HOST"}},
            {"HOST": ""},
            "server.host: expected a string that is not empty, found what the variable HOST holds",
            id="empty",
        ),
        pytest.param(
            {"port": {"env": "PORT", "default": 80}},
            {"PORT": "80"},
            'server.port: expected { env = "NAME" } and nothing beside it',
            id="something-beside-it",
        ),
        pytest.param(
            {"port": {"env": 8000}},
            {},
            'server.port: expected { env = "NAME" } and nothing beside it',
            id="no-name",
        ),
    ],
)
def test_a_variable_that_is_of_no_use(
    server: dict[str, object], environ: dict[str, str], expected: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_dict(
            PLATFORMS, {"server": server, "store": {"encryption_key": STORE_KEY}}, environ
        )

    assert caught.value.message == f"configuration: {expected}"


def test_every_missing_variable_is_named_at_once() -> None:
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_dict(
            PLATFORMS,
            {
                "server": {"hots": "127.0.0.1"},
                "store": {"encryption_key": {"env": "KEY"}},
                "shops": [
                    {
                        "key": "flagship",
                        "platform": "wechat_store",
                        "app_id": "wx",
                        "app_secret": {"env": "SECRET"},
                    }
                ],
            },
        )

    assert caught.value.message.splitlines() == [
        "configuration: store.encryption_key: the environment variable KEY is not set",
        "configuration: shops[0].app_secret: the environment variable SECRET is not set",
        "configuration: server.hots: unknown key; did you mean host?",
    ]
