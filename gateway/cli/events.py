"""`gateway events`: lists the dead letters among platforms' events, and replays them."""

import json
import re
import sys
from collections.abc import Mapping
from functools import partial
from typing import Final

from gateway.cli.audit import audit_command
from gateway.cli.lazy_command import Arguments
from gateway.cli.store import with_store
from gateway.cli.table import moment, print_table
from gateway.errors import BadUserInput
from gateway.inbox.dead_letters import NotReplayable, replay
from gateway.ports import MessageReader
from gateway.registry import platform_of
from gateway.settings import Settings
from gateway.store.dead_letters import DeadLetter
from gateway.store.inbox import EventBody
from gateway.store.store import Store

_HEAD: Final = ("ID", "SHOP", "EVENT", "ABOUT", "SIGNED", "TRIES", "RECEIVED", "REASON")
_ID: Final = re.compile("[0-9a-f]{12,64}")
#: More than a store has.
_ALL: Final = 1_000_000


def run(arguments: Arguments) -> None:
    """Do what `arguments.action` says.

    Raises:
        ConfigurationError: the configuration is invalid, or the store has another version.
        StoreUnavailable: the store cannot be reached.
        BadUserInput: the id is invalid.
        NotReplayable: the event, or one of all, cannot be replayed.
    """
    actions = {"list": _list, "replay": _replay}
    with_store(arguments, partial(actions[arguments.action], arguments))


async def _list(arguments: Arguments, settings: Settings, store: Store) -> None:
    found = await _found(store, settings, arguments.shops, arguments.most)
    if arguments.json:
        sys.stdout.write(json.dumps([_facts(letter) for letter in found], indent=2) + "\n")
    else:
        print_table(_HEAD, map(_row, found))


async def _replay(arguments: Arguments, settings: Settings, store: Store) -> None:
    readers = {
        shop.key: reader
        for shop in settings.shops
        if (reader := platform_of(shop).messages(shop)) is not None
    }
    if not arguments.all:
        if not _ID.fullmatch(arguments.id):
            raise BadUserInput("expected an id as `gateway events list` shows it")
        sys.stdout.write(await _replayed(settings, store, arguments.id, readers) + "\n")
        return
    left = 0
    found = await _found(store, settings, None, _ALL)
    # The oldest first, as they came.
    for letter in reversed(found):
        try:
            done = await _replayed(settings, store, letter.event_key, readers)
        except NotReplayable as failure:
            left += 1
            done = f"left: {failure.message}"
        sys.stdout.write(f"{letter.id}  {letter.shop}  {done}\n")
    if left:
        raise NotReplayable(f"{left} of {len(found)} events cannot be replayed")


async def _found(
    store: Store, settings: Settings, shops: list[str] | None, most: int
) -> list[DeadLetter]:
    # A shop that was taken out of the configuration may have some too.
    chosen = shops or {*(shop.key for shop in settings.shops), *await store.dead_letters.shops()}
    return await store.dead_letters.page(chosen, limit=most)


async def _replayed(
    settings: Settings, store: Store, digits: str, readers: Mapping[str, MessageReader]
) -> str:
    async with store.transaction() as transaction:
        found = await store.dead_letters.find(transaction, digits)
        if not found:
            raise NotReplayable("There is no such event.")
        if len(found) > 1:
            raise NotReplayable("Several events have ids that begin so.")
        queued = await replay(store, transaction, found[0], readers)
        await audit_command(settings, store, transaction, "events replay", shops=[found[0].shop])
    if queued:
        return "queued: a running gateway processes it within a second"
    return "removed: it is about nothing that is followed, or is an event that came before"


def _facts(letter: DeadLetter) -> dict[str, object]:
    body = letter.found if isinstance(letter.found, EventBody) else None
    return {
        "id": letter.id,
        "shop": letter.shop,
        "event": letter.kind,
        "order": None if body is None else body.order_id,
        "afterSale": None if body is None else body.after_sale_id,
        "product": None if body is None else body.product_id,
        "payment": None if body is None else _payment(body),
        "partnerAppId": None if body is None else body.partner_app_id,
        "signed": letter.trusted,
        "tries": letter.attempts,
        "receivedAt": moment(letter.received_at),
        "deadAt": moment(letter.dead_at),
        "reason": letter.reason,
    }


def _subject(letter: DeadLetter) -> str:
    """The id of what an event is about; "-" if there is none to be read."""
    if not isinstance(letter.found, EventBody):
        return "-"
    body = letter.found
    return body.product_id or body.after_sale_id or body.order_id or _payment(body) or "-"


def _payment(body: EventBody) -> str | None:
    """The transaction id of a payment, else the merchant's number of it."""
    if body.payment is None:
        return None
    transaction, _, trade_number = body.payment
    return transaction or trade_number


def _row(letter: DeadLetter) -> tuple[str, ...]:
    return (
        letter.id,
        letter.shop,
        letter.kind,
        _subject(letter),
        "yes" if letter.trusted else "no",
        str(letter.attempts),
        moment(letter.received_at),
        letter.reason,
    )
