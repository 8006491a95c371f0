"""Composition root: creates the application that is served."""

import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from secrets import token_hex

from fastapi import FastAPI
from graphql import GraphQLSchema

from gateway.audit import UNKNOWN_ACTOR, AuditLog, Origin
from gateway.auth import Viewer, authenticator_for
from gateway.auth.key_ring import KeyRing
from gateway.auth.key_uses import KeyUses
from gateway.auth.refused_keys import RefusedKeys
from gateway.bulk.export_selections import ExportSelections
from gateway.bulk.reception import BulkReception
from gateway.concurrency.clock import Clock
from gateway.concurrency.time_slice import TimeSlice
from gateway.errors import Forbidden, RateLimited, Unauthenticated
from gateway.executor import Bounds, CompiledExecutor
from gateway.http.answer_audit import AnswerAudit
from gateway.http.api import create_api
from gateway.http.application import Application
from gateway.http.bulk_results import BulkDownloads, add_bulk_routes
from gateway.http.documents import DocumentLimits, Documents, Operation
from gateway.http.event_stream import EventStream
from gateway.http.execution import Execution
from gateway.http.executor import CoreExecutor, Executor, Variables
from gateway.http.field_prices import FIELD_PRICES
from gateway.http.graphiql import GraphiQL
from gateway.http.graphql import GraphQLEndpoint
from gateway.http.health import Readiness, add_health_routes
from gateway.http.idempotency import IdempotentMutations
from gateway.http.load_shedding import LoadShedder
from gateway.http.local_callers import LocalCallers
from gateway.http.metrics import add_metrics_routes
from gateway.http.operation_log import OperationLog
from gateway.http.persisted import PersistedDocuments, read_trusted
from gateway.http.rate_limiter import RateLimiter
from gateway.http.rate_limiter_sync import rate_limiter_synced
from gateway.http.request import RequestInfo
from gateway.http.request_pipeline import RequestLimits, RequestPipeline
from gateway.http.streaming import Streaming
from gateway.http.web_socket import WebSockets
from gateway.http.webhooks import Webhooks, add_webhook_routes
from gateway.inbox.webhook_receiver import Receiver
from gateway.logs import redact_also, set_level
from gateway.ports import ReadOptions
from gateway.registry import platform_of
from gateway.runtime import RuntimeResources, background_tasks, open_resources
from gateway.runtime.reload import Reload, ReloadTargets
from gateway.runtime.token_issuer import TokenIssuer
from gateway.services.fan_out import LIST_SHARE
from gateway.settings import GraphQLSettings, Settings, ShopSettings
from gateway.telemetry import Telemetry
from gateway.tracing import Tracer, TracingConfiguration, tracing_of
from gateway.webhooks.bodies import Topic
from resolvers.context import Context, RequestFacts
from resolvers.schema import executable, hints
from schema.scope import Scope


