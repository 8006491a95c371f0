"""/metrics: the Prometheus metrics of the process, for callers that may see them."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from fastapi import APIRouter, FastAPI, Request, Response, Security

from gateway.http.api import API_KEY, Errors
from gateway.http.local_callers import LocalCallers
from gateway.http.request import RequestInfo

#: Raises Unauthenticated or Forbidden if the caller may not see the metrics.
Authorization = Callable[[RequestInfo], Awaitable[object]]
#: Measures what is looked at only when somebody asks.
Measurement = Callable[[], Awaitable[object]]
#: The metrics in the format that an `Accept` header asks for, and their content type.
Exposition = Callable[[str | None], tuple[bytes, str]]


_ROUTES: Final = APIRouter(tags=["Metrics"])


def add_metrics_routes(
    api: FastAPI,
    exposition: Exposition,
    authorize: Authorization,
    is_local: LocalCallers,
    measure: Measurement | None = None,
) -> None:
    """Add the route /metrics: open to a local caller, else as `authorize` says.

    `measure` is called before each exposition.
    """
    api.state.measure = measure
    api.state.is_local = is_local
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
    is_local: LocalCallers = request.app.state.is_local
    asked = RequestInfo.of(request.scope)
    if not is_local(asked):
        await authorize(asked)
    measure: Measurement | None = request.app.state.measure
    if measure is not None:
        await measure()
    accept = asked.headers.get("accept")
    body, content_type = await asyncio.to_thread(exposition, accept)
    return Response(body, headers={"Content-Type": content_type, "Cache-Control": "no-store"})
