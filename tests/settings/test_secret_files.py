import base64
import os
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import ConfigurationError
from gateway.registry import PLATFORMS
from gateway.settings import Settings
from gateway.settings.external_values import MOST_BYTES

STORE_KEY = base64.b64encode(b"canary-canary-canary-canary-cana").decode()
CANARY = "canary-4f1c9a"


def settings_of(base: Path, **sections: Any) -> Settings:
    document = {"store": {"encryption_key": {"file": "store.key"}}, **sections}
    return Settings.from_dict(PLATFORMS, document, base=base)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """The folder of a configuration whose store key lies beside it."""
    (tmp_path / "store.key").write_text(f"{STORE_KEY}\n")
    (tmp_path / "store.key").chmod(0o600)
    return tmp_path


def test_every_secret_may_come_from_a_file(base: Path) -> None:
    (base / "secrets").mkdir()
    for name, text in {
        "store": f"postgresql://u:{CANARY}@db.example/g\r\n",
        "cache": f"redis://:{CANARY}@cache.example:6379/0",
        "proxy": f"http://u:{CANARY}@egress.example:3128\n",
        "app": f"{CANARY}\n\n",
        "port": "9000\n",
    }.items():
        (base / "secrets" / name).write_bytes(text.encode())

    settings = settings_of(
        base,
        server={"port": {"file": str(base / "secrets" / "port")}},
        store={"encryption_key": {"file": "store.key"}, "url": {"file": "secrets/store"}},
        cache={"url": {"file": "secrets/cache"}},
        upstream={"proxy": {"file": "secrets/proxy"}},
        shops=[
            {
                "key": "mini",
                "platform": "mini_program",
                "app_id": "wx",
                "app_secret": {"file": "secrets/app"},
            }
        ],
    )

    assert settings.server.port == 9000
    assert {key: secret.get_secret_value() for key, secret in settings.secrets()} == {
        "store.url": f"postgresql://u:{CANARY}@db.example/g",
        "store.encryption_key": STORE_KEY,
        "cache.url": f"redis://:{CANARY}@cache.example:6379/0",
        "upstream.proxy": f"http://u:{CANARY}@egress.example:3128",
        # One line ending is the editor's; a second one is part of the value.
        "shops[0].app_secret": f"{CANARY}\n",
    }
    assert settings.warnings == ()
    shown = f"{settings!r} {settings!s} {settings.model_dump_json()}"
    assert CANARY not in shown
    assert STORE_KEY not in shown


@pytest.mark.parametrize("mode", [0o620, 0o602])
def test_a_file_that_others_can_change_is_warned_about(base: Path, mode: int) -> None:
    file = base / "store.key"
    file.chmod(mode)

    assert settings_of(base).warnings == (
        (
            f"configuration: store.encryption_key: the file {file} can be changed by other users; "
            f"chmod 600 {file}"
        ),
    )


def test_a_mounted_secret_that_all_may_read_is_not_warned_about(base: Path) -> None:
    (base / "store.key").chmod(0o444)

    assert settings_of(base).warnings == ()


def refusal(base: Path, **sections: Any) -> str:
    with pytest.raises(ConfigurationError) as caught:
        settings_of(base, **sections)
    assert CANARY not in caught.value.message
    return caught.value.message.removeprefix("configuration: ")


def test_a_file_that_cannot_be_read_is_named(base: Path) -> None:
    (base / "folder").mkdir()
    os.mkfifo(base / "pipe")
    (base / "binary").write_bytes(b"\xff" + CANARY.encode())
    (base / "large").write_text(CANARY * MOST_BYTES)

    def host(name: str) -> str:
        return refusal(base, server={"host": {"file": name}})

    told = "server.host: the file"
    assert host("gone") == f"{told} {base / 'gone'} cannot be read: No such file or directory"
    assert host("folder") == f"{told} {base / 'folder'} cannot be read: expected a regular file"
    assert host("pipe") == f"{told} {base / 'pipe'} cannot be read: expected a regular file"
    assert host("binary") == f"{told} {base / 'binary'} cannot be read: expected UTF-8 text"
    assert host("large") == (
        f"{told} {base / 'large'} cannot be read: it is larger than 65536 bytes"
    )
    assert host("a\0b") == f"{told} {base / 'a'}\0b cannot be read: embedded null byte"


@pytest.mark.parametrize("reference", [{"file": "x", "env": "X"}, {"file": 1}, {"file": ""}])
def test_a_malformed_reference_is_refused(base: Path, reference: dict[str, Any]) -> None:
    kind = '{ env = "NAME" }' if "env" in reference else '{ file = "PATH" }'

    assert refusal(base, server={"host": reference}) == (
        f"server.host: expected {kind} and nothing beside it"
    )


def test_a_value_of_another_kind_is_not_repeated(base: Path) -> None:
    (base / "wrong").write_text(CANARY)

    assert refusal(base, server={"port": {"file": "wrong"}}) == (
        f"server.port: expected a whole number, found what the file {base / 'wrong'} holds"
    )
    (base / "store.key").write_text(CANARY)
    assert refusal(base) == (
        "store.encryption_key: expected 32 bytes in base64 or hexadecimal, as "
        "`openssl rand -base64 32` prints them"
    )


def test_an_empty_file_is_no_secret(base: Path) -> None:
    (base / "store.key").write_text("\n")

    assert refusal(base).startswith("store.encryption_key: expected ")


def test_every_missing_file_is_named_at_once(base: Path) -> None:
    (base / "store.key").unlink()

    assert refusal(base, server={"host": {"file": "gone"}}).splitlines() == [
        (
            f"store.encryption_key: the file {base / 'store.key'} cannot be read: "
            "No such file or directory"
        ),
        (
            f"configuration: server.host: the file {base / 'gone'} cannot be read: "
            "No such file or directory"
        ),
    ]


def test_former_encryption_keys_are_secrets_of_their_own(base: Path) -> None:
    (base / "old.key").write_text("ab" * 32)
    (base / "old.key").chmod(0o600)
    store = {"encryption_key": {"file": "store.key"}}

    settings = settings_of(
        base, store={**store, "former_encryption_keys": [{"file": "old.key"}, "cd" * 32]}
    )

    assert {key: secret.get_secret_value() for key, secret in settings.secrets()} == {
        "store.encryption_key": STORE_KEY,
        "store.former_encryption_keys[0]": "ab" * 32,
        "store.former_encryption_keys[1]": "cd" * 32,
    }
    assert {"ab" * 32, "cd" * 32} <= settings.secret_values()
    assert len(settings.warnings) == 1
    assert "store.former_encryption_keys[1]" in settings.warnings[0]
    with pytest.raises(ConfigurationError, match=r"store\.former_encryption_keys\[0\]: expected"):
        settings_of(base, store={**store, "former_encryption_keys": ["short"]})
