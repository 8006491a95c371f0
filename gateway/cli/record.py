"""`gateway record`: one answer of each read call of a shop, masked, and compared with its model."""

import secrets
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl

import httpx
import orjson

from gateway.cli.audit import audit_command
from gateway.cli.lazy_command import Arguments
from gateway.cli.store import with_store
from gateway.cli.table import print_table
from gateway.concurrency.clock import Clock
from gateway.errors import BadUserInput, GatewayError, PlatformFailure
from gateway.logs import configure_logging
from gateway.ports import Adapter, AfterSaleQuery, OrderQuery, ProductQuery, ReadOptions
from gateway.registry import build_adapters, modules_named, platform_of
from gateway.runtime.platform_clients import open_platform_clients
from gateway.settings import LogSettings, Settings, ShopSettings
from gateway.store.store import Store
from gateway.upstream.cache import AnswerCache
from gateway.upstream.document import document
from gateway.upstream.endpoint import Endpoint
from gateway.upstream.observer import NullObserver
from gateway.upstream.recorded_answer import Mask, fault_of, unknown_members
from gateway.upstream.shared_store import open_store
from gateway.upstream.transport import Whole

Row = Endpoint[Any, Any]

_HEAD: Final = ("CALL", "RESULT")
_READING: Final = ReadOptions(fresh=True, strict=True)
#: Members of every answer, which say whether the call was done.
_ENVELOPE: Final = frozenset({"$.errcode", "$.errmsg", "$.errno"})
#: Orders and after-sales of so many days are looked for.
_DAYS: Final = 30


def run(arguments: Arguments) -> None:
    """Record the answers of `arguments.shop` in the new folder `arguments.out`.

    Raises:
        ConfigurationError: the configuration is invalid, or the store has another version.
        BadUserInput: there is no such shop, or the folder exists.
        StoreUnavailable: the store cannot be reached.
    """
    with_store(arguments, partial(_record, arguments.shop, arguments.out))


async def _record(key: str, folder: Path, settings: Settings, store: Store) -> None:
    configure_logging(LogSettings(level="error"), settings.secret_values())
    shop = next((one for one in settings.shops if one.key == key), None)
    if shop is None:
        known = ", ".join(one.key for one in settings.shops)
        raise BadUserInput(f"there is no shop {key!r}; shops: {known}")
    _make(folder)
    async with store.transaction() as transaction:
        await audit_command(settings, store, transaction, "record", shops=[key])
    tables = modules_named("endpoints")
    name = platform_of(shop).name
    rows: Sequence[Row] = tables[name].ENDPOINTS if name in tables else ()
    recorded, refusals = await _answers(settings, shop, store, rows)
    mask = Mask(secrets.token_bytes(32))
    lines = []
    for row in rows:
        if not row.shareable:
            continue
        body = recorded.get(row.name)
        lines.append(_line(row, body, refusals.get(row.name)))
        if body is not None and row.name not in refusals:
            _write(folder, row, body, mask)
    print_table(_HEAD, [(one.call, one.result) for one in lines])
    for one in lines:
        sys.stdout.writelines(
            f"{one.call} has {path}, which no model names\n" for path in one.unknown
        )


def _make(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700)
    except OSError as failure:
        raise BadUserInput(f"cannot make the folder {folder}: {failure.strerror}") from None


async def _answers(
    settings: Settings, shop: ShopSettings, store: Store, rows: Sequence[Row]
) -> tuple[dict[str, bytes], dict[str, str]]:
    """The answers of a shop's reads by the names of the calls, and the refusals of others."""
    async with AsyncExitStack() as stack:
        clock = Clock()
        shared = open_store("memory://", clock)
        stack.push_async_callback(shared.aclose)
        cache = AnswerCache(clock=clock, store=shared)
        stack.push_async_callback(cache.aclose)
        clients = await stack.enter_async_context(
            open_platform_clients(settings, shared, cache, clock, NullObserver())
        )
        recording = _Recording(clients.transport, rows)
        recorded = replace(clients, transport=recording, cache=None)
        stack.push_async_callback(recorded.aclose)
        (adapter,) = build_adapters([shop], recorded, store, clock.wall).values()
        return recording.bodies, await _read_everything(adapter)


