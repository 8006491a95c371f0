import base64
from typing import Any

import pytest

from gateway.errors import ConfigurationError
from gateway.registry import PLATFORMS
from gateway.settings import Settings

STORE_KEY = base64.b64encode(b"canary-canary-canary-canary-cana").decode()
CANARY = "canary-4f1c9a"
PLAIN = 'a secret in plain text; use { env = "NAME" } or { file = "PATH" }'


def document(**store: Any) -> dict[str, Any]:
    return {
        "store": {"encryption_key": {"env": "KEY"}, **store},
        "shops": [
            {"key": "mini", "platform": "mini_program", "app_id": "wx", "app_secret": CANARY},
        ],
    }


def test_secrets_in_plain_are_warned_about() -> None:
    settings = Settings.from_dict(
        PLATFORMS,
        {
            **document(encryption_key=STORE_KEY, url=f"postgresql://u:{CANARY}@db.example/g"),
            "cache": {"url": f"redis://:{CANARY}@cache.example:6379/0"},
        },
    )

    assert settings.warnings == (
        f"configuration: store.url: {PLAIN}",
        f"configuration: store.encryption_key: {PLAIN}",
        f"configuration: cache.url: {PLAIN}",
        f"configuration: shops[0].app_secret: {PLAIN}",
    )


def test_an_address_without_a_password_is_no_secret() -> None:
    settings = Settings.from_dict(
        PLATFORMS,
        {**document(url="postgresql://gateway@db.example/g"), "shops": []},
        {"KEY": STORE_KEY},
    )

    assert settings.warnings == ()


def test_no_secret_shows_itself() -> None:
    settings = Settings.from_dict(
        PLATFORMS, document(url=f"postgresql://u:{CANARY}@db.example/g"), {"KEY": STORE_KEY}
    )

    shown = f"{settings!r} {settings!s} {settings.model_dump_json()} {settings.warnings}"
    assert CANARY not in shown
    assert STORE_KEY not in shown


def test_every_secret_is_listed_with_its_key() -> None:
    settings = Settings.from_dict(PLATFORMS, document(), {"KEY": STORE_KEY})

    assert {key: secret.get_secret_value() for key, secret in settings.secrets()} == {
        "store.encryption_key": STORE_KEY,
        "shops[0].app_secret": CANARY,
    }


def test_of_an_address_the_password_is_the_secret() -> None:
    settings = Settings.from_dict(
        PLATFORMS,
        {**document(url="postgresql://u:p%40ss-word@db.example/g"), "shops": []},
        {"KEY": STORE_KEY},
    )

    assert settings.secret_values() == {STORE_KEY, "p%40ss-word", "p@ss-word"}


def test_of_a_proxy_the_password_is_the_secret() -> None:
    shop = {"key": "swan", "platform": "baidu", "app_key": "ak", "app_secret": {"env": "KEY"}}
    settings = Settings.from_dict(
        PLATFORMS,
        {
            "store": {"encryption_key": {"env": "KEY"}},
            "upstream": {"proxy": f"http://u:{CANARY}@egress.example:3128"},
            "shops": [{**shop, "proxy": "http://egress.example"}],
        },
        {"KEY": STORE_KEY},
    )

    assert settings.warnings == (f"configuration: upstream.proxy: {PLAIN}",)
    assert settings.secret_values() == {STORE_KEY, CANARY}
    assert CANARY not in f"{settings!r} {settings.model_dump_json()}"


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"encryption_key": CANARY}, id="encryption-key"),
        pytest.param({"url": f"mysql://u:{CANARY}@db.example/g"}, id="address"),
        pytest.param({"retention_days": CANARY}, id="in-the-wrong-line"),
        pytest.param({CANARY: CANARY}, id="in-a-line-that-is-none"),
    ],
)
def test_a_refusal_repeats_no_value(wrong: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_dict(PLATFORMS, {"store": {"encryption_key": STORE_KEY, **wrong}})

    told = caught.value.message.replace(f"store.{CANARY}: unknown key", "")
    assert CANARY not in told
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
