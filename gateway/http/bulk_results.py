"""GET /bulk/{id}: the result of a bulk operation, whole or in part."""

import asyncio
import re
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter, FastAPI, Request, Response, Security
from fastapi.responses import StreamingResponse

from gateway.audit import AuditLog, Origin
from gateway.auth import Viewer
from gateway.errors import Forbidden
from gateway.http.api import API_KEY, IS_HEAD, Errors
from gateway.http.refusal import HttpRefusal
from gateway.http.request import RequestInfo
from gateway.http.response import matches_etag
from gateway.services.bulk_results import BulkResultFile, BulkResultService
from gateway.store.bulk_operations import ENDED, StoredBulkOperation

_ACTION: Final = "bulkResult"
_TYPE: Final = "application/x-ndjson"
#: Seconds until asking for a result again makes sense.
_RETRY_AFTER: Final = 2
#: One range; several are answered with the whole, as RFC 9110 allows.
_RANGE: Final = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")
_GZIP: Final = re.compile(
    r"(?:^|,)\s*(?:x-)?gzip\s*(?:;\s*q=(?P<weight>[0-9.]+)\s*)?(?=,|$)", re.IGNORECASE
)
#: The best compression takes four times as long, and saves a tenth.
_LEVEL: Final = 3
#: Of zlib: a gzip header and trailer.
_GZIP_WINDOW: Final = 31


@dataclass(frozen=True, slots=True)
class BulkDownloads:
    """What the route needs; `authenticate` raises Unauthenticated."""

    authenticate: Callable[[RequestInfo], Awaitable[Viewer]]
    results: Callable[[], BulkResultService]
    audit: AuditLog | None


_ROUTES: Final = APIRouter(tags=["Bulk operations"])


def add_bulk_routes(api: FastAPI, downloads: BulkDownloads) -> None:
    """Add the route of results."""
    api.state.bulk_downloads = downloads
    api.include_router(_ROUTES)


@_ROUTES.get(
    "/bulk/{id}",
    summary="The result of a bulk operation",
    response_class=Response,
    dependencies=[Security(API_KEY)],
    responses={
        200: {
            "description": "The whole result, compressed if `Accept-Encoding` has gzip",
            "content": {_TYPE: {"schema": {"type": "string"}}},
        },
        206: {"description": "The range that `Range` asks for, not compressed"},
        304: {"description": "Not changed since the entity tag in `If-None-Match`"},
        401: {"model": Errors, "description": "No key, or an unknown one"},
        403: {"model": Errors, "description": "The key has lost a scope that the result needs"},
        404: {
            "model": Errors,
            "description": "No such operation of this key, or the key has lost one of its shops",
        },
        409: {"model": Errors, "description": "The operation has not ended yet"},
        410: {"model": Errors, "description": "Deleted after `store.bulk_days`, or never written"},
        416: {"model": Errors, "description": "The range begins behind the end of the result"},
    },
    openapi_extra={
        "parameters": [
            {
                "name": "id",
                "in": "path",
                "required": True,
                "schema": {"type": "string"},
                "description": "The id of the operation, as in its `resultUrl`.",
            },
            {
                "name": "Range",
                "in": "header",
                "schema": {"type": "string"},
                "description": "One range of bytes, to continue a download.",
            },
            {
                "name": "If-Range",
                "in": "header",
                "schema": {"type": "string"},
                "description": "The `ETag` of the download: the whole, if the result has changed.",
            },
        ]
    },
)
async def bulk_result(request: Request) -> Response:
    """JSON lines, given to the API key that asked for the operation.

    The key must still see all shops that the result is about, and have all scopes that it needs.
    Erasing a buyer's personal data changes the result, and its `ETag`.
    """
    downloads: BulkDownloads = request.app.state.bulk_downloads
    asked = RequestInfo.of(request.scope)
    viewer = await downloads.authenticate(asked)
    origin = Origin(viewer.name, asked.request_id, asked.client)
    results = downloads.results()
    try:
        operation = await results.operation(request.path_params["id"], viewer)
    except Forbidden:
        if downloads.audit is not None:
            downloads.audit.note(origin, _ACTION, outcome=Forbidden.code)
        raise
    if operation is None:
        raise HttpRefusal(404, "There is no such bulk operation of this API key")
    file = await _existing(results, operation)
    wanted = _Wanted.of(asked, file)
    if wanted.is_known:
        return Response(status_code=304, headers=wanted.headers)
    if downloads.audit is not None and not request.scope.get(IS_HEAD):
        downloads.audit.note(
            origin,
            _ACTION,
            shops=sorted(operation.caller.shops or ()),
            subject=request.path_params["id"],
            revealed=file.lines_between(wanted.start, wanted.end) if file.is_personal else 0,
        )
    # What a HEAD asks for would be read for nothing.
    end = wanted.start if request.scope.get(IS_HEAD) else wanted.end
    text = results.read(file, wanted.start, end)
    return StreamingResponse(
        _compressed(text) if wanted.compressed else text,
        wanted.status,
        wanted.headers,
        media_type=_TYPE,
    )


