"""Seeds the demo: its API key, the state of the sandbox, and a ledger that matches."""

import time
from collections.abc import Callable, Sequence
from typing import Final

from pydantic import SecretStr

from gateway.auth.key_manager import KeyManager
from gateway.auth.keys import fingerprint
from gateway.auth.keys_file import EVERY_SHOP
from gateway.demo.configuration import DemoShop, demo_shops
from gateway.demo.folder import DemoFolder, write_private
from gateway.errors import ConfigurationError
from gateway.sandbox.part import Parts, accounts_of, seeded_state
from gateway.sandbox.sample_shop import SampleShop, sample_shop
from gateway.sandbox.server_state import SandboxState
from gateway.sandbox.state_file import StateFileError, load_state, save_state
from gateway.settings import Settings
from gateway.store.orders import StoredOrderQuery
from gateway.store.store import Store, open_ledger
from schema.scope import Scope

NAME: Final = "demo"


def demo_key(folder: DemoFolder, book: KeyManager) -> SecretStr:
    """A key with every scope for every shop, created if there is no valid one.

    Unlike other keys it is stored as it is, so that each run can show it.
    """
    good = {record.sha256: record for record in book.valid_records()}
    if folder.shown_key.exists():
        kept = folder.shown_key.read_text(encoding="ascii").strip()
        if fingerprint(kept) in good:
            return SecretStr(kept)
    if any(record.name == NAME for record in good.values()):
        book.revoke(NAME)
    key = book.add(NAME, frozenset(Scope), frozenset({EVERY_SHOP}))
    write_private(folder.shown_key, f"{key.get_secret_value()}\n")
    return key


_EVERY_ORDER: Final = StoredOrderQuery()


def sandbox_state(folder: DemoFolder, parts: Parts, clock: Callable[[], float]) -> SandboxState:
    """The state of the last run, or the sample shop as of now.

    Raises:
        ConfigurationError: the file of the last run cannot be read.
    """
    try:
        state = load_state(folder.sandbox, parts)
    except StateFileError:
        raise ConfigurationError(
            f"{folder.sandbox} is of another version; `gateway run --reset` starts again"
        ) from None
    if state is None:
        state = seeded_state(parts, accounts_of(parts), int(clock()))
        # At once: the ledger's sample data must be of the same time, also after a crash.
        save_state(folder.sandbox, state)
    return state


async def fill_ledger(settings: Settings, state: SandboxState) -> bool:
    """Fill an empty ledger with what the sandbox's platforms held at their start.

    Returns:
        Whether anything was written.
    """
    async with open_ledger(settings.store, time.time) as store:
        return await seed_ledger(store, demo_shops(), sample_shop(state.seeded_at))


async def seed_ledger(store: Store, shops: Sequence[DemoShop], sample: SampleShop) -> bool:
    """Fill an empty ledger with the sample shop.

    One transaction: all or nothing.

    Returns:
        Whether anything was written: a ledger with orders of these shops is not changed.
    """
    for shop in shops:
        if len(await store.orders.page(shop.key, _EVERY_ORDER, limit=100)):
            return False
    async with store.transaction() as transaction:
        for shop in shops:
            await shop.seed(store, transaction, shop.key, sample)
    return True
