"""`gateway init`: writes a commented configuration with an encryption key."""

import base64
import os
import secrets
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from gateway.cli.lazy_command import Arguments
from gateway.errors import BadUserInput
from gateway.registry import PLATFORMS
from gateway.settings.commented_file import commented_configuration

_KEY_FILE: Final = "store.key"
_KEY_BYTES: Final = 32
_OWNER_ONLY: Final = 0o600


def run(arguments: Arguments) -> None:
    """Write the configuration `arguments.config`, which must not exist.

    Raises:
        BadUserInput: the file or the key's file exists, or cannot be written.
    """
    configuration: Path = arguments.config
    key = configuration.with_name(_KEY_FILE)
    text = commented_configuration(PLATFORMS, {"store.encryption_key": {"file": key.name}})
    with ExitStack() as undo:
        # Neither is left where the other cannot be written.
        _create(configuration, text)
        undo.callback(configuration.unlink)
        _create(key, f"{base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()}\n")
        undo.pop_all()
    sys.stdout.write(_advice(configuration, key))


def _create(path: Path, text: str) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    except FileExistsError:
        raise BadUserInput(f"{path} exists already; it is left as it is") from None
    except OSError as failure:
        raise BadUserInput(f"{path} cannot be written: {failure.strerror}") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def _advice(configuration: Path, key: Path) -> str:
    chosen = "" if configuration == Path("gateway.toml") else f" --config {configuration}"
    return f"""\
{configuration} has every key of the configuration, with its default and its meaning.
{key} has the key that encrypts personal data: keep a copy elsewhere; without it, that data is lost.

Fill in:
  1. a [[shops]] section for each shop: take the # away from its key, platform and credentials
  2. the variables, or files, that hold the secrets of the shops
  3. server.public_url, if clients of other machines call the gateway

Then:
  gateway keys add NAME --scopes catalog:read,orders:read --shops '*'{chosen}
  gateway doctor{chosen}
  gateway serve{chosen}
"""
