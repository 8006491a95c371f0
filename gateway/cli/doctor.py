"""`gateway doctor`: checks the configuration, the store, the cache, the keys and each shop."""

import asyncio
import json
import os
import secrets
import sqlite3
import stat
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Final

import click
from pydantic import SecretStr
from redis.asyncio import Redis
from redis.exceptions import RedisError

from gateway.auth.jwks import IssuerUnavailable
from gateway.auth.keys_file import read_keys
from gateway.cli.lazy_command import Arguments
from gateway.cli.reachability import Reached, reach
from gateway.cli.table import moment
from gateway.concurrency.clock import Clock
from gateway.errors import (
    ConfigurationError,
    GatewayError,
    PlatformCredentials,
    PlatformFailure,
    StoreUnavailable,
)
from gateway.index.reach import ORDERS
from gateway.logs import configure_logging
from gateway.ports import AccountNote, Adapter
from gateway.registry import PLATFORMS, platform_of
from gateway.runtime import open_resources
from gateway.runtime.platform_clients import routes_of
from gateway.runtime.token_issuer import TokenIssuer
from gateway.settings import CacheSettings, LogSettings, Settings, StoreSettings
from gateway.store import migrate
from gateway.store.index_progress import IndexReach
from gateway.store.readiness import find_room
from gateway.store.store import Store, open_ledger
from gateway.store.webhook_deliveries import WebhookDeliveryQuery
from gateway.store.webhook_endpoints import StoredWebhookEndpoint
from gateway.telemetry import Telemetry
from gateway.upstream.proxy import Route

_STORE: Final = "store"
_INDEX: Final = "index"
_WEBHOOKS: Final = "webhooks"
_ISSUER: Final = "issuer"
_CACHE: Final = "cache"
_KEYS: Final = "keys"
_NETWORK: Final = "network"
_CLOCK: Final = "clock"
#: Seconds by which clocks may differ: `Date` has whole ones, and an answer takes its time.
_CLOCKS_APART: Final = 10.0
#: Seconds that the cache may take to connect or to answer.
_TIMEOUT: Final = 5.0
#: The WAL-reset bug (sqlite.org/changes.html) is fixed in these ranges of versions.
_FIXED_SQLITE: Final = (
    ((3, 44, 6), (3, 45, 0)),
    ((3, 50, 7), (3, 51, 0)),
    ((3, 51, 3), (99, 0, 0)),
)
#: Requests a token from a shop's platform, then what it says of the account; raises
#: PlatformFailure if there is no token.
Ask = Callable[[], Awaitable[Sequence[AccountNote]]]


class CheckResult(Enum):
    """Result of a check."""

    OK = "ok"
    #: Works, but not as it should.
    WARNING = "warn"
    FAILED = "FAIL"


_COLOURS: Final[Mapping[CheckResult, str]] = {
    CheckResult.OK: "green",
    CheckResult.WARNING: "yellow",
    CheckResult.FAILED: "red",
}


@dataclass(frozen=True)
class Finding:
    """One line of the report; `remedy` is empty if there is nothing to do."""

    result: CheckResult
    subject: str
    text: str
    remedy: str = ""

    def __str__(self) -> str:
        line = f"{self.result.value:4}  {self.subject:15}  {self.text}"
        return f"{line}; {self.remedy}" if self.remedy else line


def ok(subject: str, text: str) -> Finding:
    """The check passed."""
    return Finding(CheckResult.OK, subject, text)


def warning(subject: str, text: str, remedy: str) -> Finding:
    """Works, but not as it should."""
    return Finding(CheckResult.WARNING, subject, text, remedy)


def failed(subject: str, text: str, remedy: str) -> Finding:
    """Does not work."""
    return Finding(CheckResult.FAILED, subject, text, remedy)


async def store_findings(settings: Settings) -> AsyncIterator[Finding]:
    """Checks of the configured store; they change nothing in it."""
    file = settings.store.sqlite_file
    if file is not None:
        yield sqlite_finding(sqlite3.sqlite_version_info)
        if not file.parent.is_dir():
            yield failed(_STORE, f"there is no folder {file.parent}", "make it")
            return
        if not file.exists():
            yield _empty_folder(file)
            return
    try:
        for finding in await _contents(settings):
            yield finding
    except StoreUnavailable as error:
        yield failed(_STORE, error.message, error.remedy or "see docs/operations.md")
        if file is None:
            yield network_finding(await reach(settings.store.url.get_secret_value(), Route()))
    except ConfigurationError as error:
        yield failed(_STORE, error.message, "see docs/configuration.md")


