import base64
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import ConfigurationError
from gateway.registry import PLATFORMS
from gateway.settings import Settings

STORE = {"encryption_key": base64.b64encode(bytes(32)).decode()}
FLAGSHIP = {"key": "flagship", "platform": "wechat_store", "app_id": "wx", "app_secret": "s"}
MINI = {"key": "mini", "platform": "mini_program", "app_id": "wx", "app_secret": "s"}
SWAN = {"key": "swan", "platform": "baidu", "app_key": "ak", "app_secret": "s"}


def problems(document: dict[str, Any]) -> list[str]:
    """What is wrong with a document that has a sound [store] unless it says otherwise."""
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_dict(PLATFORMS, {"store": STORE, **document})
    return [line.removeprefix("configuration: ") for line in caught.value.message.splitlines()]


SECTIONS = (
    "server, log, graphql, auth, store, index, cache, limits, upstream, telemetry, audit, "
    "webhooks, shops, mirrors"
)
LIMITS = (
    "max_body_bytes, max_upload_bytes, max_bulk_bytes, max_tokens, max_depth, max_aliases, "
    "max_cost, cost_per_minute, timeout"
)
ADDRESS = "expected an address such as https://shop.example"
ORIGIN = "expected an exact origin such as https://shop.example, with no path"
NETWORK = "expected an address or a network such as 10.0.0.0/8"
STORE_ADDRESS = "expected sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE"
CACHE_ADDRESS = "expected memory:// or redis://HOST:PORT/NUMBER"
ENCRYPTION_KEY = (
    "expected 32 bytes in base64 or hexadecimal, as `openssl rand -base64 32` prints them"
)
SHOP_KEY = "expected lower-case letters, digits and hyphens, such as flagship-2"
AES_KEY = "expected 43 letters, digits, + or /, as the platform's console shows it"
PLATFORM = 'expected one of "weixin_store", "wechat_store", "mini_program", "baidu"'
TLS = "expected an https:// address; plain http is for this machine alone"
#: As `tomllib` reads 2020-01-01T08:00:00.
LOCAL_TIME = datetime.fromisoformat("2020-01-01T08:00:00")
PROXY = "expected an address like http://[USER:PASSWORD@]HOST:PORT"
PAGE = "expected a page path in which nothing but {platform_id} is filled in"


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"bogus": {}}, f"bogus: unknown key; the keys here are {SECTIONS}"),
        ({"sever": {}}, "sever: unknown key; did you mean server?"),
        ({"server": 1}, "server: expected a table, found 1"),
        ({"server": []}, "server: expected a table, found a list"),
        ({"server": {"prot": 1}}, "server.prot: unknown key; did you mean port?"),
        ({"limits": {"zzz": 1}}, f"limits.zzz: unknown key; the keys here are {LIMITS}"),
        (
            {"server": {"graphiql_key": "cgw_x"}},
            "server.graphiql_key: unknown key; did you mean graphiql?",
        ),
        (
            {"server": {"port": "8000"}},
            "server.port: expected a whole number, found a string",
        ),
        ({"server": {"port": 1.5}}, "server.port: expected a whole number, found 1.5"),
        ({"server": {"port": True}}, "server.port: expected a whole number, found true"),
        ({"server": {"port": -1}}, "server.port: expected at least 0, found -1"),
        ({"server": {"port": 65536}}, "server.port: expected at most 65535, found 65536"),
        ({"server": {"workers": 0}}, "server.workers: expected at least 1, found 0"),
        ({"server": {"graphiql": 1}}, "server.graphiql: expected true or false, found 1"),
        ({"server": {"host": 1}}, "server.host: expected a string, found 1"),
        (
            {"server": {"host": ""}},
            "server.host: expected a string that is not empty, found an empty one",
        ),
        ({"server": {"public_url": "shop.example"}}, f"server.public_url: {ADDRESS}"),
        ({"server": {"public_url": "ftp://shop.example"}}, f"server.public_url: {ADDRESS}"),
        (
            {"server": {"public_url": "https://u:p@shop.example"}},
            "server.public_url: expected an address without a user or password in it",
        ),
        (
            {"server": {"cors_origins": "https://shop.example"}},
            "server.cors_origins: expected a list, found a string",
        ),
        ({"server": {"cors_origins": ["*"]}}, f"server.cors_origins[0]: {ORIGIN}"),
        (
            {"server": {"cors_origins": ["https://a.example", "https://b.example/"]}},
            f"server.cors_origins[1]: {ORIGIN}",
        ),
        ({"server": {"trusted_proxies": ["*"]}}, f"server.trusted_proxies[0]: {NETWORK}"),
        (
            {"server": {"trusted_proxies": ["10.0.0.1/8"]}},
            f"server.trusted_proxies[0]: {NETWORK}",
        ),
        ({"webhooks": {"allow": ["localhost"]}}, f"webhooks.allow[0]: {NETWORK}"),
        ({"webhooks": {"allow": ["10.0.0.1/8"]}}, f"webhooks.allow[0]: {NETWORK}"),
        ({"webhooks": {"proxy": "socks5://egress.example"}}, f"webhooks.proxy: {PROXY}"),
        (
            {"server": {"workers": 2}, "store": {**STORE, "url": "postgresql://u@h/d"}},
            (
                "server.workers: 2 processes cannot share memory://; "
                "set cache.url to redis://HOST:6379/0, or workers to 1"
            ),
        ),
        (
            {"server": {"workers": 2}, "cache": {"url": "redis://cache.example:6379/0"}},
            (
                "server.workers: 2 processes cannot share one SQLite file, which one process "
                "writes at a time; set store.url to postgresql://USER:PASSWORD@HOST/DATABASE, "
                "or workers to 1"
            ),
        ),
        (
            {"log": {"level": "loud"}},
            'log.level: expected "debug", "info", "warning" or "error", found a string',
        ),
        (
            {"log": {"format": "xml"}},
            'log.format: expected "auto", "json" or "console", found a string',
        ),
        (
            {"auth": {"mode": "none"}},
            'auth.mode: expected "open", "keys" or "jwt", found a string',
        ),
        (
            {"auth": {"mode": "jwt", "jwks_url": "https://id.example/keys"}},
            'auth.issuer: missing; auth.mode "jwt" needs it',
        ),
        (
            {"auth": {"jwks_url": "http://id.example/keys"}},
            "auth.jwks_url: expected an https:// address; plain http is for this machine alone",
        ),
        (
            {"auth": {"jwks_url": "https://user:secret@id.example/keys"}},
            "auth.jwks_url: expected an address such as https://login.example/keys",
        ),
        (
            {"auth": {"mode": "open"}, "server": {"host": "192.0.2.1"}},
            (
                'auth.mode: "open" lets everyone in, so server.host must be 127.0.0.1, '
                'not 192.0.2.1; use "keys"'
            ),
        ),
        (
            {"auth": {"mode": "open"}, "server": {"public_url": "https://shop.example"}},
            (
                'auth.mode: "open" is for callers on this machine, but server.public_url names '
                'another host: https://shop.example; use "keys"'
            ),
        ),
        ({"auth": {"keys_file": 1}}, "auth.keys_file: expected a string, found 1"),
        (
            {"store": {}},
            (
                "store.encryption_key: missing; "
                'expected 32 random bytes in base64, best as { env = "GATEWAY_STORE_KEY" }'
            ),
        ),
        ({"store": {**STORE, "url": "mysql://u:p@h/d"}}, f"store.url: {STORE_ADDRESS}"),
        ({"store": {**STORE, "url": "sqlite:///"}}, f"store.url: {STORE_ADDRESS}"),
        ({"store": {**STORE, "url": "sqlite:///:memory:"}}, f"store.url: {STORE_ADDRESS}"),
        ({"store": {**STORE, "url": "postgresql:///d"}}, f"store.url: {STORE_ADDRESS}"),
        ({"store": {"encryption_key": "c2hvcnQ="}}, f"store.encryption_key: {ENCRYPTION_KEY}"),
        ({"store": {"encryption_key": "zz" * 32}}, f"store.encryption_key: {ENCRYPTION_KEY}"),
        (
            {"store": {**STORE, "retention_days": 0}},
            "store.retention_days: expected at least 1, found 0",
        ),
        ({"cache": {"url": "memcached://h"}}, f"cache.url: {CACHE_ADDRESS}"),
        ({"cache": {"url": "redis://"}}, f"cache.url: {CACHE_ADDRESS}"),
        (
            {"cache": {"orders_ttl": "5"}},
            "cache.orders_ttl: expected a number, found a string",
        ),
        (
            {"cache": {"orders_ttl": float("inf")}},
            "cache.orders_ttl: expected a finite number, found inf",
        ),
        ({"cache": {"orders_ttl": -1}}, "cache.orders_ttl: expected at least 0, found -1"),
        ({"limits": {"timeout": 0}}, "limits.timeout: expected a number above 0, found 0"),
        ({"upstream": {"retries": -1}}, "upstream.retries: expected at least 0, found -1"),
        ({"upstream": {"proxy": "https://p.example"}}, f"upstream.proxy: {PROXY}"),
        ({"upstream": {"proxy": "http://u:p@"}}, f"upstream.proxy: {PROXY}"),
        ({"upstream": {"proxy": "http://p.example:0"}}, f"upstream.proxy: {PROXY}"),
        ({"upstream": {"proxy": "http://p.example:99999"}}, f"upstream.proxy: {PROXY}"),
        ({"upstream": {"proxy": "http://p.example/x"}}, f"upstream.proxy: {PROXY}"),
        ({"upstream": {"proxy": "p.example:3128"}}, f"upstream.proxy: {PROXY}"),
        ({"upstream": {"ca_file": 1}}, "upstream.ca_file: expected a string, found 1"),
        ({"shops": [{**MINI, "proxy": "socks5://p.example"}]}, f"shops[0].proxy: {PROXY}"),
        ({"shops": [{**SWAN, "ca_file": []}]}, "shops[0].ca_file: expected a string, found a list"),
        ({"shops": {}}, "shops: expected a list, found a table"),
        ({"shops": [1]}, "shops[0]: expected a table, found 1"),
        ({"shops": [{}]}, f"shops[0].platform: {PLATFORM}"),
        (
            {"shops": [{**FLAGSHIP, "platform": "shopify"}]},
            f"shops[0].platform: {PLATFORM}",
        ),
        ({"shops": [{**FLAGSHIP, "key": "Flag ship"}]}, f"shops[0].key: {SHOP_KEY}"),
        (
            {"shops": [FLAGSHIP, {**MINI, "key": "flagship"}]},
            "shops[1].key: expected a key of its own; flagship is taken",
        ),
        (
            {"shops": [FLAGSHIP, {key: MINI[key] for key in ("key", "platform", "app_secret")}]},
            "shops[1].app_id: missing; expected the AppID of the platform's console",
        ),
        (
            {"shops": [{key: MINI[key] for key in ("key", "platform", "app_id")}]},
            'shops[0].app_secret: missing; expected the AppSecret, best as { env = "NAME" }',
        ),
        (
            {"shops": [{key: SWAN[key] for key in ("key", "platform", "app_secret")}]},
            "shops[0].app_key: missing; expected the App Key of the platform's console",
        ),
        (
            {"shops": [{key: SWAN[key] for key in ("key", "platform", "app_key")}]},
            'shops[0].app_secret: missing; expected the App Secret, best as { env = "NAME" }',
        ),
        (
            {"shops": [{key: MINI[key] for key in ("platform", "app_id", "app_secret")}]},
            (
                "shops[0].key: missing; "
                "expected a name for the API: lower-case letters, digits and hyphens"
            ),
        ),
        (
            {"shops": [{**SWAN, "app_id": "wx"}]},
            "shops[0].app_id: unknown key; did you mean app_key?",
        ),
        (
            {"shops": [{**MINI, "orders_window_days": 9}]},
            (
                "shops[0].orders_window_days: unknown key; the keys here are key, platform, "
                "name, base_url, proxy, ca_file, writes, app_id, app_secret, event_token, "
                "event_aes_key, event_aes_key_previous, service_phone, contact_page, "
                "on_lost_import, list_query, shopping_list, test_data"
            ),
        ),
        (
            {"shops": [{**MINI, "on_lost_import": "delete"}]},
            'shops[0].on_lost_import: expected "hold" or "overwrite", found a string',
        ),
        (
            {"shops": [{**FLAGSHIP, "base_url": "http://h.example"}]},
            f"shops[0].base_url: {TLS}",
        ),
        ({"shops": [{**FLAGSHIP, "base_url": "api.example"}]}, f"shops[0].base_url: {ADDRESS}"),
        (
            {"shops": [{**FLAGSHIP, "orders_since": "2020-01-01"}]},
            "shops[0].orders_since: expected a date such as 2020-01-01, found a string",
        ),
        (
            {"shops": [{**FLAGSHIP, "orders_since": LOCAL_TIME}]},
            (
                "shops[0].orders_since: expected a date such as 2020-01-01, "
                "found another kind of value"
            ),
        ),
        (
            {"shops": [{**FLAGSHIP, "event_token": "t", "event_aes_key": "short"}]},
            f"shops[0].event_aes_key: {AES_KEY}",
        ),
        (
            {"shops": [{**FLAGSHIP, "event_aes_key": "a" * 43}]},
            "shops[0].event_token: missing; event_aes_key is of no use without it",
        ),
        (
            {"shops": [{**FLAGSHIP, "event_token": "t", "event_aes_key_previous": "a" * 43}]},
            "shops[0].event_aes_key: missing; event_aes_key_previous follows it",
        ),
        (
            {"shops": [FLAGSHIP, MINI], "mirrors": [{"to": "mini"}]},
            "mirrors[0].from: missing; expected the key of the shop that has the orders",
        ),
        (
            {"shops": [FLAGSHIP, MINI], "mirrors": [{"from": "flagship"}]},
            "mirrors[0].to: missing; expected the key of the shop that shows them too",
        ),
        (
            {"shops": [FLAGSHIP, MINI], "mirrors": [{"source": "flagship", "to": "mini"}]},
            "mirrors[0].from: missing; expected the key of the shop that has the orders",
        ),
        (
            {"shops": [FLAGSHIP, MINI], "mirrors": [{"from": "flagshop", "to": "mini"}]},
            "mirrors[0].from: expected a shop of this file: flagship, mini",
        ),
        (
            {"mirrors": [{"from": "flagship", "to": "flagship"}]},
            "mirrors[0].from: expected a shop of this file: it has none",
        ),
        (
            {"shops": [FLAGSHIP, MINI], "mirrors": [{"from": "mini", "to": "flagship"}]},
            "mirrors[0].to: expected a mini_program or baidu shop: it takes orders in",
        ),
        (
            {"shops": [FLAGSHIP, MINI], "mirrors": [{"from": "mini", "to": "flagship"}]},
            "mirrors[0].from: expected a wechat_store shop: its orders can be copied",
        ),
        ({"shops": [FLAGSHIP, {}]}, f"shops[1].platform: {PLATFORM}"),
        (
            {"shops": [MINI], "mirrors": [{"from": "mini", "to": "mini"}]},
            "mirrors[0].to: expected another shop than the one in from",
        ),
        (
            {
                "shops": [FLAGSHIP, MINI],
                "mirrors": [{"from": "flagship", "to": "mini"}, {"from": "flagship", "to": "mini"}],
            },
            "mirrors[1]: flagship to mini is listed twice",
        ),
        (
            {
                "shops": [FLAGSHIP, MINI],
                "mirrors": [{"from": "flagship", "to": "mini", "order_page": "/o?id={id}"}],
            },
            f"mirrors[0].order_page: {PAGE}",
        ),
    ],
)
def test_a_mistake_is_told_with_its_key_and_what_was_expected(
    document: dict[str, Any], expected: str
) -> None:
    assert expected in problems(document)


