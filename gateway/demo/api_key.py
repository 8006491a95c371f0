"""The demo's API key: the same one as long as its state is kept."""

from typing import Final

from pydantic import SecretStr

from gateway.auth.key_book import KeyBook
from gateway.auth.keys import fingerprint
from gateway.auth.keys_file import EVERY_SHOP
from gateway.demo.folder import DemoFolder, write_private
from schema.scope import Scope

NAME: Final = "demo"


def demo_key(folder: DemoFolder, book: KeyBook) -> SecretStr:
    """A key with every scope for every shop, made where there is none that is good.

    Unlike any other key it is kept as it is: each run shows it again.
    """
    good = {record.sha256: record for record in book.records() if record.revoked_at is None}
    if folder.shown_key.exists():
        kept = folder.shown_key.read_text(encoding="ascii").strip()
        if fingerprint(kept) in good:
            return SecretStr(kept)
    if any(record.name == NAME for record in good.values()):
        book.revoke(NAME)
    key = book.add(NAME, frozenset(Scope), frozenset({EVERY_SHOP}))
    write_private(folder.shown_key, f"{key.get_secret_value()}\n")
    return key
