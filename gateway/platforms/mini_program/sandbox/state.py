"""The sandbox's Mini Program state: its shopping list and partner orders."""

from dataclasses import dataclass, field

from gateway.platforms.mini_program.sandbox.invented import Invented
from gateway.sandbox.request import Call, Wire
from gateway.sandbox.sample_shop import SampleBuyer
from gateway.sandbox.server_state import Account
from gateway.sandbox.wechat import WECHAT

MINI = Account("mini_program", "wxmini0000000001", "sandbox-mini-secret", issuer=WECHAT)


@dataclass(slots=True)
class ShoppingListOrder:
    """An order of the shopping list in its current state, and the calls that changed it."""

    open_id: str
    document: Wire
    history: bool = False
    calls: list[str] = field(default_factory=list)


@dataclass(slots=True)
class PartnerOrder:
    """An order of a store that the Mini Program is a cooperation account of."""

    shop_appid: str
    event_time: int
    order: Wire


@dataclass(slots=True)
class Payment:
    """A payment of WeChat Pay, as the shipping management tells it; it is reported again once."""

    document: Wire
    is_reported: bool = False
    is_reported_again: bool = False


@dataclass(slots=True)
class MiniProgramShop:
    """One Mini Program; `wanted` holds the want-to-buy list of each open id."""

    orders: dict[str, ShoppingListOrder] = field(default_factory=dict)
    deleted_orders: list[str] = field(default_factory=list)
    wanted: dict[str, list[Wire]] = field(default_factory=dict)
    products: dict[str, Wire] = field(default_factory=dict)
    cart_path: str | None = None
    partner_orders: dict[str, PartnerOrder] = field(default_factory=dict)
    #: The page that the order centre opens.
    order_page: str = ""
    #: By transaction id.
    payments: dict[str, Payment] = field(default_factory=dict)
    buyers: set[str] = field(default_factory=set)
    #: Events still to be pushed, oldest first.
    events: list[Wire] = field(default_factory=list)


MiniProgramCall = Call[MiniProgramShop, Invented]


def open_id(buyer: SampleBuyer) -> str:
    """Return the open id of a sample buyer in the Mini Program."""
    return buyer.open_id("mini", "oMn5x4")