def test_every_mistake_is_told_in_one_go() -> None:
    assert problems(
        {
            "server": {"port": "8000", "hots": "127.0.0.1"},
            "cache": {"orders_ttl": -1},
            "shops": [{**FLAGSHIP, "key": "A"}, {**SWAN, "app_secret": ""}],
        }
    ) == [
        "server.port: expected a whole number, found a string",
        "server.hots: unknown key; did you mean host?",
        "cache.orders_ttl: expected at least 0, found -1",
        f"shops[0].key: {SHOP_KEY}",
        "shops[1].app_secret: expected a string that is not empty, found an empty one",
    ]


def test_a_store_is_needed() -> None:
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_dict(PLATFORMS, {})

    assert caught.value.message == (
        "configuration: store: missing; expected a [store] section with its encryption_key"
    )


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b"[server\n", "not valid TOML: Expected ']' ", id="toml"),
        pytest.param(b'[server]\nhost = "\xff"\n', "expected UTF-8 text", id="utf-8"),
        pytest.param(
            b"[server]\nport = 80000\n",
            "server.port: expected at most 65535, found 80000",
            id="value",
        ),
        pytest.param(b"server = 3\n", "server: expected a table, found 3", id="no-table"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes, expected: str) -> None:
    file = tmp_path / "gateway.toml"
    file.write_bytes(content)

    with pytest.raises(ConfigurationError) as caught:
        Settings.load(PLATFORMS, file, {}, {"server": {"host": "127.0.0.1"}})

    assert caught.value.message.startswith(f"{file}: {expected}")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    file = tmp_path / "gateway.toml"

    with pytest.raises(ConfigurationError) as caught:
        Settings.load(PLATFORMS, file, {})

    assert caught.value.message == (
        f"{file}: no such file; write one, or name it with --config FILE"
    )


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Settings.load(PLATFORMS, tmp_path, {})

    assert caught.value.message == f"{tmp_path}: cannot be read: Is a directory"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10", "::1", "localhost"])
