"""Issuing and checking access tokens by the lifetimes that the platforms document."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from gateway.concurrency.clock import DAY
from gateway.sandbox.clock import SandboxClock
from gateway.sandbox.state import Token, TokenBook, TokenKind

BEIJING_OFFSET = 8 * 3600


class TokenState(Enum):
    """What a platform finds when it looks at a token."""

    VALID = "valid"
    UNKNOWN = "unknown"
    VOID = "void"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class TokenRules:
    """The documented numbers: seconds, and calls per day or minute."""

    wechat_lifetime: int = 7200
    baidu_lifetime: int = 2_592_000
    overlap: int = 300
    plain_per_day: int = 2000
    stable_per_minute: int = 10_000
    stable_per_day: int = 500_000
    forced_per_day: int = 20
    forced_gap: int = 30


class Tokens:
    """The tokens of all apps; `entropy(n)` gives n random bytes."""

    def __init__(
        self,
        book: TokenBook,
        clock: SandboxClock,
        entropy: Callable[[int], bytes],
        rules: TokenRules,
    ) -> None:
        self.book = book
        self.rules = rules
        self._clock = clock
        self._entropy = entropy

    def issue(self, app_id: str, kind: TokenKind, lifetime: int) -> str:
        """Make a new token of `kind` and remember it as the app's current one."""
        now = self._clock.now()
        self._forget_old(now)
        value = base64.urlsafe_b64encode(self._entropy(102)).decode()
        self.book.tokens[value] = Token(app_id, kind, now + lifetime)
        self.book.current[f"{kind}:{app_id}"] = value
        return value

    def current(self, app_id: str, kind: TokenKind) -> tuple[str, Token] | None:
        """Give the app's newest token of `kind`, while it is valid."""
        value = self.book.current.get(f"{kind}:{app_id}", "")
        return (value, self.book.tokens[value]) if self.check(value) is TokenState.VALID else None

    def replace(self, app_id: str, kind: TokenKind, overlap: float) -> None:
        """Let the app's current token of `kind` live `overlap` seconds longer, and no more."""
        former = self.current(app_id, kind)
        if former is not None:
            former[1].void_at = self._clock.now() + overlap

    def check(self, value: str) -> TokenState:
        """Say how a token stands now."""
        token = self.book.tokens.get(value)
        now = self._clock.now()
        if token is None:
            return TokenState.UNKNOWN
        if token.void_at is not None and now >= token.void_at:
            return TokenState.VOID
        return TokenState.EXPIRED if now >= token.expires_at else TokenState.VALID

    def owner(self, value: str) -> str | None:
        """Give the app id that a token, of whatever state, was issued to."""
        token = self.book.tokens.get(value)
        return token.app_id if token else None

    def expire(self, value: str) -> None:
        """End a token's life now."""
        if token := self.book.tokens.get(value):
            token.expires_at = min(token.expires_at, self._clock.now())

    def remaining(self, token: Token) -> int:
        """Whole seconds that a token still has."""
        return int(token.expires_at - self._clock.now())

    def count_today(self, call: str, app_id: str) -> int:
        """Count one more call of the app on this day, Beijing time, and give the number."""
        return self._count(f"{call}:{app_id}:{int(self._clock.now() + BEIJING_OFFSET) // DAY}")

    def count_this_minute(self, call: str, app_id: str) -> int:
        """Count one more call of the app in this minute and give the number."""
        return self._count(f"{call}:{app_id}:m{int(self._clock.now()) // 60}")

    def _count(self, key: str) -> int:
        number = self.book.calls.get(key, 0) + 1
        self.book.calls[key] = number
        return number

    def _forget_old(self, now: float) -> None:
        over = [v for v, token in self.book.tokens.items() if token.expires_at < now - DAY]
        for value in over:
            del self.book.tokens[value]
