"""The edge over the small schema, served by uvicorn in a thread of its own."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import uvicorn
from starlette.types import ASGIApp

from gateway.errors import GatewayError, Unauthenticated
from gateway.http.documents import DocumentLimits, Documents
from gateway.http.event_stream import EventStream
from gateway.http.execution import Execution
from gateway.http.executor import CoreExecutor
from gateway.http.field_prices import FieldPrices
from gateway.http.graphiql import GraphiQL
from gateway.http.graphql import GraphQLEndpoint
from gateway.http.load_shedding import LoadShedder
from gateway.http.rate_limiter import RateLimiter
from gateway.http.request import RequestInfo
from gateway.http.request_ids import RequestIds
from gateway.http.request_pipeline import RequestLimits, RequestPipeline
from gateway.http.server import GatewayProtocol
from gateway.http.streaming import Streaming
from tests.http.small_schema import Journal, SmallContext, schema
from tests.prompt_server import PromptServer


@dataclass
class Operations:
    """An observer that keeps what it is told."""

    seen: list[tuple[str, str]] = field(default_factory=list)

    def operation(self, kind: str, code: str, seconds: float) -> None:
        assert seconds >= 0
        self.seen.append((kind, code))


@dataclass
class SmallGateway:
    """The parts of one edge, to be varied and looked at by a test."""

    introspection: bool = True
    #: The only key that is known; None: open to everybody.
    key: str | None = None
    page: GraphiQL | None = None
    limits: RequestLimits = field(
        default_factory=lambda: RequestLimits(body_bytes=1_000_000, cost=10_000, seconds=5)
    )
    rate_limiter: RateLimiter | None = None
    journal: Journal = field(default_factory=Journal)
    observed: Operations = field(default_factory=Operations)
    #: What has been written so far; None: nobody can tell.
    writes: int | None = None
    shedder: LoadShedder | None = None
    #: What every request is refused with, before anything else; None: nothing.
    refuses: GatewayError | None = None

    def __post_init__(self) -> None:
        core = schema._schema  # noqa: SLF001 - Strawberry offers graphql-core's schema no other way
        self.documents = Documents(
            core,
            DocumentLimits(tokens=5_000, depth=15, aliases=50),
            FieldPrices(size=5),
            introspection=self.introspection,
        )
        pipeline = RequestPipeline(
            core, self.documents, self.context, self.limits, rate_limiter=self.rate_limiter
        )
        self.execution = Execution(
            CoreExecutor(core),
            writes=lambda: self.writes,
            introspection=self.introspection,
            shedder=self.shedder,
        )
        self.streaming = Streaming(pipeline, self.execution)
        self.endpoint = GraphQLEndpoint(
            pipeline,
            self.execution,
            events=EventStream(self.streaming, self.limits.body_bytes),
            page=self.page,
            observer=self.observed,
        )

    async def context(self, request: RequestInfo) -> SmallContext:
        if self.refuses is not None:
            raise self.refuses
        if self.key is not None and request.authorization != f"Bearer {self.key}":
            raise Unauthenticated("an API key is required")
        return SmallContext(
            caller="small" if request.authorization else "open",
            fresh=request.fresh,
            request_id=request.request_id,
            journal=self.journal,
            granted=frozenset(request.headers.get("x-scopes", "").split()),
        )

    def forget(self) -> None:
        self.journal.increments = 0
        self.journal.started.clear()
        self.journal.cancelled.clear()
        self.observed.seen.clear()

    @property
    def app(self) -> ASGIApp:
        return RequestIds(self.endpoint)


def without_cost(answer: Any) -> Any:
    """A GraphQL response as it is beside `extensions.cost`, which each has that was executed."""
    body = answer.json() if isinstance(answer, httpx.Response) else answer
    body = {**body, "extensions": {**body.get("extensions", {})}}
    body["extensions"].pop("cost", None)
    if not body["extensions"]:
        del body["extensions"]
    return body


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """Serve an ASGI application on loopback; answers its address."""
    config = uvicorn.Config(
        app, http=GatewayProtocol, host="127.0.0.1", port=0, log_config=None, lifespan="off"
    )
    server = PromptServer(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.stop()
        thread.join()
