"""Serves the package's static files, read once, under a path with their digest."""

import asyncio
import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from starlette.types import Receive, Scope, Send

from gateway.http.request import RequestInfo
from gateway.http.response import HttpResponse

#: Media types by suffix; nothing else is served.
_TYPES: Final[Mapping[str, bytes]] = {
    "js": b"text/javascript; charset=utf-8",
    "css": b"text/css; charset=utf-8",
    "ttf": b"font/ttf",
    "txt": b"text/plain; charset=utf-8",
}
#: The path has a digest of the files: its content never changes.
_HEADERS: Final = (
    (b"cache-control", b"public, max-age=31536000, immutable"),
    (b"x-content-type-options", b"nosniff"),
    (b"vary", b"Accept-Encoding"),
)
_DIGEST_CHARACTERS: Final = 16
# The editors add style elements for their colours; scripts are only loaded from files.
_POLICY: Final = (
    b"default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; "
    b"style-src 'self' 'unsafe-inline'; font-src 'self'; img-src 'self' data:; "
    b"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
#: For every HTML page, which loads nothing from another host.
PAGE_HEADERS: Final = (
    (b"content-security-policy", _POLICY),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)


@dataclass(slots=True)
class _File:
    content_type: bytes
    content: bytes
    compressed: bytes | None = None


class StaticFiles:
    """The files of one folder, by name; `digest` changes when one of them does."""

    def __init__(self, folder: Traversable) -> None:
        self._files: dict[str, _File] = {}
        digest = hashlib.sha256()
        for file in sorted(folder.iterdir(), key=lambda file: file.name):
            content_type = _TYPES.get(file.name.rpartition(".")[2])
            if content_type is not None:
                content = file.read_bytes()
                self._files[file.name] = _File(content_type, content)
                digest.update(file.name.encode() + b"\0" + hashlib.sha256(content).digest())
        self.digest = digest.hexdigest()[:_DIGEST_CHARACTERS]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Answer one request; the path ends in the digest and a file's name."""
        method = scope["method"]
        answer = await self._answer(RequestInfo.of(scope), scope["path"])
        await answer.send(send, with_body=method != "HEAD")

    async def _answer(self, request: RequestInfo, path: str) -> HttpResponse:
        if request.method not in {"GET", "HEAD"}:
            return HttpResponse(405, b"text/plain", b"Use GET", [(b"allow", b"GET, HEAD")])
        *_, digest, name = ("", *path.split("/"))
        file = self._files.get(name) if digest == self.digest else None
        if file is None:
            return HttpResponse(404, b"text/plain", b"There is no such file")
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return HttpResponse(200, file.content_type, file.content, _HEADERS)
        if file.compressed is None:
            file.compressed = await asyncio.to_thread(gzip.compress, file.content, 6, mtime=0)
        headers = (*_HEADERS, (b"content-encoding", b"gzip"))
        return HttpResponse(200, file.content_type, file.compressed, headers)


@cache
def packaged_files(folder: str) -> StaticFiles:
    """The files of one folder of gateway/static/; read once per process."""
    return StaticFiles(files("gateway") / "static" / folder)
