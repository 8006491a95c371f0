"""`gateway import`: imports a file of orders or shipments into the store, with progress."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Mapping
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import Final

import orjson

from gateway.auth import ALL_SHOPS, Viewer
from gateway.bulk.imports import ImportHandler
from gateway.bulk.order_lines import LineReader
from gateway.bulk.reception import receive_file
from gateway.bulk.worker import POLL, BulkWorker, CallerRights
from gateway.cli.audit import audit_command
from gateway.cli.bulk_progress import BulkProgressLine
from gateway.cli.lazy_command import Arguments
from gateway.concurrency.clock import Clock
from gateway.errors import BadUserInput
from gateway.ports.writing.problems import InputRefused
from gateway.registry import PLATFORMS
from gateway.runtime.resources import RuntimeResources, open_resources
from gateway.settings import Settings
from gateway.store.bulk_operations import ENDED, BulkCaller, StoredBulkOperation
from resolvers.schema import executable
from schema.bulk_operation import BulkKind
from schema.scalars import BulkUpload
from schema.scope import Scope

_CHUNK: Final = 262_144
#: Refused lines that are shown.
_SHOWN: Final = 10
_KINDS: Final[Mapping[str, BulkKind]] = {
    "orders": BulkKind.ORDERS_IMPORT,
    "shipments": BulkKind.SHIPMENTS_IMPORT,
}
#: Whoever may run commands beside the store may write all of it.
_VIEWER: Final = Viewer(name="cli", scopes=frozenset(Scope), shops=ALL_SHOPS, key_id="cli")


def run(arguments: Arguments) -> None:
    """Import `arguments.file`.

    Raises:
        ConfigurationError: the configuration is invalid, or the store has another version.
        StoreUnavailable: the store cannot be reached.
        BadUserInput: the file or the shop is wrong, the import failed, or lines were refused.
        OSError: the file cannot be read.
    """
    settings = Settings.load(PLATFORMS, arguments.config, os.environ)
    asyncio.run(_import(arguments, settings))


async def _import(arguments: Arguments, settings: Settings) -> None:
    kind, clock = _KINDS[arguments.kind], Clock()
    async with open_resources(settings, clock) as opened:
        try:
            opened.services.bulk_imports.check(arguments.shop, kind, _VIEWER)
        except InputRefused as refused:
            raise BadUserInput(refused.errors[0].message) from None
        number = await _begun(arguments, settings, opened, kind)
        operation = await _done(arguments, opened, clock, number)
        refused_lines = await _refused(opened, operation)
    _conclude(arguments, operation, refused_lines)


async def _begun(
    arguments: Arguments, settings: Settings, opened: RuntimeResources, kind: BulkKind
) -> int:
    """The operation of the file: one that was interrupted, or a new one."""
    operations = opened.store.bulk_operations
    caller = BulkCaller(
        name="cli",
        key_id=f"cli/{await asyncio.to_thread(_identity, arguments)}",
        by_key=False,
        scopes=frozenset(map(str, Scope)),
        shops=None,
    )
    before = await operations.page(caller.key_id, after=None, limit=1)
    if before and before[0].state not in ENDED:
        sys.stderr.write("continues the import of this file that was interrupted\n")
        return before[0].id
    upload = BulkUpload(arguments.file.name)
    shop = arguments.shop
    await receive_file(opened.store, upload, _chunks(arguments.file), kind, shop, caller)
    if upload.number is None:
        raise BadUserInput(f"{arguments.file}: {upload.problem}")
    async with opened.store.transaction() as transaction:
        await operations.received(transaction, upload.number, upload.lines)
        action = f"import {arguments.kind}"
        await audit_command(settings, opened.store, transaction, action, shops=[shop])
    return upload.number


def _identity(arguments: Arguments) -> str:
    """Equal for the same content, shop and kind."""
    digest = sha256(f"{arguments.shop}\n{arguments.kind}\n".encode())
    with arguments.file.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


async def _chunks(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while chunk := await asyncio.to_thread(file.read, _CHUNK):
            yield chunk


async def _done(
    arguments: Arguments, opened: RuntimeResources, clock: Clock, number: int
) -> StoredBulkOperation:
    """Works until the operation has ended, beside gateways that may do the same."""
    handler = ImportHandler(
        opened.store, lambda: opened.services, LineReader(executable()), clock.monotonic
    )
    worker = BulkWorker(
        opened.store,
        {kind.name: handler for kind in _KINDS.values()},
        CallerRights(opened.api_keys, clock.wall),
        clock,
        token_hex(16),
        logs=False,
    )
    operation = (await opened.store.bulk_operations.get_many([number]))[number]
    progress = BulkProgressLine(
        arguments.kind, operation.total, time.monotonic, as_json=arguments.json
    )
    try:
        while operation.state not in ENDED:
            if not await worker.once():
                await clock.sleep(POLL)
            operation = (await opened.store.bulk_operations.get_many([number]))[number]
            progress.show(operation.done + operation.failed)
    finally:
        progress.end()
    return operation


async def _refused(opened: RuntimeResources, operation: StoredBulkOperation) -> list[bytes]:
    """The lines of the result."""
    pieces = opened.store.bulk_operations.pieces
    lines: list[bytes] = []
    for number in range(operation.pieces_out):
        content = await pieces.get(operation.id, "OUT", number)
        lines += [] if content is None else content.lines
    return lines


def _conclude(arguments: Arguments, operation: StoredBulkOperation, refused: list[bytes]) -> None:
    """Says what was done; raises BadUserInput unless all of it was."""
    if arguments.refused is not None:
        # It may repeat what the lines say of buyers.
        arguments.refused.touch(mode=0o600)
        arguments.refused.write_bytes(b"".join(line + b"\n" for line in refused))
    if arguments.json:
        told = {
            "kind": operation.kind,
            "state": operation.state,
            "done": operation.done,
            "failed": operation.failed,
            "total": operation.total,
            "error": operation.error,
            "refused": [orjson.loads(line) for line in refused],
        }
        sys.stdout.write(f"{orjson.dumps(told).decode()}\n")
    else:
        for line in refused[:_SHOWN]:
            one = orjson.loads(line)
            path = ".".join(one.get("path") or ())
            place = f" ({path})" if path else ""
            sys.stdout.write(f"line {one.get('line')}{place}: {one.get('message')}\n")
        if len(refused) > _SHOWN:
            more = len(refused) - _SHOWN
            sys.stdout.write(f"and {more} more: --refused FILE writes all of them\n")
        sys.stdout.write(f"{operation.done} lines imported, {operation.failed} refused\n")
    if operation.error is not None:
        raise BadUserInput(operation.error)
    if operation.state != "DONE":
        raise BadUserInput("the import was cancelled")
    if operation.failed:
        raise BadUserInput(f"{operation.failed} lines were refused")