def test_open_mode_is_for_this_machine(host: str) -> None:
    settings = Settings.from_dict(
        PLATFORMS, {"store": STORE, "auth": {"mode": "open"}, "server": {"host": host}}
    )

    assert settings.server.on_loopback


def test_a_platform_on_this_machine_may_speak_plain_http() -> None:
    settings = Settings.from_dict(
        PLATFORMS,
        {"store": STORE, "shops": [{**FLAGSHIP, "base_url": "http://127.0.0.1:8001/wechat/"}]},
    )

    assert settings.shops[0].base_url == "http://127.0.0.1:8001/wechat"


def test_several_processes_are_fine_with_postgresql_and_redis() -> None:
    settings = Settings.from_dict(
        PLATFORMS,
        {
            "store": {**STORE, "url": "postgresql://u@h/d"},
            "server": {"workers": 4},
            "cache": {"url": "redis://cache.example:6379/0"},
        },
    )

    assert settings.server.workers == 4
    assert not settings.cache.is_memory


def test_dates_of_the_file_are_dates() -> None:
    shop = {**FLAGSHIP, "orders_since": date(2023, 4, 5)}

    settings = Settings.from_dict(PLATFORMS, {"store": STORE, "shops": [shop]})

    assert settings.shops[0].model_dump()["orders_since"] == date(2023, 4, 5)
