"""The sandbox's state of a Weixin Store."""

from dataclasses import dataclass, field

from gateway.platforms.weixin_store.sandbox.invented import Invented
from gateway.sandbox.request import Call, Wire
from gateway.sandbox.server_state import Account
from gateway.sandbox.wechat import WECHAT

WEIXIN = Account("weixin_store", "wxweixin00000001", "sandbox-weixin-secret", issuer=WECHAT)


@dataclass(slots=True)
class WeixinStoreShop:
    """One store; the limits of calls are those that every app has by default.

    `admitted`: whether the caller's address is on the store's list.
    """

    status: str = "open_finished"
    admitted: bool = True
    calls_per_minute: int = 10_000
    calls_per_day: int = 500_000
    buyers: set[str] = field(default_factory=set)
    #: In the platform's form, by their ids.
    after_sales: dict[str, Wire] = field(default_factory=dict)
    addresses: dict[str, Wire] = field(default_factory=dict)
    last_after_sale: int = 0
    #: When each after-sale was last decided on, in unix seconds.
    decided_at: dict[str, int] = field(default_factory=dict)
    #: With the whole address: answers have it masked.
    orders: dict[str, Wire] = field(default_factory=dict)
    #: How many orders were placed since the start.
    placed: int = 0


WeixinCall = Call[WeixinStoreShop, Invented]
