"""`gateway status`: shops, index, backlog and last errors, from the store and a running gateway."""

import asyncio
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import click

from gateway.cli.lazy_command import Arguments
from gateway.cli.running_gateway import RunningGateway, ask_gateway
from gateway.cli.table import moment, span, table
from gateway.concurrency.clock import DAY
from gateway.errors import ConfigurationError, GatewayError, StoreUnavailable
from gateway.index.reach import ORDERS
from gateway.registry import PLATFORMS
from gateway.settings import Settings, ShopSettings
from gateway.store import migrate
from gateway.store.dead_letters import DeadLetter
from gateway.store.index_progress import IndexReach
from gateway.store.pushes import PushQuery, StoredPush
from gateway.store.store import Store, open_ledger
from gateway.store.webhook_deliveries import WebhookDeliveryQuery
from gateway.store.webhook_endpoints import StoredWebhookEndpoint

#: States of pushes that need a person.
_FAILED: Final = ("REJECTED", "OUTCOME_UNKNOWN", "DEAD")
_SHOPS: Final = ("SHOP", "PLATFORM", "HEALTH", "TOKEN UNTIL", "INDEX", "PUSHES", "EVENTS")
_WEBHOOKS: Final = ("WEBHOOK", "HOST", "KEY", "STATE", "WAITING", "FAILED")
#: Colours of the first word of a cell.
_COLOURS: Final = {
    "ready": "green",
    "up": "green",
    "on": "green",
    "unready": "red",
    "failing": "red",
    "off": "red",
    "stopping": "yellow",
    "unreachable": "yellow",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopStatus:
    """What the store knows of one shop; times are unix seconds."""

    index: IndexReach | None
    #: How many pushes and events wait, and since when the oldest does.
    pushes: tuple[int, float]
    events: tuple[int, float]
    #: Pushes that failed for good, the last of them, and the last event that was given up.
    failed: int
    last_push: StoredPush | None
    last_event: DeadLetter | None


@dataclass(frozen=True, slots=True)
class WebhookStatus:
    """An endpoint, and how many of its deliveries wait or failed; None: too many to count."""

    endpoint: StoredWebhookEndpoint
    waiting: int | None
    failed: int | None


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """What is in the store; `problem` says why it could not be read, None: it was."""

    shops: Mapping[str, ShopStatus]
    webhooks: Sequence[WebhookStatus]
    problem: GatewayError | None = None


def run(arguments: Arguments) -> None:
    """Print the status.

    Raises:
        ConfigurationError: the configuration is invalid, or the store is of another version.
        StoreUnavailable: the store cannot be reached; what the gateway says was printed.
    """
    settings = Settings.load(PLATFORMS, arguments.config, os.environ)
    gateway, store = asyncio.run(_gathered(settings))
    if arguments.json:
        sys.stdout.write(f"{json.dumps(_document(settings, gateway, store), indent=2)}\n")
    else:
        for line in _lines(settings, gateway, store):
            click.echo(line, nl=False)
    if store.problem is not None:
        raise store.problem


async def _gathered(settings: Settings) -> tuple[RunningGateway, StoreStatus]:
    return await asyncio.gather(ask_gateway(settings), _of_store(settings))


async def _of_store(settings: Settings) -> StoreStatus:
    try:
        await _require_present(settings)
        async with open_ledger(settings.store, time.time) as store:
            return StoreStatus(await _shops(settings, store), await _webhooks(store))
    except (ConfigurationError, StoreUnavailable) as problem:
        return StoreStatus({}, (), problem)


async def _require_present(settings: Settings) -> None:
    """Raises ConfigurationError for a store that opening would make or migrate."""
    file = settings.store.sqlite_file
    if file is not None and not file.exists():
        raise ConfigurationError(f"store.url: there is no {file} yet; the first start makes it")
    if await migrate.needs_migration(settings.store.url.get_secret_value()):
        raise ConfigurationError(
            "store.url: the store is of an older version, or empty; `gateway migrate` brings it to "
            "this one"
        )


async def _shops(settings: Settings, store: Store) -> dict[str, ShopStatus]:
    keys = [shop.key for shop in settings.shops]
    reaches = await store.index_progress.of_shops(ORDERS[0], keys)
    pushes, events = await store.pushes.backlog(), await store.inbox.backlog()
    found: dict[str, ShopStatus] = {}
    for key in keys:
        query = PushQuery([key], states=_FAILED)
        last = await store.pushes.page(query, limit=1)
        letters = await store.dead_letters.page([key], limit=1)
        found[key] = ShopStatus(
            index=reaches.get(key),
            pushes=pushes.get(key, (0, 0.0)),
            events=events.get(key, (0, 0.0)),
            failed=await store.pushes.count(query) or 0,
            last_push=last[0] if last else None,
            last_event=letters[0] if letters else None,
        )
    return found


async def _webhooks(store: Store) -> list[WebhookStatus]:
    async def count(endpoint: int, state: str) -> int | None:
        query = WebhookDeliveryQuery(endpoints=[endpoint], states=[state])
        return await store.webhook_deliveries.count(query)

    return [
        WebhookStatus(one, await count(one.id, "PENDING"), await count(one.id, "DEAD"))
        for one in await store.webhook_endpoints.all()
    ]


def _lines(settings: Settings, gateway: RunningGateway, store: StoreStatus) -> Iterator[str]:
    version = f", version {gateway.version}" if gateway.version else ""
    yield f"gateway  {_coloured(gateway.state)} at {gateway.address}{version}\n"
    if gateway.state != "unreachable" and gateway.open_breakers is None:
        yield "health and tokens of shops are not known: its metrics are for local callers\n"
    yield "\n"
    now = time.time()
    rows = [_row(shop, gateway, store.shops.get(shop.key), now) for shop in settings.shops]
    yield from table(_SHOPS, rows, paint=_coloured)
    if store.webhooks:
        yield "\n"
        yield from table(_WEBHOOKS, map(_webhook_row, store.webhooks), paint=_coloured)
    errors = list(_last_errors(store))
    if errors:
        yield "\nlast errors\n"
        yield from errors


def _row(
    shop: ShopSettings, gateway: RunningGateway, known: ShopStatus | None, now: float
) -> tuple[str, ...]:
    until = gateway.tokens.get(shop.key)
    token = "-" if until is None else moment(until)
    first = (shop.key, shop.platform, _health(gateway, shop.key), token)
    if known is None:
        return (*first, "-", "-", "-")
    failed = f", {known.failed} failed" if known.failed else ""
    pushes = f"{_waiting(known.pushes, now)}{failed}"
    given_up = ", some given up" if known.last_event is not None else ""
    return (*first, _reach(known.index), pushes, f"{_waiting(known.events, now)}{given_up}")


def _health(gateway: RunningGateway, shop: str) -> str:
    if gateway.open_breakers is None:
        return "-"
    failing = gateway.open_breakers.get(shop)
    return f"failing: {', '.join(failing)}" if failing else "up"


def _waiting(backlog: tuple[int, float], now: float) -> str:
    count, since = backlog
    return f"{count} waiting for {span(now - since)}" if count else "0"


def _reach(reach: IndexReach | None) -> str:
    if reach is None:
        return "-"
    since = reach.complete_from
    if since is None:
        told = "begun"
    elif since < DAY:
        told = "all orders"
    else:
        told = f"orders since {moment(since)[:10]}"
    if reach.done:
        return told
    of = f" of {reach.expected}" if reach.expected is not None else ""
    return f"{told}, {reach.seen}{of} read"


def _webhook_row(status: WebhookStatus) -> tuple[str, ...]:
    one = status.endpoint
    if not one.enabled:
        state = f"off: {one.disabled_reason or 'by its owner'}"
    elif one.failing_since is not None:
        state = f"failing since {moment(one.failing_since)}"
    else:
        state = "on"
    counts = ("many" if count is None else str(count) for count in (status.waiting, status.failed))
    return (str(one.id), one.host, one.key_name, state, *counts)


def _last_errors(store: StoreStatus) -> Iterator[str]:
    for shop, known in store.shops.items():
        if known.last_push is not None and known.last_push.last_error is not None:
            push, error = known.last_push, known.last_push.last_error
            code = f"{error.code} " if error.code else ""
            yield (
                f"  {shop}  push {push.id}, {push.state}: {error.endpoint}: {code}{error.message}\n"
            )
        if known.last_event is not None:
            event = known.last_event
            yield f"  {shop}  event {event.id}, {moment(event.dead_at)}: {event.reason}\n"


def _coloured(cell: str) -> str:
    colour = _COLOURS.get(cell.split(" ", 1)[0].rstrip(":,"))
    return cell if colour is None else click.style(cell, fg=colour)


def _document(settings: Settings, gateway: RunningGateway, store: StoreStatus) -> dict[str, Any]:
    problem = None if store.problem is None else store.problem.message
    return {
        "gateway": {
            "address": gateway.address,
            "state": gateway.state,
            "version": gateway.version,
        },
        "store": {"readable": problem is None, "problem": problem},
        "shops": [
            {
                "key": shop.key,
                "platform": shop.platform,
                "openBreakers": _open_breakers(gateway, shop.key),
                "tokenExpiresAt": _time(gateway.tokens.get(shop.key)),
                **_stored(store.shops.get(shop.key)),
            }
            for shop in settings.shops
        ],
        "webhooks": [
            {
                "id": status.endpoint.id,
                "host": status.endpoint.host,
                "key": status.endpoint.key_name,
                "enabled": status.endpoint.enabled,
                "disabledReason": status.endpoint.disabled_reason,
                "failingSince": _time(status.endpoint.failing_since),
                "waiting": status.waiting,
                "failed": status.failed,
            }
            for status in store.webhooks
        ],
    }


def _open_breakers(gateway: RunningGateway, shop: str) -> list[str] | None:
    return None if gateway.open_breakers is None else list(gateway.open_breakers.get(shop, ()))


def _stored(known: ShopStatus | None) -> dict[str, Any]:
    if known is None:
        return {}
    index, push, event = known.index, known.last_push, known.last_event
    error = None if push is None else push.last_error
    return {
        "index": index
        and {
            "completeFrom": _time(index.complete_from),
            "done": index.done,
            "seen": index.seen,
            "expected": index.expected,
            "inStepAt": _time(index.in_step_at),
        },
        "pushes": {
            "waiting": known.pushes[0],
            "oldest": _time(known.pushes[1] if known.pushes[0] else None),
            "failed": known.failed,
            "lastError": push
            and {
                "push": push.id,
                "state": push.state,
                "endpoint": error and error.endpoint,
                "code": error and error.code,
                "message": error and error.message,
            },
        },
        "events": {
            "waiting": known.events[0],
            "oldest": _time(known.events[1] if known.events[0] else None),
            "lastGivenUp": event
            and {"id": event.id, "at": _time(event.dead_at), "reason": event.reason},
        },
    }


def _time(seconds: float | None) -> str | None:
    return None if seconds is None else moment(seconds)
