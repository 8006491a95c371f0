"""/metrics: the figures of the process, for those who may see them."""

import asyncio
from collections.abc import Callable
from ipaddress import ip_address
from typing import Final

import orjson
from starlette.types import Receive, Scope, Send

from gateway.errors import ClientError
from gateway.http.answer import HttpResponse
from gateway.http.errors import show_refusal
from gateway.http.refusal import STATUS
from gateway.http.request import RequestInfo

#: Raises Unauthenticated or Forbidden where the caller may not see the figures.
Admission = Callable[[RequestInfo], object]
#: Whoever sends one of these passes somebody else's request on.
_FORWARDED: Final = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


class Metrics:
    """Answers with the figures; on loopback to everybody, else to whom `admission` lets pass."""

    def __init__(
        self, exposition: Callable[[str | None], tuple[bytes, str]], admission: Admission
    ) -> None:
        self._exposition = exposition
        self._admission = admission

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Answer one request."""
        request = RequestInfo.of(scope)
        answer = await self._answer(request)
        await answer.send(send, with_body=request.method != "HEAD")

    async def _answer(self, request: RequestInfo) -> HttpResponse:
        if not came_from_here(request):
            try:
                self._admission(request)
            except ClientError as refused:
                body = orjson.dumps({"errors": show_refusal(refused, request.request_id)})
                return HttpResponse(STATUS[refused.code], b"application/json", body)
        accept = request.headers.get("accept")
        body, content_type = await asyncio.to_thread(self._exposition, accept)
        headers = [(b"cache-control", b"no-store")]
        return HttpResponse(200, content_type.encode("ascii"), body, headers)


def came_from_here(request: RequestInfo) -> bool:
    """Whether a program on this machine asks for itself, not for somebody behind it.

    A proxy beside the gateway has a loopback address too; it says so in a header, or leaves the
    name that the outside used in `Host`.
    """
    if request.client is None or any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ip_address(request.client).is_loopback and request.names_loopback
    except ValueError:
        return False
