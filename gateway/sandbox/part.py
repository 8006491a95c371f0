"""What a platform adds to the sandbox: its part, in the package `sandbox` of its folder."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType, TracebackType
from typing import Any, Generic, Protocol, Self, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from gateway.sandbox.request import Call, Fields, Wire
from gateway.sandbox.sample_shop import DEFAULT_SEED, SampleShop, sample_shop
from gateway.sandbox.server_state import Account, SandboxState, ServerState

ShopT = TypeVar("ShopT")
InventedT = TypeVar("InventedT")

#: Hears of a paid order: the app id of its shop, and the order in the platform's form.
Paid = Callable[[str, Wire], Awaitable[None]]


class BadAdminCallError(ValueError):
    """An admin call that cannot be understood; answered with 400."""


class NotInTheSandboxError(LookupError):
    """What an admin call names does not exist, or is sold out; answered with 404."""


@dataclass(frozen=True, slots=True)
class AdminRoute:
    """An admin call below `/_sandbox/`; `call` is given the request and its JSON object."""

    method: str
    path: str
    call: Callable[[Request, dict[str, Any]], Awaitable[Any]]


class EventSender(Protocol):
    """Pushes paid orders as the platform does, in the background, while its context lasts."""

    async def __aenter__(self) -> Self:
        """Get ready to send."""

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


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request as it came, its body read, and the state that it meets."""

    request: Request
    raw: bytes
    server: ServerState

    @property
    def access_token(self) -> str:
        """The token of the query string, "" where there is none."""
        return self.request.query_params.get("access_token", "")


class Service(ABC):
    """Endpoints below some path prefixes; `name` is how a fault asks for them."""

    name: str
    prefixes: tuple[str, ...]

    @abstractmethod
    async def serve(self, incoming: Incoming) -> Response:
        """Answer one request as the platform would, refusals included."""

    @abstractmethod
    def refusal(self, kind: str, code: int) -> Wire:
        """Give the body of a refusal with `code`, as the fault kind errcode or errno asks for."""


class SandboxPart(Service, Generic[ShopT, InventedT]):
    """One platform: its accounts, its shops, how it answers, and what its buyers do.

    Attributes:
        name: the platform's name, which its accounts and the state file have for it.
        accounts: the apps that exist unless a setting names others.
        shop_type: what is remembered of one app, a dataclass with its known `buyers`.
        invented: the values that no source tells; pass another table to swap them.
        shared: services that other parts may bring as well, such as a common token call.
        event_settings: what a shop of the gateway needs in order to read pushed events.
    """

    accounts: tuple[Account, ...]
    shop_type: type[ShopT]
    invented: InventedT
    shared: tuple[Service, ...] = ()
    event_settings: Mapping[str, str] = MappingProxyType({})

    @abstractmethod
    def seeded_shop(self, sample: SampleShop, account: Account) -> ShopT:
        """Give an account's shop as it starts: the sample shop in the platform's form."""

    def admin_routes(self, _server: ServerState, _paid: Paid) -> Sequence[AdminRoute]:
        """Give the platform's own admin calls; they report each order that is paid."""
        return ()

    def demo_orders(self, _server: ServerState) -> Sequence[tuple[str, Wire]]:
        """Let a buyer pay an order in each shop; give the app id and the order of each."""
        return ()

    def event_sender(self, _url: str) -> EventSender | None:
        """Give what pushes paid orders to a URL; None where the platform pushes none."""
        return None

    def shops(self, server: ServerState) -> dict[str, ShopT]:
        """Give the platform's shops by app id."""
        return server.state.shops[self.name]

    def call(self, incoming: Incoming, app_id: str, body: Fields) -> Call[ShopT, InventedT]:
        """Put together what the function of an endpoint is given."""
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


def services_of(parts: Parts) -> list[Service]:
    """Give the services of all parts, each shared one once."""
    shared = {service.name: service for part in parts for service in part.shared}
    return [*parts, *shared.values()]


def service_of(services: Sequence[Service], path: str) -> Service | None:
    """Give the service of a path, the first one with its prefix; None: nobody serves it."""
    return next((known for known in services if path.startswith(known.prefixes)), None)


def accounts_of(parts: Parts) -> tuple[Account, ...]:
    """Give the accounts that the parts bring."""
    return tuple(account for part in parts for account in part.accounts)


def seeded_state(
    parts: Parts, accounts: Sequence[Account], now: int, rng_seed: int = DEFAULT_SEED
) -> SandboxState:
    """Give a fresh state: each seeded account starts with the sample shop, the others empty."""
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
