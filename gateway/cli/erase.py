"""`gateway erase`: erases personal data, of one buyer or by age."""

import sys
from argparse import Namespace
from functools import partial

from gateway.cli.open_store import with_store
from gateway.concurrency.clock import DAY
from gateway.errors import BadUserInput
from gateway.settings import Settings
from gateway.store.store import Store


def run(arguments: Namespace) -> None:
    """Erase what `arguments` name.

    Raises:
        ConfigurationError: where the configuration is wrong, or the store of another version.
        StoreUnavailable: where the store cannot be reached.
        BadUserInput: where there is no such shop.
    """
    with_store(arguments, partial(_erase, arguments))


async def _erase(arguments: Namespace, settings: Settings, store: Store) -> None:
    async with store.transaction() as transaction:
        if arguments.what == "older":
            rows = await store.personal.erase_older_than(transaction, arguments.days * DAY)
        else:
            if arguments.shop not in {shop.key for shop in settings.shops}:
                raise BadUserInput(f"there is no shop {arguments.shop!r}")
            rows = await store.personal.erase_buyer(transaction, arguments.shop, arguments.open_id)
    sys.stdout.write(f"{rows} rows held personal data; it is erased\n")