class Gateway:
    """One process of the gateway: opened when the server starts, closed when it stops."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        auth = settings.auth
        self._keys = None if auth.mode == "open" else KeyRing(auth.keys_file, clock.monotonic)
        self._key_uses = KeyUses(clock.wall)
        self._issuer = TokenIssuer(settings, clock) if auth.mode == "jwt" else None
        self._authenticator = authenticator_for(
            self._keys,
            self._key_uses,
            None if self._issuer is None else self._issuer.verifier,
            clock.wall,
        )
        self._resources: RuntimeResources | None = None
        self._receivers: Mapping[str, Receiver] = {}
        self._telemetry = Telemetry()
        #: None: nothing is traced.
        self.tracing = tracing_of(settings.telemetry.otlp_endpoint, os.environ)
        self._tracer: Tracer | None = None
        self._audit = (
            AuditLog(lambda: self.opened.store, clock.wall) if settings.audit.enabled else None
        )
        self._refused_keys = RefusedKeys(clock.monotonic)
        self._rate_limiter = RateLimiter(settings.limits.cost_per_minute, clock.monotonic)
        self._is_local = LocalCallers(possible=settings.server.public_on_loopback)
        self.graphiql = _graphiql(settings, self._is_local)
        schema = executable()
        self._selections = export_selections(settings, schema)
        pipeline = self._pipeline(schema)
        execution = self._execution(pipeline.schema)
        log = OperationLog(
            settings.log.sample, settings.log.slow_ms / 1_000, lambda: clock.between(0.0, 1.0)
        )
        self.streaming = Streaming(pipeline, execution, self._telemetry, log)
        self.events = EventStream(self.streaming, pipeline.limits.body_bytes)
        self.graphql = GraphQLEndpoint(
            pipeline,
            execution,
            events=self.events,
            page=self.graphiql,
            observer=self._telemetry,
            log=log,
            uploads=BulkReception(
                pipeline.schema, lambda: self.opened.services, lambda: self.opened.store
            ),
        )
        self._readiness = Readiness({"store": self._store_ready}, clock.monotonic)
        self._webhooks = Webhooks(self._receiver, self._telemetry.message)

    @asynccontextmanager
    async def lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        """Open the resources, and close them at the end."""
        url = self._settings.cache.url.get_secret_value()
        async with (
            _opened_tracer(self.tracing) as tracer,
            open_resources(
                self._settings,
                self._clock,
                self._telemetry,
                api_keys=list if self._keys is None else self._keys.records,
                selections=self._selections,
                tracer=tracer,
            ) as opened,
        ):
            self._resources, self._tracer = opened, tracer
            self._telemetry.expect(
                opened.adapters,
                [key for key, one in opened.adapters.items() if one.messages is not None],
            )
            self._telemetry.expect_webhooks(Topic)
            try:
                async with (
                    rate_limiter_synced(self._rate_limiter, url, supervision=opened.supervision),
                    self._issuer.refreshing(opened.supervision) if self._issuer else nullcontext(),
                    background_tasks(
                        opened,
                        self._settings,
                        self._telemetry,
                        self._audit,
                        self._key_uses,
                        self._selections,
                    ) as self._receivers,
                ):
                    yield
            finally:
                self._readiness.stop()
                self._tracer = None
                self._resources = None
                self._receivers = {}

    def api(self) -> FastAPI:
        """The routes that are not GraphQL."""
        api = create_api(self.lifespan)
        add_health_routes(api, self._readiness)
        add_metrics_routes(
            api,
            self._telemetry.exposition,
            self._may_see_metrics,
            self._is_local,
            self._measure_readiness,
        )
        add_webhook_routes(api, self._webhooks)
        add_bulk_routes(
            api,
            BulkDownloads(self._viewer, lambda: self.opened.services.bulk_results, self._audit),
        )
        if self.graphiql is not None:
            api.mount("/graphql/static", self.graphiql.static)
        return api

    def renew(self, shop: ShopSettings) -> bool:
        """Use other secrets of a shop from now on; False: that needs a restart."""
        platform, receiver = platform_of(shop), self._receiver(shop.key)
        messages, opened = platform.messages(shop), self._resources
        if opened is None or platform.tokens is None or (messages is None) != (receiver is None):
            return False
        opened.clients.renew(shop.key, platform.tokens(shop))
        if receiver is not None and messages is not None:
            receiver.read_with(messages)
        return True

    def reload_keys(self) -> None:
        """Read the file of API keys now."""
        if self._keys is not None:
            self._keys.reload()

    @property
    def tracer(self) -> Tracer | None:
        """The open tracer; None while the process does not serve, or if nothing is traced."""
        return self._tracer

    @property
    def opened(self) -> RuntimeResources:
        """The open resources."""
        if self._resources is None:
            raise RuntimeError("The gateway is not open")
        return self._resources

    def _receiver(self, shop: str) -> Receiver | None:
        return self._receivers.get(shop)

    async def _context(self, request: RequestInfo) -> Context:
        viewer = await self._viewer(request)
        began, seconds = self._clock.monotonic(), self._settings.limits.timeout
        facts = RequestFacts(
            viewer=viewer,
            request_id=request.request_id,
            reading=ReadOptions(
                fresh=request.fresh,
                deadline=began + seconds,
                list_deadline=began + seconds * LIST_SHARE,
            ),
            peer=request.client,
        )
        return Context(self.opened.services, facts, self._audit)

    def _pipeline(self, schema: GraphQLSchema) -> RequestPipeline:
        settings, limits = self._settings, self._settings.limits
        documents = Documents(
            schema,
            _document_limits(settings),
            FIELD_PRICES,
            introspection=settings.server.introspection,
        )
        return RequestPipeline(
            schema,
            documents,
            self._context,
            RequestLimits(
                body_bytes=limits.max_body_bytes,
                upload_bytes=limits.max_upload_bytes,
                bulk_bytes=limits.max_bulk_bytes,
                cost=limits.max_cost,
                seconds=limits.timeout,
            ),
            rate_limiter=self._rate_limiter,
            persisted=_persisted(settings.graphql),
        )

    def _execution(self, schema: GraphQLSchema) -> Execution:
        audit = AnswerAudit(self._audit) if self._audit is not None else None
        return Execution(
            _executor(self._settings, schema),
            writes=lambda: self.opened.writes,
            idempotency=IdempotentMutations(
                schema, lambda: self.opened.store, self._clock, lambda: token_hex(16), audit
            ),
            audit=audit,
            introspection=self._settings.server.introspection,
            shedder=LoadShedder(congested=lambda: self.opened.store.is_congested),
        )

    async def _store_ready(self) -> None:
        await self.opened.store.ready()

    async def _viewer(self, request: RequestInfo) -> Viewer:
        try:
            return await self._authenticator.authenticate(
                request.authorization, local=self._is_local(request), peer=request.client
            )
        except Unauthenticated:
            if request.authorization is not None:
                self._count_refused(request)
            raise

    def _count_refused(self, request: RequestInfo) -> None:
        """Counts a refused key; raises RateLimited if the client has sent too many of them."""
        seconds = self._refused_keys.count(request.client)
        self._telemetry.key_refused("refused" if seconds is None else "throttled")
        if seconds is not None:
            raise RateLimited("Too many API keys of this client were refused", retry_after=seconds)
        if self._audit is not None:
            origin = Origin(UNKNOWN_ACTOR, request.request_id, request.client)
            self._audit.note(origin, "authenticate", outcome=Unauthenticated.code)

    async def _measure_readiness(self) -> None:
        report = await self._readiness.report()
        self._telemetry.readiness(
            self._readiness.checks, report.failed or (), ready=report.status == "ready"
        )

    async def _may_see_metrics(self, request: RequestInfo) -> None:
        viewer = await self._viewer(request)
        if Scope.OPS_READ not in viewer.scopes:
            if self._audit is not None:
                origin = Origin(viewer.name, request.request_id, request.client)
                self._audit.note(origin, "metrics", outcome=Forbidden.code)
            raise Forbidden(f"the metrics require the scope {Scope.OPS_READ}")


def _opened_tracer(
    tracing: TracingConfiguration | None,
) -> AbstractAsyncContextManager[Tracer | None]:
    if tracing is None:
        return nullcontext()
    # OpenTelemetry is not loaded where it is off.
    from gateway.tracing.export import open_tracing  # noqa: PLC0415

    return open_tracing(tracing)


def _graphiql(settings: Settings, is_local: LocalCallers) -> GraphiQL | None:
    server = settings.server
    if not server.graphiql:
        return None
    key = server.graphiql_key.get_secret_value() if server.graphiql_key else None
    return GraphiQL(is_local, key=key)


def _document_limits(settings: Settings) -> DocumentLimits:
    limits = settings.limits
    return DocumentLimits(
        tokens=limits.max_tokens, depth=limits.max_depth, aliases=limits.max_aliases
    )


def export_selections(settings: Settings, schema: GraphQLSchema) -> ExportSelections:
    """What checks the selections of exports."""
    return ExportSelections(
        schema,
        _document_limits(settings),
        FIELD_PRICES,
        cost=settings.limits.max_cost,
        introspection=settings.server.introspection,
    )


def _executor(settings: Settings, schema: GraphQLSchema) -> Executor:
    slices = TimeSlice()
    core = CoreExecutor(schema, slices)
    if not settings.graphql.compiled:
        return core
    bounds = Bounds(lasting_inputs=True)
    return CompiledExecutor[Operation, Variables](schema, core, hints, bounds, slices)


def _persisted(settings: GraphQLSettings) -> PersistedDocuments:
    trusted = settings.trusted_documents
    return PersistedDocuments(
        read_trusted(trusted) if trusted is not None else None, only_trusted=settings.only_trusted
    )


def create_app(
    settings: Settings,
    clock: Clock | None = None,
    load: Callable[[], Settings] | None = None,
) -> Application:
    """The application that a server runs; `load` reads the configuration again.

    Raises:
        ConfigurationError: the configuration is invalid.
    """
    gateway = Gateway(settings, clock or Clock())
    origins = settings.server.cors_origins
    sockets = WebSockets(gateway.streaming, [*origins, settings.server.origin])
    application = Application(
        {"/graphql": gateway.graphql, "/graphql/stream": gateway.events},
        {"/graphql": sockets},
        gateway.api(),
        origins=origins,
        stop=gateway.streaming.stop,
        tracer=None if gateway.tracing is None else lambda: gateway.tracer,
    )

    def admit(allowed: Sequence[str]) -> None:
        application.allow(allowed)
        sockets.allow([*allowed, settings.server.origin])

    if load is not None:
        targets = ReloadTargets(
            log_level=set_level,
            origins=admit,
            secrets=redact_also,
            shop=gateway.renew,
            api_keys=gateway.reload_keys,
        )
        application.reload = Reload(settings, load, targets).now
    return application
