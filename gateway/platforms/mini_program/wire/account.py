"""The Mini Program's account: order centre page, trade management (weixin-store.md 9.2, 9.3)."""

from gateway.platforms.mini_program.wire.base import Read, Written


class SetDetailPath(Written, frozen=True, kw_only=True):
    """The page that the order centre opens for an order."""

    path: str


class GetDetailPath(Written, frozen=True, kw_only=True):
    """Asks for that page; the body is an empty object."""


class DetailPath(Read, frozen=True, kw_only=True):
    """The page; empty where none was set."""

    path: str | None


class IsTradeManaged(Written, frozen=True, kw_only=True):
    """Asks of the app itself."""

    appid: str


class TradeManaged(Read, frozen=True, kw_only=True):
    """Whether money stays frozen until shipping is reported."""

    is_trade_managed: bool
