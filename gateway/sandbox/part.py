"""Interface of a platform's part of the sandbox, the package `sandbox` of its folder."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from types import MappingProxyType, TracebackType
from typing import Any, Generic, Protocol, Self, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from gateway.sandbox.request import Call, Fields, Wire
from gateway.sandbox.sample_shop import DEFAULT_SEED, SampleShop, sample_shop
from gateway.sandbox.server_state import Account, SandboxState, ServerState

ShopT = TypeVar("ShopT")
InventedT = TypeVar("InventedT")

#: Called for a paid order, with the app id of its shop and the order in the platform's form.
Paid = Callable[[str, Wire], Awaitable[None]]


class BadAdminCallError(ValueError):
    """A malformed call of a control route; answered with 400."""


class NotInTheSandboxError(LookupError):
    """The object of a control route does not exist, or is sold out; answered with 404."""


@dataclass(frozen=True, slots=True)
class AdminRoute:
    """A control route below `/_sandbox/`; `call` takes the request and its JSON object."""

    method: str
    path: str
    call: Callable[[Request, dict[str, Any]], Awaitable[Any]]


class EventSender(Protocol):
    """Pushes events as the platform does, in the background, while its context lasts."""

    async def __aenter__(self) -> Self:
        """Start sending."""

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> None:
        """Stop sending."""

    async def paid(self, app_id: str, order: Wire) -> None:
        """Push the event of a paid order."""

    async def push(self, app_id: str, message: str) -> None:
        """Push an event, in the platform's form."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request, its body, and the state of the server."""

    request: Request
    raw: bytes
    server: ServerState

    @property
    def access_token(self) -> str:
        """The token of the query string, "" if there is none."""
        return self.request.query_params.get("access_token", "")


class Service(ABC):
    """Endpoints below some path prefixes; `name` is their name in faults."""

    name: str
    prefixes: tuple[str, ...]

    @abstractmethod
    async def serve(self, incoming: Incoming) -> Response:
        """Answer one request as the platform would, refusals included."""

    @abstractmethod
    def refusal(self, kind: str, code: int) -> Wire:
        """Return the body of a refusal with `code`, for the faults errcode and errno."""


class SandboxPart(Service, Generic[ShopT, InventedT]):
    """One platform: its accounts, shops, responses and buyers.

    Attributes:
        name: the platform's name, used in its accounts and the state file.
        accounts: the apps that exist unless a setting names others.
        shop_type: the state of one app, a dataclass with its known `buyers`.
        invented: the undocumented values; pass another table to swap them.
        shared: services that other parts may also provide, such as a common token call.
        event_settings: what a shop of the gateway needs to read pushed events.
    """

    accounts: tuple[Account, ...]
    shop_type: type[ShopT]
    invented: InventedT
    shared: tuple[Service, ...] = ()
    event_settings: Mapping[str, str] = MappingProxyType({})

    @abstractmethod
    def seeded_shop(self, sample: SampleShop, account: Account) -> ShopT:
        """Return the initial shop of an account: the sample shop in the platform's form."""

    def admin_routes(self, _server: ServerState, _paid: Paid) -> Sequence[AdminRoute]:
        """Return the platform's own control routes; they report each order that is paid."""
        return ()

    def demo_orders(self, _server: ServerState) -> Sequence[tuple[str, Wire]]:
        """Place a paid order in each shop; return the app id and the order of each."""
        return ()

    def event_sender(self, _url: str) -> EventSender | None:
        """Return the sender of events to a URL; None: the platform sends none."""
        return None

    def pending_events(self, _server: ServerState) -> Sequence[tuple[str, str]]:
        """Return, and forget, the events still to be pushed: their app ids and messages."""
        return ()

    def shops(self, server: ServerState) -> dict[str, ShopT]:
        """Return the platform's shops by app id."""
        return server.state.shops[self.name]

    def call(self, incoming: Incoming, app_id: str, body: Fields) -> Call[ShopT, InventedT]:
        """Create the argument of an endpoint's function."""
        server = incoming.server
        return Call(
            shop=self.shops(server)[app_id],
            app_id=app_id,
            body=body,
            query=incoming.request.query_params,
            raw=incoming.raw,
            now=int(server.clock.now()),
            invented=self.invented,
            entropy=server.entropy,
            foreign=lambda open_id: server.foreign(app_id, open_id),
        )


#: The parts of a sandbox, each with shops and a table of its own.
Parts = Sequence[SandboxPart[Any, Any]]


@dataclass(frozen=True, slots=True)
class StatusChange:
    """An order's new status, in the store of an app (None: the first one)."""

    status: int
    app_id: str | None = None


def account_of(shops: Mapping[str, ShopT], app_id: str | None, platform: str) -> tuple[str, ShopT]:
    """The account that an admin call is about, and its shop; None: the first one.

    Raises:
        BadAdminCallError: the platform has no such account.
    """
    found = app_id or next(iter(shops), "")
    if found not in shops:
        raise BadAdminCallError(f"no {platform} has the app id {found!r}")
    return found, shops[found]


def services_of(parts: Parts) -> list[Service]:
    """Return the services of all parts, shared ones only once."""
    shared = {service.name: service for part in parts for service in part.shared}
    return [*parts, *shared.values()]


def service_of(services: Sequence[Service], path: str) -> Service | None:
    """Return the service with the longest prefix of the path; None: there is none."""
    found = [
        (len(prefix), known)
        for known in services
        for prefix in known.prefixes
        if path.startswith(prefix)
    ]
    return max(found, key=itemgetter(0))[1] if found else None


def accounts_of(parts: Parts) -> tuple[Account, ...]:
    """Return the accounts of the parts."""
    return tuple(account for part in parts for account in part.accounts)


def seeded_state(
    parts: Parts, accounts: Sequence[Account], now: int, rng_seed: int = DEFAULT_SEED
) -> SandboxState:
    """Return a fresh state: each seeded account starts with the sample shop, the others empty."""
    sample = sample_shop(now, rng_seed)
    shops = {
        part.name: {
            account.app_id: part.seeded_shop(sample, account)
            if account.seeded
            else part.shop_type()
            for account in accounts
            if account.platform == part.name
        }
        for part in parts
    }
    return SandboxState(seeded_at=now, shops=shops)


class FreshStates:
    """States with the sample shop; the last is kept encoded: suites reset to it again and again."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._made: tuple[object, ...] = ()
        self._shops: dict[tuple[str, str], bytes] = {}

    def fresh(self, accounts: Sequence[Account], now: int, rng_seed: int) -> SandboxState:
        """Return `seeded_state` of these arguments."""
        made = (now, rng_seed, *accounts)
        if made != self._made:
            state = seeded_state(self._parts, accounts, now, rng_seed)
            self._made = made
            self._shops = {
                (platform, app_id): msgspec.json.encode(shop)
                for platform, shops in state.shops.items()
                for app_id, shop in shops.items()
            }
        shops: dict[str, dict[str, Any]] = {part.name: {} for part in self._parts}
        types = {part.name: part.shop_type for part in self._parts}
        for (platform, app_id), text in self._shops.items():
            shops[platform][app_id] = msgspec.json.decode(text, type=types[platform])
        return SandboxState(seeded_at=now, shops=shops)
