"""The composition root: puts the rooms together and gives the application that is served."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from secrets import token_hex
from typing import Final

from fastapi import FastAPI
from graphql import GraphQLSchema
from starlette.types import ASGIApp

from gateway.auth import Viewer, authenticator_for
from gateway.errors import Forbidden
from gateway.executor import CompiledExecutor
from gateway.feed.bell import Bell, bell_for
from gateway.feed.order_feed import OrderFeed
from gateway.http.application import Application
from gateway.http.cors import with_cors
from gateway.http.documents import DocumentLimits, Documents, Operation
from gateway.http.executor import CoreExecutor, Executor, Variables
from gateway.http.graphiql import STATIC, GraphiQL
from gateway.http.graphql import EdgeLimits, GraphQLEndpoint
from gateway.http.health import Liveness, Readiness
from gateway.http.idempotency import Repeats
from gateway.http.metrics import Metrics
from gateway.http.paths import Paths
from gateway.http.persisted import PersistedDocuments, read_trusted
from gateway.http.points import Points
from gateway.http.prices import PRICES
from gateway.http.request import RequestInfo
from gateway.http.request_ids import RequestIds
from gateway.http.web_socket import WebSockets
from gateway.http.webhooks import PREFIX as WEBHOOKS
from gateway.http.webhooks import Webhooks
from gateway.inbox.office import inbox_open
from gateway.inbox.receiver import Receiver
from gateway.inbox.worker import Worker as Rounds
from gateway.outbox.courier import Courier
from gateway.outbox.housekeeping import Housekeeping
from gateway.outbox.worker import Worker
from gateway.parts import Kit
from gateway.platforms.wechat_store.mapping.regions import PROVINCES
from gateway.ports import Adapter, Reading
from gateway.registry import build_adapters
from gateway.services import Resources, Services
from gateway.services.mirroring.follower import MirrorFollower
from gateway.settings import GraphQLSettings, Settings, StoreSettings, UpstreamSettings
from gateway.store.store import Store
from gateway.telemetry import Telemetry
from gateway.upstream.cache import AnswerCache
from gateway.upstream.clock import Clock
from gateway.upstream.dialer import proxy_from
from gateway.upstream.limits import UpstreamLimits
from gateway.upstream.observer import Observer, Silence
from gateway.upstream.shared_store import SharedStore, open_store
from gateway.upstream.token import TokenFetcher, TokenKeeper
from gateway.upstream.transport import UpstreamTransport
from resolvers.context import Context, RequestFacts
from resolvers.readings import hints
from resolvers.schema import executable
from schema.platform import Platform
from schema.scope import Scope

#: Seconds after which changes of orders that may have copies are looked at.
_MIRROR_POLL: Final = 1.0


@dataclass(frozen=True, slots=True)
class Backstage:
    """What one process holds open as long as it serves."""

    store: Store
    shared: SharedStore
    cache: AnswerCache
    adapters: dict[str, Adapter]
    services: Services
    bell: Bell
    courier: Courier


@asynccontextmanager
async def backstage(
    settings: Settings, clock: Clock, observer: Telemetry | None = None
) -> AsyncIterator[Backstage]:
    """Opens the store, the cache and the ways to all platforms; closes them at the end.

    Raises:
        ConfigurationError: an address or a key of the configuration is wrong.
        StoreUnavailable: the store cannot be opened.
    """
    async with AsyncExitStack() as stack:
        store = await Store.open(
            settings.store.url.get_secret_value(),
            encryption_key=settings.store.encryption_key.get_secret_value(),
            clock=clock.wall,
        )
        stack.push_async_callback(store.close)
        shared = open_store(settings.cache.url.get_secret_value(), clock)
        stack.push_async_callback(shared.aclose)
        cache = AnswerCache(clock=clock, store=shared, stale_if_error=settings.cache.stale_if_error)
        stack.push_async_callback(cache.aclose)
        kit = _kit(settings, shared, cache, clock, observer or Silence(), stack)
        adapters = build_adapters(settings.shops, kit, store, clock.wall)
        bell = bell_for(settings.cache.url.get_secret_value())
        stack.push_async_callback(bell.aclose)
        feed = OrderFeed(store.order_changes, bell)
        stack.push_async_callback(feed.aclose)
        courier = _courier(store, adapters, clock, settings.upstream, observer)
        services = Services.over(
            Resources(
                adapters=adapters,
                store=store,
                provinces=PROVINCES,
                courier=courier,
                feed=feed,
                mirrors=settings.mirrors,
                ring=bell.ring,
                now=clock.wall,
            )
        )
        yield Backstage(store, shared, cache, adapters, services, bell, courier)


def _courier(
    store: Store,
    adapters: Mapping[str, Adapter],
    clock: Clock,
    upstream: UpstreamSettings,
    observer: Telemetry | None,
) -> Courier:
    deliveries = {
        shop: adapter.deliveries
        for shop, adapter in adapters.items()
        if adapter.deliveries is not None
    }
    # What was lost is asked for first, then sent again: two calls.
    longest = 2 * (upstream.connect_timeout + upstream.read_timeout)
    return Courier(store, deliveries, clock.wall, clock.between, longest, observer)


@asynccontextmanager
async def delivering(opened: Backstage, kept: StoreSettings) -> AsyncIterator[None]:
    """Delivers what is due and lets go of what is old, in the background of the context."""
    worker = Worker(opened.courier)
    rounds = Housekeeping(
        opened.store, retention_days=kept.retention_days, changes_days=kept.changes_days
    )
    worker.start()
    going_round = asyncio.create_task(rounds.run(), name="housekeeping")
    try:
        yield
    finally:
        going_round.cancel()
        await asyncio.gather(going_round, return_exceptions=True)
        await worker.stop()


@asynccontextmanager
async def mirroring(opened: Backstage, clock: Clock) -> AsyncIterator[None]:
    """Keeps copies of orders in step with them, in the background of the context."""
    sources = [
        key
        for key, adapter in opened.adapters.items()
        if adapter.shop.platform is Platform.WECHAT_STORE
    ]
    keeper = opened.services.mirror_keeper
    follower = MirrorFollower(opened.store, keeper, sources, clock.wall)
    worker = Rounds("mirrors", follower.work, pause=_MIRROR_POLL)
    if sources and any(adapter.order_writes for adapter in opened.adapters.values()):
        worker.start()
    try:
        yield
    finally:
        await worker.stop()
        await follower.stop()


def _kit(
    settings: Settings,
    shared: SharedStore,
    cache: AnswerCache,
    clock: Clock,
    observer: Observer,
    stack: AsyncExitStack,
) -> Kit:
    upstream = settings.upstream
    limits = UpstreamLimits(
        connect_timeout=upstream.connect_timeout,
        read_timeout=upstream.read_timeout,
        max_connections=upstream.max_connections,
        retries=upstream.retries,
        max_response_bytes=upstream.max_response_bytes,
    )
    transport = UpstreamTransport(limits, proxy=proxy_from())
    stack.push_async_callback(transport.aclose)

    def keeper(shop: str, fetcher: TokenFetcher, credentials: str) -> TokenKeeper:
        return TokenKeeper(shop, fetcher, shared, credentials=credentials, clock=clock)

    kit = Kit(
        transport=transport,
        keeper=keeper,
        cache=cache,
        limits=limits,
        lifetimes={
            "products": settings.cache.products_ttl,
            "orders": settings.cache.orders_ttl,
            "catalogue": settings.cache.catalogue_ttl,
        },
        observer=observer,
        clock=clock,
    )
    stack.push_async_callback(kit.aclose)
    return kit


class Gateway:
    """One process of the gateway: opened when the server starts, closed when it stops."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._authenticator = authenticator_for(settings.auth, clock.monotonic)
        self._backstage: Backstage | None = None
        self._doors: Mapping[str, Receiver] = {}
        self._telemetry = Telemetry()
        self.graphiql = _graphiql(settings)
        repeats = Repeats(lambda: self.opened.store, clock, lambda: token_hex(16))
        self.graphql = self._endpoint(repeats)
        self.readiness = Readiness({"store": self._store_ready}, clock.monotonic)
        self.metrics = Metrics(self._telemetry.exposition, self._may_see_figures)

    @asynccontextmanager
    async def lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        """Open what is needed to serve, and close it again."""
        async with backstage(self._settings, self._clock, self._telemetry) as opened:
            self._backstage = opened
            try:
                async with (
                    delivering(opened, self._settings.store),
                    mirroring(opened, self._clock),
                    self._inbox(opened) as self._doors,
                ):
                    yield
            finally:
                self.readiness.stop()
                self._backstage = None
                self._doors = {}

    @property
    def opened(self) -> Backstage:
        """What is open while the gateway serves."""
        if self._backstage is None:
            raise RuntimeError("The gateway is not open")
        return self._backstage

    def door(self, shop: str) -> Receiver | None:
        """Where the shop's platform sends its messages; None where it sends none."""
        return self._doors.get(shop)

    def _inbox(self, opened: Backstage) -> AbstractAsyncContextManager[Mapping[str, Receiver]]:
        return inbox_open(
            self._settings.shops, opened.store, opened.adapters, opened.bell.ring, self._clock
        )

    async def _context(self, request: RequestInfo) -> Context:
        viewer = self._viewer(request)
        deadline = asyncio.get_running_loop().time() + self._settings.limits.timeout
        facts = RequestFacts(
            viewer=viewer,
            request_id=request.request_id,
            reading=Reading(fresh=request.fresh, deadline=deadline),
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
            points=Points(limits.cost_per_minute, self._clock.monotonic),
            page=self.graphiql,
            persisted=_persisted(settings.graphql),
            repeats=repeats,
            observer=self._telemetry,
            writes=self._writes,
        )

    def _writes(self) -> tuple[int, int] | None:
        """What changes with every write; None where other replicas may write."""
        board = self.opened.cache.board
        return (self.opened.store.commits, board.voided) if board.local else None

    async def _store_ready(self) -> None:
        await self.opened.store.ready()

    def _viewer(self, request: RequestInfo) -> Viewer:
        return self._authenticator.authenticate(
            request.authorization, names_loopback=request.names_loopback
        )

    def _may_see_figures(self, request: RequestInfo) -> None:
        viewer = self._viewer(request)
        if Scope.OPS_READ not in viewer.scopes:
            raise Forbidden(f"the figures need the scope {Scope.OPS_READ}")