def _empty_folder(file: Path) -> Finding:
    try:
        find_room(file.parent)
    except StoreUnavailable as error:
        return failed(_STORE, error.message, error.remedy or "see docs/operations.md")
    return ok(_STORE, f"{file} is not there yet; the first start makes it")


async def _contents(settings: Settings) -> list[Finding]:
    url = settings.store.url.get_secret_value()
    if await migrate.needs_migration(url):
        if settings.store.sqlite_file is not None:
            later = "is of an older version; the next start migrates it, after a copy"
            return [ok(_STORE, later)]
        return [failed(_STORE, "is of an older version, or empty", "run `gateway migrate`")]
    takes = [shop.key for shop in settings.shops if platform_of(shop).accepts_orders]
    async with open_ledger(settings.store, time.time) as store:
        await store.ready()
        await store.check_file()
        stranded = await store.pushes.stranded(takes)
        index = await index_findings(settings, store)
        webhooks = await webhook_findings(store)
        database = await store.database_time()
        clocks = [] if database is None else [clock_finding("the database", database - time.time())]
    newer = (await migrate.version(url)).is_newer
    version = "of a newer version, which serves this one" if newer else "of this version"
    return [
        ok(_STORE, f"is writable, {version}, and opens with the encryption key"),
        *clocks,
        *(_stranded(shop, waiting) for shop, waiting in stranded.items()),
        *index,
        *webhooks,
    ]


async def index_findings(settings: Settings, store: Store) -> list[Finding]:
    """How far the index of each shop reaches; none if it is off, or has nothing yet."""
    if not settings.index.enabled:
        return []
    shops = [shop.key for shop in settings.shops]
    reaches = await store.index_progress.of_shops(ORDERS[0], shops)
    return [ok(_INDEX, f"{shop}: {_reach(reaches[shop])}") for shop in shops if shop in reaches]


async def webhook_findings(store: Store) -> list[Finding]:
    """Webhook endpoints that fail, were turned off by the gateway, or have dead letters."""
    endpoints = await store.webhook_endpoints.all()
    found = [finding for one in endpoints async for finding in _of_endpoint(store, one)]
    if endpoints and not found:
        return [ok(_WEBHOOKS, f"endpoints that take what they are sent: {len(endpoints)}")]
    return found


async def _of_endpoint(store: Store, endpoint: StoredWebhookEndpoint) -> AsyncIterator[Finding]:
    name = f"{endpoint.host} (of the key {endpoint.key_name})"
    if endpoint.disabled_reason is not None:
        remedy = "mend it, then turn it on with `webhookEndpointUpdate`"
        yield warning(_WEBHOOKS, f"{name} was turned off: {endpoint.disabled_reason}", remedy)
    elif endpoint.failing_since is not None:
        text = f"{name} takes nothing since {moment(endpoint.failing_since)}"
        remedy = "`webhookEndpoints { deliveries }` has its answers; tell whom the key belongs to"
        yield warning(_WEBHOOKS, text, remedy)
    query = WebhookDeliveryQuery(endpoints=[endpoint.id], states=["DEAD"])
    dead = await store.webhook_deliveries.count(query)
    if dead != 0:
        count = "very many" if dead is None else str(dead)
        remedy = "once it works, send them again with `webhookDeliveryRetry`"
        yield warning(_WEBHOOKS, f"{name}: deliveries that failed for good: {count}", remedy)


def _reach(reach: IndexReach) -> str:
    since = reach.complete_from
    if since is None:
        return "its past is being read"
    day = datetime.fromtimestamp(since, UTC).date().isoformat() if since else None
    orders = "all orders" if day is None else f"orders since {day}"
    return orders if reach.done else f"{orders}; its past is being read"


def _stranded(shop: str, waiting: int) -> Finding:
    return warning(
        _STORE,
        f"pushes for {shop}, which takes none here, wait for ever: {waiting}",
        "configure the shop as it was, or `gateway pushes discard` them",
    )


