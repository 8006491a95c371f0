"""`gateway pushes`: lists pushes, retries or discards dead letters."""

import json
import sys
from functools import partial
from typing import Final

from gateway.cli.audit import audit_command
from gateway.cli.lazy_command import Arguments
from gateway.cli.store import with_store
from gateway.cli.table import moment, print_table
from gateway.errors import BadUserInput
from gateway.outbox.dead_letters import discard_push, retry_push
from gateway.settings import Settings
from gateway.store.engine import Transaction
from gateway.store.pushes import PushQuery, StoredPush
from gateway.store.row_numbers import PUSHES
from gateway.store.store import Store
from schema.key import Key, MalformedId

_HEAD: Final = ("ID", "SHOP", "OPERATION", "ORDER", "STATE", "TRIES", "QUEUED", "LAST ERROR")


def run(arguments: Arguments) -> None:
    """Do what `arguments.action` says.

    Raises:
        ConfigurationError: the configuration is invalid, or the store has another version.
        StoreUnavailable: the store cannot be reached.
        BadUserInput: the id is invalid.
        NoSuchPush | NotRetryable: the push cannot be retried or discarded.
    """
    actions = {"list": _list, "retry": _retry, "discard": _discard}
    with_store(arguments, partial(actions[arguments.action], arguments))


async def _list(arguments: Arguments, settings: Settings, store: Store) -> None:
    shops = [shop.key for shop in settings.shops]
    # Include shops that were removed from the configuration and still have waiting pushes.
    stranded = await store.pushes.stranded(shops)
    query = PushQuery(arguments.shops or [*shops, *stranded], states=arguments.states or None)
    found = await store.pushes.page(query, limit=arguments.most)
    if arguments.json:
        sys.stdout.write(json.dumps([_facts(push) for push in found], indent=2) + "\n")
    else:
        print_table(_HEAD, map(_row, found))


async def _retry(arguments: Arguments, settings: Settings, store: Store) -> None:
    number = _number(arguments.id, store)
    async with store.transaction() as transaction:
        await retry_push(store, transaction, number)
        await _audit(arguments, settings, store, transaction, number)
    sys.stdout.write("queued: a running gateway sends it within a second\n")


async def _discard(arguments: Arguments, settings: Settings, store: Store) -> None:
    number = _number(arguments.id, store)
    async with store.transaction() as transaction:
        await discard_push(store, transaction, number)
        await _audit(arguments, settings, store, transaction, number)
    sys.stdout.write("discarded: it is not sent any more\n")


async def _audit(
    arguments: Arguments,
    settings: Settings,
    store: Store,
    transaction: Transaction,
    number: int,
) -> None:
    push = (await store.pushes.get_many([number], within=transaction))[number]
    subject = Key("Push", push.shop, store.row_numbers.conceal(PUSHES, number)).encode()
    await audit_command(
        settings,
        store,
        transaction,
        f"pushes {arguments.action}",
        shops=[push.shop],
        subject=subject,
    )


def _number(text: str, store: Store) -> int:
    """The push's number, as `list` shows it, or inside an id of the API."""
    if text.isdecimal():
        return int(text)
    try:
        key = Key.decode(text)
    except MalformedId:
        key = Key("", "")
    number = store.row_numbers.reveal(PUSHES, key.platform_id) if key.kind == "Push" else None
    if number is None:
        raise BadUserInput("expected a number as `gateway pushes list` shows it, or a push's id")
    return number


def _facts(push: StoredPush) -> dict[str, object]:
    error = push.last_error
    return {
        "id": push.id,
        "shop": push.shop,
        "operation": push.operation,
        "order": push.order_id,
        "state": push.state,
        "tries": push.attempts,
        "queuedAt": moment(push.queued_at),
        "lastError": error
        and {"endpoint": error.endpoint, "code": error.code, "message": error.message},
    }


def _row(push: StoredPush) -> tuple[str, ...]:
    error = push.last_error
    words = "-" if error is None else f"{error.endpoint}: {error.code or ''} {error.message}"
    return (
        str(push.id),
        push.shop,
        push.operation,
        push.order_id or "-",
        push.state,
        str(push.attempts),
        moment(push.queued_at),
        words,
    )
