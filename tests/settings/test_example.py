import base64
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from gateway.errors import ConfigurationError
from gateway.platforms.baidu.settings import BaiduShopSettings
from gateway.platforms.mini_program.settings import MiniProgramShopSettings
from gateway.platforms.wechat_store.settings import WechatStoreShopSettings
from gateway.platforms.weixin_store.settings import WeixinStoreShopSettings
from gateway.registry import PLATFORMS
from gateway.settings import Settings

#: The contract's own file.
EXAMPLE = Path(__file__).parents[1] / "contract" / "gateway.example.toml"

#: Keys of it that the gateway does not read yet, one a line. Whoever builds one takes it out.
NOT_BUILT = (EXAMPLE.parent / "not_built_settings.txt").read_text(encoding="utf-8").splitlines()

STORE_KEY = base64.b64encode(bytes(range(32))).decode()
ENVIRON = {
    "GATEWAY_STORE_KEY": STORE_KEY,
    "FLAGSHIP_SECRET": "flagship-secret",
    "FLAGSHIP_EVENT_TOKEN": "flagship-event-token",
    "FLAGSHIP_AES_KEY": "a" * 43,
    "FLAGSHIP_OLD_AES_KEY": "b" * 43,
    "MINI_SECRET": "mini-secret",
    "MINI_EVENT_TOKEN": "mini-event-token",
    "MINI_AES_KEY": "c" * 43,
    "SWAN_SECRET": "swan-secret",
    "WEIXIN_SECRET": "weixin-secret",
    "WEIXIN_EVENT_TOKEN": "weixin-event-token",
    "WEIXIN_AES_KEY": "d" * 43,
}


def without(document: dict[str, Any], key: str) -> None:
    """Takes a section, a key, a shop (`shops.KEY`) or a shop's key out of a document."""
    *parents, name = key.split(".")
    if parents[:1] == ["shops"]:
        (document,) = [shop for shop in document["shops"] if shop["key"] == parents[1]]
    elif parents:
        document = document[parents[0]]
    del document[name]


def example(*, beside: str | None = None) -> dict[str, Any]:
    """The contract's file without what is not built; `beside` is left in."""
    document = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
    for key in NOT_BUILT:
        if key == beside:
            continue
        section, _, shop = key.partition(".")
        if section == "shops" and "." not in shop:
            document["shops"] = [one for one in document["shops"] if one["key"] != shop]
        else:
            without(document, key)
    return document


@pytest.mark.parametrize("key", NOT_BUILT)
def test_a_key_that_is_listed_as_not_built_is_refused(key: str) -> None:
    with pytest.raises(ConfigurationError, match=r"unknown key|platform: expected one of"):
        Settings.from_dict(PLATFORMS, example(beside=key), ENVIRON, base=EXAMPLE.parent)


def test_the_contracts_file_is_read_whole() -> None:
    settings = Settings.from_dict(PLATFORMS, example(), ENVIRON, base=EXAMPLE.parent)

    assert settings.warnings == ()
    flagship, weixin, mini, swan = settings.shops
    assert isinstance(flagship, WechatStoreShopSettings)
    assert isinstance(weixin, WeixinStoreShopSettings)
    assert isinstance(mini, MiniProgramShopSettings)
    assert isinstance(swan, BaiduShopSettings)
    assert (flagship.key, flagship.name, flagship.app_id) == (
        "flagship",
        "旗舰店",
        "wx0000000000000000",
    )
    assert flagship.app_secret.get_secret_value() == "flagship-secret"
    assert flagship.event_aes_key is not None
    assert flagship.event_aes_key.get_secret_value() == "a" * 43
    assert flagship.event_aes_key_previous is not None
    assert flagship.event_aes_key_previous.get_secret_value() == "b" * 43
    assert (flagship.orders_window_days, flagship.orders_since) == (90, date(2020, 1, 1))
    assert (weixin.name, weixin.app_id) == ("微信小店", "wx2222222222222222")
    assert (mini.service_phone, mini.contact_page) == ("400-000-0000", "/pages/contact")
    assert swan.app_key == "a392qXwK8L5GDUWhFoC01cKwoy7tmehg"
    (mirror,) = settings.mirrors
    assert (mirror.source, mirror.target) == ("flagship", "mini")
    assert mirror.order_page == "/pages/order?id={platform_id}"
    assert mirror.category == ("购物",)


