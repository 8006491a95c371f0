"""The sandbox's state as the demo keeps it, and the ledger that knows the same."""

import time
from collections.abc import Callable

import msgspec

from gateway.demo.configuration import MINI_KEY, SWAN_KEY
from gateway.demo.folder import DemoFolder
from gateway.demo.seed import seed_ledger
from gateway.errors import ConfigurationError
from gateway.sandbox.accounts import DEFAULT_ACCOUNTS
from gateway.sandbox.keeping import load_state, save_state
from gateway.sandbox.seed import seed
from gateway.sandbox.seed.shop import DEFAULT_SEED
from gateway.sandbox.seeding import seeded_state
from gateway.sandbox.state import SandboxState
from gateway.settings import Settings
from gateway.store.opened import open_store_of


def sandbox_state(folder: DemoFolder, clock: Callable[[], float]) -> SandboxState:
    """The state of the last run, or the sample shop as of now.

    Raises:
        ConfigurationError: where the file of the last run cannot be read.
    """
    try:
        state = load_state(folder.sandbox)
    except msgspec.MsgspecError:
        raise ConfigurationError(
            f"{folder.sandbox} is of another version; `gateway run --reset` starts anew"
        ) from None
    if state is None:
        state = seeded_state(DEFAULT_ACCOUNTS, int(clock()), DEFAULT_SEED)
        # At once: the ledger's sample data must be of the same time, also after a crash.
        save_state(folder.sandbox, state)
    return state


async def fill_ledger(settings: Settings, state: SandboxState) -> bool:
    """Bring into an empty ledger what the sandbox's platforms held when they were filled.

    Returns:
        Whether anything was written.
    """
    async with open_store_of(settings.store, time.time) as store:
        return await seed_ledger(store, seed(state.seeded_at), mini=MINI_KEY, swan=SWAN_KEY)
