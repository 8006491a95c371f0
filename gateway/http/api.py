"""The FastAPI application of every route that is not GraphQL, described at /openapi.json, /docs."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from importlib.metadata import version
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.errors import GatewayError
from gateway.http.errors import INTERNAL, format_message, format_refusal
from gateway.http.request import RequestInfo
from gateway.http.response import refusal_headers, refusal_status
from gateway.http.static_files import PAGE_HEADERS, packaged_files

_log = structlog.stdlib.get_logger(__name__)

_DESCRIPTION: Final = """\
Every route of the gateway that is not GraphQL: health, metrics, the events that platforms post, and
the results of bulk operations.

Orders and products are queried at [`/graphql`](graphql), which a browser opens as GraphiQL.
Every answer carries `X-Request-Id`: the caller's own where the request has one.
"""
_TAGS: Final = [
    {"name": "Health", "description": "Probes for an orchestrator or a load balancer; no key."},
    {"name": "Metrics", "description": "Prometheus metrics of the process."},
    {"name": "Webhooks", "description": "Events that a platform posts to the gateway."},
    {"name": "Bulk operations", "description": "Results of imports and exports of whole files."},
]
#: Declares the API key in /openapi.json; the routes check it themselves.
API_KEY: Final = HTTPBearer(
    auto_error=False, scheme_name="api_key", description="As `gateway keys add` prints it."
)
#: Key in a request's scope: its method was HEAD, and no body is sent.
IS_HEAD: Final = "gateway.is_head"
_DOCS_FILES: Final = "swagger_ui"
_DOCS_PAGE: Final = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Commerce gateway: HTTP API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{static}/page.css">
<script type="module" src="{static}/page.js"></script>
</head>
<body>
<div id="swagger-ui"></div>
</body>
</html>
"""


class ErrorExtensions(BaseModel):
    """What a program reads of an error."""

    code: str = Field(examples=["UNAUTHENTICATED"])
    request_id: str = Field(alias="requestId", description="The answer's `X-Request-Id`.")


class Error(BaseModel):
    """One error, in the form that GraphQL has for it."""

    message: str
    extensions: ErrorExtensions


class Errors(BaseModel):
    """Why a request was refused, or failed."""

    errors: list[Error]


def create_api(
    lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]] | None = None,
) -> FastAPI:
    """The application of these routes, which describes them without asking another host.

    Each module of routes adds its own. Routes are functions of a module that find what they use
    in `request.app.state`: FastAPI's caches keep every function that was ever a route, and would
    keep a closed gateway with a closure.
    """
    api = FastAPI(
        title="Commerce gateway",
        description=_DESCRIPTION,
        version=version("commerce-gateway"),
        openapi_tags=_TAGS,
        # Relative to the description, so that it works below any prefix of a proxy.
        servers=[{"url": "."}],
        lifespan=lifespan,
        middleware=[Middleware(_HeadAsGet)],
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        # The framework's own spans and logs have paths, query strings and words of errors.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
        generate_unique_id_function=_operation_id,
        exception_handlers={
            HTTPException: _refused_by_framework,
            GatewayError: _refused,
            Exception: _failed,
        },
    )
    api.add_api_route("/docs", _docs, include_in_schema=False)
    api.mount("/docs/static", packaged_files(_DOCS_FILES))
    return api


async def _docs() -> Response:
    page = _DOCS_PAGE.format(static=f"docs/static/{packaged_files(_DOCS_FILES).digest}")
    return HTMLResponse(
        page, headers={name.decode(): value.decode() for name, value in PAGE_HEADERS}
    )


def _operation_id(route: APIRoute) -> str:
    return route.name


class _HeadAsGet:
    """Answers HEAD as GET without the body: FastAPI's routes know only the methods they name."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def send_head(message: Message) -> None:
            await send({**message, "body": b""} if "body" in message else message)

        await self._app({**scope, "method": "GET", IS_HEAD: True}, receive, send_head)


async def _refused_by_framework(request: Request, refused: HTTPException) -> Response:
    """404 and 405, in the form that all errors have."""
    shown = format_message("BAD_USER_INPUT", refused.detail, _request_id(request))
    headers = dict(refused.headers or {})
    if headers.get("Allow") == "GET":
        headers["Allow"] = "GET, HEAD"
    return _errors(refused.status_code, [shown], headers)


async def _refused(request: Request, refused: GatewayError) -> Response:
    shown = format_refusal(refused, _request_id(request))
    headers = {name.decode(): value.decode() for name, value in refusal_headers(refused)}
    return _errors(refusal_status(refused), shown, headers)


async def _failed(request: Request, failure: Exception) -> Response:
    _log.error(
        "http.request.failed",
        message="A route failed",
        exc_info=failure,
        path=request.url.path,
    )
    return _errors(500, [format_message(INTERNAL, "Internal error", _request_id(request))])


def _errors(status: int, shown: Sequence[Any], headers: Any = None) -> Response:
    return JSONResponse({"errors": shown}, status, headers)


def _request_id(request: Request) -> str:
    return RequestInfo.of(request.scope).request_id