def _graphiql(settings: Settings) -> GraphiQL | None:
    server = settings.server
    if not server.graphiql:
        return None
    return GraphiQL(key=server.graphiql_key.get_secret_value() if server.graphiql_key else None)


def _executor(settings: Settings, schema: GraphQLSchema) -> Executor:
    core = CoreExecutor(schema)
    if not settings.graphql.compiled:
        return core
    return CompiledExecutor[Operation, Variables](schema, core, hints)


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
    api = FastAPI(
        title="Commerce gateway",
        lifespan=gateway.lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    below: dict[str, ASGIApp] = {WEBHOOKS: Webhooks(gateway.door)}
    if gateway.graphiql is not None:
        below[f"/graphql/{STATIC}/"] = gateway.graphiql.static
    exact: dict[str, ASGIApp] = {
        "/graphql": gateway.graphql,
        "/graphql/stream": gateway.graphql.events,
        "/livez": Liveness(),
        "/readyz": gateway.readiness,
        "/metrics": gateway.metrics,
    }
    origins = settings.server.cors_origins
    sockets = {"/graphql": WebSockets(gateway.graphql.streaming, origins)}
    paths = Paths(exact, below, api, sockets=sockets)
    app = RequestIds(with_cors(paths, origins))
    return Application(app, gateway.graphql.streaming.stop)
