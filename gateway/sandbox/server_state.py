"""Server state: the data of the platforms, the clock and the tokens."""

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.sandbox.tokens import TokenBook, Tokens


@dataclass(frozen=True, slots=True)
class Account:
    """One app on one platform; `seeded`: starts with the sample shop rather than empty.

    `platform` is the name of the platform's part. `issuer` names the token call that takes the
    credentials: several platforms may share one.
    """

    platform: str
    app_id: str
    secret: str
    issuer: str
    seeded: bool = True


@dataclass(slots=True)
class SandboxState:
    """Plain data that goes to JSON and back: all shops by platform and app id, and the tokens.

    `seeded_at` is the unix time in seconds that the sample shop is relative to. A shop's type is
    defined by its platform's part.
    """

    seeded_at: int
    shops: dict[str, dict[str, Any]]
    tokens: TokenBook = field(default_factory=TokenBook)


class SandboxClock:
    """A clock in unix seconds: `base` plus the advanced time."""

    def __init__(self, base: Callable[[], float]) -> None:
        self._base = base
        self._ahead = 0.0

    def now(self) -> float:
        """Unix time in seconds."""
        return self._base() + self._ahead

    def restart(self) -> None:
        """Go back to the base clock's time."""
        self._ahead = 0.0

    def advance(self, seconds: float) -> None:
        """Move the clock ahead by `seconds`."""
        self._ahead += seconds


@dataclass(frozen=True)
class Setting:
    """Start options of the sandbox; clock and randomness are injectable.

    Attributes:
        accounts: the apps that exist; None: those of the parts.
        base_clock: unix time in seconds.
        entropy: returns the given number of random bytes.
        events_to: the URLs that paid orders are pushed to, by the name of the platform's part.
        demo_orders_every: seconds between two demo orders; None: no demo orders.
    """

    accounts: tuple[Account, ...] | None = None
    base_clock: Callable[[], float] = time.time
    entropy: Callable[[int], bytes] = secrets.token_bytes
    events_to: Mapping[str, str] = field(default_factory=dict)
    demo_orders_every: float | None = None


class ServerState:
    """The state of a running sandbox; a reset replaces `state` as a whole."""

    def __init__(
        self,
        accounts: Sequence[Account],
        state: SandboxState,
        base_clock: Callable[[], float],
        entropy: Callable[[int], bytes],
    ) -> None:
        self.accounts = {account.app_id: account for account in accounts}
        self.clock = SandboxClock(base_clock)
        self.entropy = entropy
        self.restore(state)

    def restore(self, state: SandboxState) -> None:
        """Continue from another state."""
        self.state = state
        self.tokens = Tokens(state.tokens, self.clock.now, self.entropy)

    def foreign(self, app_id: str, open_id: str) -> bool:
        """Whether an open id is known only as a buyer of another app."""
        shops = {
            known: shop for by_app in self.state.shops.values() for known, shop in by_app.items()
        }
        if open_id in shops[app_id].buyers:
            return False
        return any(open_id in shop.buyers for shop in shops.values())