def test_what_the_example_shows_is_the_default() -> None:
    shown = Settings.from_dict(PLATFORMS, example(), ENVIRON, base=EXAMPLE.parent)

    bare = Settings.from_dict(
        PLATFORMS,
        {
            "store": {"encryption_key": STORE_KEY},
            "shops": [
                {"key": "flagship", "platform": "wechat_store", "app_id": "a", "app_secret": "b"},
                {"key": "weixin", "platform": "weixin_store", "app_id": "a", "app_secret": "b"},
                {"key": "mini", "platform": "mini_program", "app_id": "a", "app_secret": "b"},
                {"key": "swan", "platform": "baidu", "app_key": "a", "app_secret": "b"},
            ],
        },
        base=EXAMPLE.parent,
    )

    for section in ("server", "log", "graphql", "auth", "store", "cache", "limits", "upstream"):
        assert getattr(bare, section) == getattr(shown, section)
    assert [shop.base_url for shop in bare.shops] == [shop.base_url for shop in shown.shops]
    assert [shop.name for shop in bare.shops] == ["flagship", "weixin", "mini", "swan"]
    flagship, weixin, mini, swan = bare.shops
    assert isinstance(weixin, WeixinStoreShopSettings)
    assert isinstance(flagship, WechatStoreShopSettings)
    assert flagship.event_token is flagship.event_aes_key is flagship.event_aes_key_previous is None
    assert isinstance(mini, MiniProgramShopSettings)
    assert mini.service_phone is mini.contact_page is None
    assert (mini.test_data, mini.on_lost_import) == (False, "hold")
    assert isinstance(swan, BaiduShopSettings)
    assert swan.after_sale_status_path == "ordercenter/app/update/sub/status"
    assert (swan.scene_type, swan.pm_app_key) == (None, None)


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    file = tmp_path / "conf" / "gateway.toml"
    file.parent.mkdir()
    file.write_text('[store]\nencryption_key = { env = "KEY" }\nurl = "sqlite:///data/ledger.db"\n')

    settings = Settings.load(PLATFORMS, file, {"KEY": STORE_KEY})

    assert settings.auth.keys_file == tmp_path / "conf" / "keys.toml"
    assert settings.store.sqlite_file == tmp_path / "conf" / "data" / "ledger.db"
    assert settings.store.url.get_secret_value() == f"sqlite:///{tmp_path}/conf/data/ledger.db"


def test_absolute_paths_stay_as_they_are(tmp_path: Path) -> None:
    settings = Settings.from_dict(
        PLATFORMS,
        {
            "auth": {"keys_file": str(tmp_path / "keys.toml")},
            "store": {"encryption_key": STORE_KEY, "url": f"sqlite:///{tmp_path}/ledger.db"},
        },
        base=Path("elsewhere"),
    )

    assert settings.auth.keys_file == tmp_path / "keys.toml"
    assert settings.store.sqlite_file == tmp_path / "ledger.db"


def test_what_the_command_line_says_stands_above_the_file(tmp_path: Path) -> None:
    file = tmp_path / "gateway.toml"
    file.write_text(f'[server]\nport = 9000\n[store]\nencryption_key = "{STORE_KEY}"\n')

    settings = Settings.load(PLATFORMS, file, {}, {"server": {"port": 9100, "host": "::1"}})

    assert (settings.server.host, settings.server.port) == ("::1", 9100)
    assert settings.server.public_url == "http://[::1]:9100"


@pytest.mark.parametrize(
    "url", ["postgresql://u:p@db.example/gateway", "postgresql://u@/gateway?host=/run/postgresql"]
)
def test_postgresql_has_no_file(url: str) -> None:
    settings = Settings.from_dict(PLATFORMS, {"store": {"encryption_key": "ab" * 32, "url": url}})

    assert settings.store.sqlite_file is None
    assert settings.store.url.get_secret_value() == url


def test_the_key_of_graphiql_comes_from_no_file() -> None:
    settings = Settings.from_dict(PLATFORMS, {"store": {"encryption_key": STORE_KEY}})

    assert settings.server.graphiql_key is None
    shown = settings.with_graphiql_key(SecretStr("cgw_x")).server.graphiql_key
    assert shown == SecretStr("cgw_x")
    assert settings.server.graphiql_key is None