async def _existing(results: BulkResultService, operation: StoredBulkOperation) -> BulkResultFile:
    """The result, or why there is none."""
    file = await results.file(operation)
    if file is not None:
        return file
    if operation.state not in ENDED:
        raise HttpRefusal(
            409,
            f"The bulk operation has not ended: its state is {operation.state}",
            headers=[(b"retry-after", str(_RETRY_AFTER).encode())],
        )
    raise HttpRefusal(410, "The bulk operation has no result, or it was deleted after its time")


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a request asks for of a result: which bytes, and in which form."""

    start: int
    end: int
    status: int
    compressed: bool
    headers: dict[str, str]
    #: Whether the client has it already.
    is_known: bool

    @classmethod
    def of(cls, asked: RequestInfo, file: BulkResultFile) -> "_Wanted":
        """Reads the headers.

        Raises:
            HttpRefusal: 416, the range begins behind the end.
        """
        sent, size = asked.headers, file.size
        part = _range(sent, f'"{file.tag}"', size)
        compressed = "range" not in sent and _accepts_gzip(sent.get("accept-encoding", ""))
        etag = f'"{file.tag}-gzip"' if compressed else f'"{file.tag}"'
        start, end = part or (0, size)
        headers = {
            "ETag": etag,
            "Accept-Ranges": "bytes",
            "Cache-Control": "private, no-cache",
            "Vary": "Accept-Encoding, Authorization",
            "X-Content-Type-Options": "nosniff",
            "Content-Disposition": f'attachment; filename="{_name(file)}"',
        }
        if compressed:
            headers["Content-Encoding"] = "gzip"
        else:
            headers["Content-Length"] = str(end - start)
        if part is not None:
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
        known = part is None and matches_etag(sent.get("if-none-match"), etag.encode())
        return cls(start, end, 200 if part is None else 206, compressed, headers, known)


def _name(file: BulkResultFile) -> str:
    return f"{file.operation.kind.lower().replace('_', '-')}.jsonl"


def _range(sent: Any, etag: str, size: int) -> tuple[int, int] | None:
    """The bytes that are asked for, the end excluded; None: the whole."""
    found = _RANGE.fullmatch(sent.get("range", "").strip())
    if found is None or sent.get("if-range", etag).strip() != etag:
        return None
    first, last = found.groups()
    if not first and not last:
        return None
    if first:
        start, end = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < start:
            return None
    else:
        start, end = max(size - int(last), 0), size
    if start >= end:
        raise HttpRefusal(
            416,
            f"The result has {size} bytes",
            headers=[(b"content-range", f"bytes */{size}".encode())],
        )
    return start, end


def _accepts_gzip(accepted: str) -> bool:
    found = _GZIP.search(accepted)
    if found is None:
        return False
    try:
        return found["weight"] is None or float(found["weight"]) > 0
    except ValueError:
        return False


async def _compressed(text: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same as gzip, compressed beside the event loop."""
    work = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP_WINDOW)
    async for part in text:
        yield await asyncio.to_thread(work.compress, part)
    yield work.flush()