def sqlite_finding(version: tuple[int, int, int]) -> Finding:
    """Check of the version of SQLite that Python uses."""
    name = f"SQLite {'.'.join(map(str, version))}"
    if not any(first <= version < end for first, end in _FIXED_SQLITE):
        return warning(
            _STORE,
            f"{name} can, very rarely, damage a database that several processes write",
            "run one gateway, or use PostgreSQL, or SQLite from 3.51.3",
        )
    return ok(_STORE, name)


async def cache_findings(settings: Settings) -> list[Finding]:
    """Check of the configured cache."""
    if settings.cache.is_memory:
        return [ok(_CACHE, "is the memory of the one process")]
    url = settings.cache.url.get_secret_value()
    redis = Redis.from_url(
        url,
        socket_connect_timeout=_TIMEOUT,
        socket_timeout=_TIMEOUT,
    )
    try:
        await redis.ping()
    except (RedisError, OSError) as error:
        # Its text may repeat the address, and with it the password.
        answer = f"Redis does not answer ({type(error).__name__})"
        way = network_finding(await reach(url, Route()))
        return [failed(_CACHE, answer, "check cache.url"), way]
    finally:
        await redis.aclose()
    return [ok(_CACHE, "Redis answers")]


def network_finding(reached: Reached) -> Finding:
    """What the way to an address looks like."""
    if reached.failed is None:
        return ok(_NETWORK, str(reached))
    _, _, remedy = reached.failed
    return failed(_NETWORK, str(reached), remedy)


def clock_finding(whose: str, ahead: float) -> Finding:
    """Comparison of this machine's clock with one that is `ahead` of it by so many seconds."""
    if abs(ahead) <= _CLOCKS_APART:
        return ok(_CLOCK, f"agrees with that of {whose}")
    behind = "behind" if ahead > 0 else "ahead of"
    remedy = "have this machine's clock set by NTP; times and signatures are wrong until then"
    return warning(_CLOCK, f"is {abs(ahead):.0f} seconds {behind} that of {whose}", remedy)


async def network_findings(settings: Settings) -> list[Finding]:
    """The way to each platform's address, and its clock; shops that share a way share its lines."""
    _, routes = routes_of(settings)
    ways = {(shop.base_url, routes[shop.key]): None for shop in settings.shops}
    seen = await asyncio.gather(*(reach(address, route) for address, route in ways))
    clocks = (clock_finding(one.address, one.ahead) for one in seen if one.ahead is not None)
    return [*map(network_finding, seen), *clocks]


def keys_finding(settings: Settings) -> Finding:
    """Check of the API keys, and that other users cannot change them."""
    if settings.auth.mode == "open":
        return warning(_KEYS, "everyone on this machine may do everything", 'use "keys"')
    path = settings.auth.keys_file
    try:
        now = datetime.now(UTC)
        good = [record for record in read_keys(path) if record.is_valid(now)]
    except ConfigurationError as error:
        return failed(_KEYS, error.message, "restore the file, or remove it and make new keys")
    if not good and settings.auth.mode == "jwt":
        return ok(_KEYS, "there is no valid key: only tokens are accepted")
    if not good:
        return warning(
            _KEYS,
            "there is no valid key, so every request is refused",
            "make one with `gateway keys add`",
        )
    if _others_can_write(path):
        return warning(_KEYS, f"{path} can be changed by other users", f"chmod 600 {path}")
    return ok(_KEYS, f"{len(good)} good in {path}")


async def issuer_findings(settings: Settings) -> list[Finding]:
    """Check of the issuer of tokens; none if the mode has no such issuer."""
    if settings.auth.mode != "jwt":
        return []
    issuer = TokenIssuer(settings, Clock())
    try:
        await issuer.jwks.refresh()
    except IssuerUnavailable as failure:
        remedy = "check auth.jwks_url and the way to the issuer"
        return [failed(_ISSUER, failure.message, remedy)]
    finally:
        await issuer.aclose()
    return [ok(_ISSUER, f"keys that can be used: {len(issuer.jwks)}")]


def _others_can_write(path: Path) -> bool:
    return bool(path.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH))


async def shop_findings(asks: Mapping[str, Ask]) -> list[Finding]:
    """Check of each shop's credentials; all platforms are called at once."""
    found = await asyncio.gather(*(_of_shop(shop, ask) for shop, ask in asks.items()))
    return [finding for of_shop in found for finding in of_shop]


