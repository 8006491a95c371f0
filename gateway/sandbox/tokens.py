"""Issuing and checking access tokens by the lifetimes that the platforms document."""

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from gateway.concurrency.clock import DAY

BEIJING_OFFSET = 8 * 3600


@dataclass(slots=True)
class Token:
    """One access token; times in unix seconds, `void_at` set when a newer one replaced it."""

    app_id: str
    kind: str
    expires_at: float
    void_at: float | None = None


@dataclass(slots=True)
class TokenBook:
    """All issued tokens, the current one of each kind and app, and the call counts."""

    tokens: dict[str, Token] = field(default_factory=dict)
    current: dict[str, str] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)
    forced_at: dict[str, float] = field(default_factory=dict)


class TokenState(Enum):
    """Result of a token check."""

    VALID = "valid"
    UNKNOWN = "unknown"
    VOID = "void"
    EXPIRED = "expired"


class Tokens:
    """The tokens of all apps; `now` in unix seconds, `entropy(n)` returns n random bytes."""

    def __init__(
        self, book: TokenBook, now: Callable[[], float], entropy: Callable[[int], bytes]
    ) -> None:
        self.book = book
        self._now = now
        self._entropy = entropy

    def issue(self, app_id: str, kind: str, lifetime: int) -> str:
        """Issue a token of `kind` as the app's current one."""
        now = self._now()
        self._forget_old(now)
        value = base64.urlsafe_b64encode(self._entropy(102)).decode()
        self.book.tokens[value] = Token(app_id, kind, now + lifetime)
        self.book.current[f"{kind}:{app_id}"] = value
        return value

    def current(self, app_id: str, kind: str) -> tuple[str, Token] | None:
        """Return the app's newest token of `kind`, while it is valid."""
        value = self.book.current.get(f"{kind}:{app_id}", "")
        return (value, self.book.tokens[value]) if self.check(value) is TokenState.VALID else None

    def replace(self, app_id: str, kind: str, overlap: float) -> None:
        """Expire the app's current token of `kind` after `overlap` seconds."""
        former = self.current(app_id, kind)
        if former is not None:
            former[1].void_at = self._now() + overlap

    def check(self, value: str) -> TokenState:
        """Check a token."""
        token = self.book.tokens.get(value)
        now = self._now()
        if token is None:
            return TokenState.UNKNOWN
        if token.void_at is not None and now >= token.void_at:
            return TokenState.VOID
        return TokenState.EXPIRED if now >= token.expires_at else TokenState.VALID

    def owner(self, value: str) -> str | None:
        """Return the app id that a token was issued to, whatever its state."""
        token = self.book.tokens.get(value)
        return token.app_id if token else None

    def expire(self, value: str) -> None:
        """Expire a token now."""
        if token := self.book.tokens.get(value):
            token.expires_at = min(token.expires_at, self._now())

    def remaining(self, token: Token) -> int:
        """Whole seconds until a token expires."""
        return int(token.expires_at - self._now())

    def count_today(self, call: str, app_id: str) -> int:
        """Count a call of the app today, Beijing time, and return the total."""
        return self._count(f"{call}:{app_id}:{int(self._now() + BEIJING_OFFSET) // DAY}")

    def count_this_minute(self, call: str, app_id: str) -> int:
        """Count a call of the app in this minute and return the total."""
        return self._count(f"{call}:{app_id}:m{int(self._now()) // 60}")

    def _count(self, key: str) -> int:
        number = self.book.calls.get(key, 0) + 1
        self.book.calls[key] = number
        return number

    def _forget_old(self, now: float) -> None:
        over = [v for v, token in self.book.tokens.items() if token.expires_at < now - DAY]
        for value in over:
            del self.book.tokens[value]
