"""/metrics: the Prometheus metrics of the process, for callers that may see them."""

import asyncio
from collections.abc import Callable
from typing import Final

from fastapi import APIRouter, FastAPI, Request, Response, Security

from gateway.http.api import API_KEY, Errors
from gateway.http.request import RequestInfo
from gateway.loopback import is_loopback

#: Raises Unauthenticated or Forbidden if the caller may not see the metrics.
Authorization = Callable[[RequestInfo], object]
#: The metrics in the format that an `Accept` header asks for, and their content type.
Exposition = Callable[[str | None], tuple[bytes, str]]
#: Headers that a proxy adds to the requests it passes on.
_FORWARDED: Final = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


_ROUTES: Final = APIRouter(tags=["Metrics"])


def add_metrics_routes(api: FastAPI, exposition: Exposition, authorize: Authorization) -> None:
    """Add the route /metrics: open to a caller on this machine, else as `authorize` says."""
    api.state.exposition = exposition
    api.state.authorize_metrics = authorize
    api.include_router(_ROUTES)


@_ROUTES.get(
    "/metrics",
    summary="The metrics of the process",
    response_class=Response,
    dependencies=[Security(API_KEY)],
    responses={
        200: {
            "description": "In the format that `Accept` asks for",
            "content": {
                "text/plain": {"schema": {"type": "string"}},
                "application/openmetrics-text": {"schema": {"type": "string"}},
            },
        },
        401: {"model": Errors, "description": "No key, or an unknown one"},
        403: {"model": Errors, "description": "The key lacks the scope `ops:read`"},
    },
)
async def metrics(request: Request) -> Response:
    """Needs a key with the scope `ops:read`, unless the caller is on the same machine."""
    exposition: Exposition = request.app.state.exposition
    authorize: Authorization = request.app.state.authorize_metrics
    asked = RequestInfo.of(request.scope)
    if not is_local(asked):
        authorize(asked)
    accept = asked.headers.get("accept")
    body, content_type = await asyncio.to_thread(exposition, accept)
    return Response(body, headers={"Content-Type": content_type, "Cache-Control": "no-store"})


def is_local(request: RequestInfo) -> bool:
    """Whether the caller is a program on this machine, not a client behind a proxy.

    A proxy on this machine has a loopback address too; it adds a header, or keeps the external
    name in `Host`.
    """
    if request.client is None or any(name in request.headers for name in _FORWARDED):
        return False
    return is_loopback(request.client) and request.names_loopback