async def _of_shop(shop: str, ask: Ask) -> list[Finding]:
    subject = f"shop {shop}"
    try:
        notes = await ask()
    except PlatformCredentials as failure:
        return [failed(subject, failure.message, _of_credentials(failure))]
    except PlatformFailure as failure:
        remedy = "check its base_url and the way to the platform"
        return [failed(subject, failure.message, remedy)]
    told = (
        warning(subject, note.text, note.remedy) if note.remedy else ok(subject, note.text)
        for note in notes
    )
    return [ok(subject, "its platform accepts the credentials"), *told]


def _of_credentials(failure: PlatformCredentials) -> str:
    """What to do; a platform that refuses an address may tell which it sees."""
    if failure.seen_address is not None:
        return (
            f"the platform sees this machine as {failure.seen_address}: add it to the list of"
            " allowed addresses in the platform's console"
        )
    return (
        "compare its app id and secret with the platform's console, "
        "and this machine's address with the list of allowed ones there"
    )


def _ask_of(adapter: Adapter) -> Ask:
    async def ask() -> Sequence[AccountNote]:
        await adapter.check.credentials()
        if adapter.account is None:
            return ()
        try:
            return await adapter.account.notes()
        except PlatformFailure as failure:
            text = f"what its platform says of the account is not known: {failure.message}"
            return [AccountNote(text, "check the account's rights in the platform's console")]

    return ask


@asynccontextmanager
async def asks_of(settings: Settings) -> AsyncIterator[dict[str, Ask]]:
    """By shop, a function that requests a token from its platform.

    Adapters require a store, though a token does not: they get an empty one, so that problems of
    the configured store are reported once, and nothing is changed in it.
    """
    with tempfile.TemporaryDirectory() as folder:
        store = StoreSettings(
            url=SecretStr(f"sqlite:///{Path(folder) / 'empty.db'}"),
            encryption_key=SecretStr(secrets.token_hex(32)),
        )
        alone = settings.model_copy(update={"store": store, "cache": CacheSettings()})
        async with open_resources(alone, Clock(), Telemetry()) as opened:
            yield {key: _ask_of(adapter) for key, adapter in opened.adapters.items()}


def run(arguments: Arguments) -> None:
    """Prints one line per check.

    Raises:
        ConfigurationError: the configuration is invalid, so that nothing else can be checked.
        GatewayError: a check failed.
    """
    settings = Settings.load(PLATFORMS, arguments.config, os.environ)
    # The report has a line for each failure; the log would repeat it.
    configure_logging(LogSettings(level="error"), settings.secret_values())
    report = _as_json if arguments.json else _as_lines
    failures = asyncio.run(report(_findings(settings, str(arguments.config))))
    if failures:
        raise GatewayError(f"{failures} of the checks failed")


async def _as_lines(findings: AsyncIterator[Finding]) -> int:
    """Prints each as it is found, with its result in colour on a terminal."""
    failures = 0
    async for finding in findings:
        result, rest = str(finding)[:4], str(finding)[4:]
        click.echo(f"{click.style(result, fg=_COLOURS[finding.result])}{rest}")
        failures += finding.result is CheckResult.FAILED
    return failures


async def _as_json(findings: AsyncIterator[Finding]) -> int:
    """Prints all of them, for programs."""
    found = [finding async for finding in findings]
    checks = [
        {
            "result": finding.result.name,
            "subject": finding.subject,
            "text": finding.text,
            "remedy": finding.remedy or None,
        }
        for finding in found
    ]
    sys.stdout.write(f"{json.dumps(checks, indent=2, ensure_ascii=False)}\n")
    return sum(finding.result is CheckResult.FAILED for finding in found)


async def _findings(settings: Settings, source: str) -> AsyncIterator[Finding]:
    shops = len(settings.shops)
    yield ok("configuration", f"{source} is sound and has {shops} shop{'s' * (shops != 1)}")
    for told in settings.warnings:
        text, _, remedy = told.partition("; ")
        yield warning("secrets", text, remedy)
    async for finding in store_findings(settings):
        yield finding
    for finding in await cache_findings(settings):
        yield finding
    yield keys_finding(settings)
    for finding in await issuer_findings(settings):
        yield finding
    for finding in await network_findings(settings):
        yield finding
    async with asks_of(settings) as asks:
        for finding in await shop_findings(asks):
            yield finding
