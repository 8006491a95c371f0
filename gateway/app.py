"""The composition root: puts the rooms together and gives the application that is served."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from secrets import token_hex

from fastapi import FastAPI
from graphql import GraphQLSchema

from gateway.auth import Viewer, authenticator_for
from gateway.concurrency.clock import Clock
from gateway.errors import Forbidden
from gateway.executor import Bounds, CompiledExecutor
from gateway.http.api import create_api
from gateway.http.application import Application
from gateway.http.documents import DocumentLimits, Documents, Operation
from gateway.http.executor import CoreExecutor, Executor, Variables
from gateway.http.graphiql import GraphiQL
from gateway.http.graphql import EdgeLimits, GraphQLEndpoint
from gateway.http.health import Readiness, health_routes
from gateway.http.idempotency import Repeats
from gateway.http.metrics import metrics_routes
from gateway.http.persisted import PersistedDocuments, read_trusted
from gateway.http.prices import PRICES
from gateway.http.rate_limiter import RateLimiter
from gateway.http.rate_limiter_sync import rate_limiter_synced
from gateway.http.request import RequestInfo
from gateway.http.web_socket import WebSockets
from gateway.http.webhooks import Webhooks, webhook_routes
from gateway.inbox.webhook_receiver import Receiver
from gateway.ports import ReadOptions
from gateway.runtime import RuntimeResources, background_tasks, open_resources
from gateway.settings import GraphQLSettings, Settings
from gateway.telemetry import Telemetry
from resolvers.context import Context, RequestFacts
from resolvers.schema import executable, hints
from schema.scope import Scope


class Gateway:
    """One process of the gateway: opened when the server starts, closed when it stops."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._authenticator = authenticator_for(settings.auth, clock.monotonic)
        self._resources: RuntimeResources | None = None
        self._receivers: Mapping[str, Receiver] = {}
        self._telemetry = Telemetry()
        self._points = RateLimiter(settings.limits.cost_per_minute, clock.monotonic)
        self.graphiql = _graphiql(settings)
        repeats = Repeats(lambda: self.opened.store, clock, lambda: token_hex(16))
        self.graphql = self._endpoint(repeats)
        self.graphql.streaming.observe(self._telemetry)
        self._readiness = Readiness({"store": self._store_ready}, clock.monotonic)
        self._webhooks = Webhooks(self._receiver, self._telemetry.message)

    @asynccontextmanager
    async def lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        """Open what is needed to serve, and close it again."""
        async with open_resources(self._settings, self._clock, self._telemetry) as opened:
            self._resources = opened
            try:
                async with (
                    rate_limiter_synced(self._points, self._settings.cache.url.get_secret_value()),
                    background_tasks(
                        opened, self._settings, self._clock, self._telemetry
                    ) as self._receivers,
                ):
                    yield
            finally:
                self._readiness.stop()
                self._resources = None
                self._receivers = {}

    def api(self) -> FastAPI:
        """The routes that are not GraphQL."""
        routers = [
            health_routes(self._readiness),
            metrics_routes(self._telemetry.exposition, self._may_see_metrics),
            webhook_routes(self._webhooks),
        ]
        api = create_api(routers, self.lifespan)
        if self.graphiql is not None:
            api.mount("/graphql/static", self.graphiql.static)
        return api

    @property
    def opened(self) -> RuntimeResources:
        """What is open while the gateway serves."""
        if self._resources is None:
            raise RuntimeError("The gateway is not open")
        return self._resources

    def _receiver(self, shop: str) -> Receiver | None:
        return self._receivers.get(shop)

    async def _context(self, request: RequestInfo) -> Context:
        viewer = self._viewer(request)
        deadline = self._clock.monotonic() + self._settings.limits.timeout
        facts = RequestFacts(
            viewer=viewer,
            request_id=request.request_id,
            reading=ReadOptions(fresh=request.fresh, deadline=deadline),
        )
        return Context(self.opened.services, facts)

    def _endpoint(self, repeats: Repeats) -> GraphQLEndpoint:
        settings, limits = self._settings, self._settings.limits
        schema = executable()
        documents = Documents(
            schema,
            DocumentLimits(
                tokens=limits.max_tokens, depth=limits.max_depth, aliases=limits.max_aliases
            ),
            PRICES,
            introspection=settings.server.introspection,
        )
        return GraphQLEndpoint(
            schema,
            documents,
            _executor(settings, schema),
            self._context,
            EdgeLimits(
                body_bytes=limits.max_body_bytes,
                upload_bytes=limits.max_upload_bytes,
                cost=limits.max_cost,
                seconds=limits.timeout,
            ),
            points=self._points,
            page=self.graphiql,
            persisted=_persisted(settings.graphql),
            repeats=repeats,
            observer=self._telemetry,
            writes=lambda: self.opened.writes,
        )

    async def _store_ready(self) -> None:
        await self.opened.store.ready()

    def _viewer(self, request: RequestInfo) -> Viewer:
        return self._authenticator.authenticate(
            request.authorization, names_loopback=request.names_loopback
        )

    def _may_see_metrics(self, request: RequestInfo) -> None:
        viewer = self._viewer(request)
        if Scope.OPS_READ not in viewer.scopes:
            raise Forbidden(f"the metrics need the scope {Scope.OPS_READ}")


def _graphiql(settings: Settings) -> GraphiQL | None:
    server = settings.server
    if not server.graphiql:
        return None
    return GraphiQL(key=server.graphiql_key.get_secret_value() if server.graphiql_key else None)


def _executor(settings: Settings, schema: GraphQLSchema) -> Executor:
    core = CoreExecutor(schema)
    if not settings.graphql.compiled:
        return core
    bounds = Bounds(lasting_inputs=True)
    return CompiledExecutor[Operation, Variables](schema, core, hints, bounds)


def _persisted(settings: GraphQLSettings) -> PersistedDocuments:
    trusted = settings.trusted_documents
    return PersistedDocuments(
        read_trusted(trusted) if trusted is not None else None, only_trusted=settings.only_trusted
    )


def create_app(settings: Settings, clock: Clock | None = None) -> Application:
    """The application that a server runs.

    Raises:
        ConfigurationError: the configuration asks for something that cannot be.
    """
    gateway = Gateway(settings, clock or Clock())
    origins = settings.server.cors_origins
    endpoint = gateway.graphql
    sockets = WebSockets(endpoint.streaming, [*origins, settings.server.origin])
    return Application(
        {"/graphql": endpoint, "/graphql/stream": endpoint.events},
        {"/graphql": sockets},
        gateway.api(),
        origins=origins,
        stop=endpoint.streaming.stop,
    )
