"""The sandbox's Baidu state: the orders of each app's order centre."""

from dataclasses import dataclass, field

from gateway.platforms.baidu.sandbox.invented import Invented
from gateway.sandbox.request import Call, Wire
from gateway.sandbox.server_state import Account

SWAN = Account("baidu", "a392qXwK8L5GDUWhFoC01cKwoy7tmehg", "sandbox-swan-secret", issuer="baidu")


@dataclass(slots=True)
class BaiduOrder:
    """An order of the order centre; `main` is the record without its after-sales."""

    open_id: str
    main: Wire
    subs: Wire | None = None
    query: dict[str, str] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)


@dataclass(slots=True)
class BaiduShop:
    """One smart mini program's order centre."""

    orders: dict[str, BaiduOrder] = field(default_factory=dict)
    buyers: set[str] = field(default_factory=set)


BaiduCall = Call[BaiduShop, Invented]