class _Recording(httpx.AsyncBaseTransport):
    """Passes requests on, and keeps an answer of each call of a table: one that fits, if any."""

    def __init__(self, inner: httpx.AsyncBaseTransport, rows: Sequence[Row]) -> None:
        self._inner = inner
        self._rows = rows
        self.bodies: dict[str, bytes] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer as the platform does."""
        response = await self._inner.handle_async_request(request)
        row = next((row for row in self._rows if _is_of(request, row)), None)
        if row is not None and isinstance(response.stream, Whole):
            known = self.bodies.get(row.name)
            if known is None or fault_of(row.response, known) is not None:
                self.bodies[row.name] = response.stream.content
        return response


def _is_of(request: httpx.Request, row: Row) -> bool:
    target: bytes = request.extensions.get("target", request.url.raw_path)
    path, _, query = target.decode("ascii", "replace").partition("?")
    sent = dict(parse_qsl(query))
    is_row = request.method == row.method and path.endswith(row.path)
    return is_row and all(sent.get(name) == value for name, value in row.query.items())


async def _read_everything(adapter: Adapter) -> dict[str, str]:
    """Call each read port that the adapter has; returns the refusals by the call's name."""
    refusals: dict[str, str] = {}
    for read in (
        _read_shop,
        _read_products,
        _read_catalogue,
        _read_groups,
        _read_shelves,
        _read_templates,
        _read_orders,
        _read_after_sales,
        _read_decisions,
    ):
        try:
            await read(adapter)
        except PlatformFailure as failure:
            refusals.setdefault(failure.endpoint, failure.message)
        except GatewayError as failure:
            sys.stderr.write(f"{failure.message}\n")
    return refusals


async def _read_shop(adapter: Adapter) -> None:
    await adapter.check.credentials()


async def _read_products(adapter: Adapter) -> None:
    if adapter.products is None or adapter.exports_products is not None:
        return
    page = await adapter.products.page(ProductQuery(), None, 1, _READING)
    ids = [product.platform_id for product in page.items[:1]]
    await adapter.products.get_many(ids, _READING)


async def _read_catalogue(adapter: Adapter) -> None:
    if adapter.catalogue is None:
        return
    parent: str | None = None
    while children := await adapter.catalogue.children(parent, _READING):
        parent = children[0].platform_id
    if parent is not None:
        await adapter.catalogue.sku_attributes(parent, _READING)
        await adapter.catalogue.properties(parent, _READING)


async def _read_groups(adapter: Adapter) -> None:
    if adapter.groups is not None:
        groups = await adapter.groups.all(_READING)
        await adapter.groups.get_many([group.platform_id for group in groups[:1]], _READING)


async def _read_shelves(adapter: Adapter) -> None:
    if adapter.shelves is not None:
        shelves = await adapter.shelves.all(_READING)
        for shelf in shelves.items[:1]:
            await adapter.shelves.get(shelf.platform_id, _READING)


async def _read_templates(adapter: Adapter) -> None:
    if adapter.delivery_templates is not None:
        templates = await adapter.delivery_templates.all(_READING)
        ids = [template.platform_id for template in templates[:1]]
        await adapter.delivery_templates.get_many(ids, _READING)


async def _read_orders(adapter: Adapter) -> None:
    if adapter.orders is None or not adapter.traits.reconciled:
        return
    query = OrderQuery(created_from=_recently())
    page = await adapter.orders.page(query, None, 1, _READING)
    ids = [order.platform_id for order in page.items[:1]]
    await adapter.orders.get_many(ids, _READING)
    for order in page.items[:1]:
        address = order.shipping_address_data
        shown = None if address is None else address.mobile
        if adapter.orders_by_phone is not None and shown:
            # What is hidden of a number is not asked for.
            await adapter.orders_by_phone.by_phone(shown.replace("*", "0"), _READING)


async def _read_after_sales(adapter: Adapter) -> None:
    if adapter.after_sales is None or not adapter.traits.reconciled:
        return
    query = AfterSaleQuery(created_from=_recently())
    page = await adapter.after_sales.page(query, None, 1, _READING)
    for one in page.items[:1]:
        await adapter.after_sales.get(one.key.platform_id, one.key.part, _READING)


async def _read_decisions(adapter: Adapter) -> None:
    if adapter.decides_after_sales is not None:
        await adapter.decides_after_sales.reject_reasons(_READING)
        await adapter.decides_after_sales.return_addresses(_READING)


def _recently() -> datetime:
    return datetime.now(UTC) - timedelta(days=_DAYS)


class _Line(NamedTuple):
    """What became of one call: its name, and whether it fits its wire model."""

    call: str
    result: str
    #: The paths of members that the model does not name.
    unknown: Sequence[str] = ()


def _line(row: Row, body: bytes | None, refusal: str | None) -> _Line:
    if refusal is not None:
        return _Line(row.name, f"refused: {refusal}")
    if body is None:
        return _Line(row.name, "not asked: the shop has nothing to ask it for")
    fault = fault_of(row.response, body)
    if fault is not None:
        return _Line(row.name, f"does not fit: {fault}")
    unknown = unknown_members(row.response, document(body))
    return _Line(row.name, "fits", [path for path in unknown if path not in _ENVELOPE])


def _write(folder: Path, row: Row, body: bytes, mask: Mask) -> None:
    masked = mask.masked(document(body))
    path = folder / f"{row.name}.response.json"
    path.write_bytes(orjson.dumps(masked, option=orjson.OPT_INDENT_2) + b"\n")
