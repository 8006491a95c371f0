"""`gateway export orders` and its like: writes what the ledger has as JSON lines."""

import asyncio
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import BinaryIO, Final, TypeVar

import orjson

from gateway.app import export_selections
from gateway.auth import ALL_SHOPS, Viewer
from gateway.bulk.exports import ExportRunner, Lines
from gateway.cli.audit import audit_command
from gateway.cli.bulk_progress import BulkProgressLine
from gateway.cli.lazy_command import Arguments
from gateway.concurrency.clock import Clock
from gateway.errors import BadUserInput, LedgerUnreadable
from gateway.ports.writing.problems import InputRefused
from gateway.registry import PLATFORMS
from gateway.runtime.resources import RuntimeResources, open_resources
from gateway.services.export_sources import ExportRequest, Filter
from gateway.settings import Settings
from resolvers.schema import executable
from schema.after_sale import AfterSaleFilter, AfterSaleStatus
from schema.bulk_operation import BulkKind
from schema.order import OrderFilter
from schema.order_status import OrderStatus
from schema.product import ProductFilter
from schema.product_status import ProductStatus
from schema.scope import Scope

_OWNER_ONLY: Final = 0o600
#: The file that means standard output.
_STDOUT: Final = Path("-")
_KINDS: Final[Mapping[str, BulkKind]] = {
    "orders": BulkKind.ORDERS_EXPORT,
    "after-sales": BulkKind.AFTER_SALES_EXPORT,
    "changes": BulkKind.CHANGES_EXPORT,
    "products": BulkKind.PRODUCTS_EXPORT,
}
#: Whoever may run commands beside the store may read all of it.
_VIEWER: Final = Viewer(name="cli", scopes=frozenset(Scope), shops=ALL_SHOPS, key_id="cli")


def run(arguments: Arguments) -> None:
    """Export what `arguments.action` names.

    Raises:
        ConfigurationError: the configuration is invalid, or the store has another version.
        StoreUnavailable: the store cannot be reached.
        BadUserInput: the selection or a filter is wrong.
        LedgerUnreadable: all was written, but some fields could not be decrypted.
        OSError: the file exists, or cannot be written.
    """
    settings = Settings.load(PLATFORMS, arguments.config, os.environ)
    asyncio.run(_export(arguments, settings))


async def _export(arguments: Arguments, settings: Settings) -> None:
    kind = _KINDS[arguments.action]
    selections = export_selections(settings, executable())
    async with open_resources(settings, Clock(), selections=selections) as opened:
        try:
            request, _ = await opened.services.exports.request(
                kind, arguments.selection, _filter(arguments), _VIEWER
            )
        except InputRefused as refused:
            raise BadUserInput(_told(refused)) from None
        with _created(arguments.out) as out:
            await _audit(arguments, settings, opened, request)
            runner = ExportRunner(lambda: opened.services, selections)
            written = await _write(arguments, runner, kind, request, out)
    _conclude(arguments, request, written)


async def _audit(
    arguments: Arguments, settings: Settings, opened: RuntimeResources, request: ExportRequest
) -> None:
    action = f"export {arguments.action}"
    async with opened.store.transaction() as transaction:
        await audit_command(settings, opened.store, transaction, action, shops=request.shops)


async def _write(
    arguments: Arguments,
    runner: ExportRunner,
    kind: BulkKind,
    request: ExportRequest,
    out: BinaryIO,
) -> "_Written":
    total = await runner.total(kind.name, request, _VIEWER)
    progress = BulkProgressLine(arguments.action, total, time.monotonic, as_json=arguments.json)
    written, place = _Written(), None
    try:
        while True:
            lines = Lines()
            place = await runner.add_slice(kind.name, request, place, _VIEWER, lines)
            out.writelines(line + b"\n" for line in lines.lines)
            written.lines += len(lines.lines)
            written.size += lines.size
            written.failed += lines.failed
            progress.show(written.lines)
            if place is None:
                return written
    finally:
        progress.end()


@dataclass(slots=True)
class _Written:
    """What is in the file: lines and bytes, and lines with fields that could not be decrypted."""

    lines: int = 0
    size: int = 0
    failed: int = 0


def _conclude(arguments: Arguments, request: ExportRequest, written: _Written) -> None:
    """Says what was written; raises LedgerUnreadable if some fields could not be decrypted."""
    # The objects themselves go to standard output, or nothing does.
    said = sys.stderr if arguments.out == _STDOUT else sys.stdout
    if arguments.json:
        told = {
            "kind": _KINDS[arguments.action].name,
            "lines": written.lines,
            "bytes": written.size,
            "failed": written.failed,
            "leftOut": (*request.left_out, *request.not_reached),
            "file": None if arguments.out == _STDOUT else str(arguments.out),
        }
        said.write(f"{orjson.dumps(told).decode()}\n")
    else:
        for remark in request.remarks:
            said.write(f"{remark}\n")
        place = "" if arguments.out == _STDOUT else f" to {arguments.out}"
        said.write(f"{written.lines} lines, {written.size} bytes written{place}\n")
    if written.failed:
        raise LedgerUnreadable(
            f"{written.failed} of the lines have fields that cannot be decrypted, and are null"
        )


@contextmanager
def _created(file: Path) -> Iterator[BinaryIO]:
    """A new file that only its owner can read; it is there only if all of it was written."""
    if file == _STDOUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    # A file that is there keeps its content and its mode.
    opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    try:
        with os.fdopen(opened, "wb") as out:
            yield out
    except BaseException:
        file.unlink(missing_ok=True)
        raise


def _filter(arguments: Arguments) -> Filter:
    shops, statuses = arguments.shops, arguments.statuses
    if arguments.action == "products":
        return ProductFilter(shops=shops, statuses=_members(ProductStatus, statuses))
    times = {"created_from": arguments.begin, "created_to": arguments.end}
    if arguments.action == "after-sales":
        known = _members(AfterSaleStatus, statuses)
        return AfterSaleFilter(shops=shops, statuses=known, **times)
    return OrderFilter(shops=shops, statuses=_members(OrderStatus, statuses), **times)


Status = TypeVar("Status", bound=Enum)


def _members(kind: type[Status], names: Sequence[str] | None) -> list[Status] | None:
    """The statuses of these names; raises BadUserInput for another."""
    if names is None:
        return None
    known = kind.__members__
    if unknown := [name for name in names if name not in known]:
        raise BadUserInput(f"no status {', '.join(unknown)}; expected {', '.join(known)}")
    return [known[name] for name in names]


def _told(refused: InputRefused) -> str:
    return "\n".join(f"{'.'.join(one.field or ())}: {one.message}" for one in refused.errors)
