"""One request to a platform, after its token and its JSON were accepted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from gateway.sandbox.fields import Fields
from gateway.sandbox.invented import Invented
from gateway.sandbox.state import BaiduShop, MiniShop, StoreShop

ShopT = TypeVar("ShopT", StoreShop, MiniShop, BaiduShop)


@dataclass(frozen=True, slots=True)
class Call(Generic[ShopT]):
    """What a handler is given; `now` in unix seconds, `raw` the body as it came.

    `foreign(open_id)` says whether an open id is known as another app's buyer.
    """

    shop: ShopT
    app_id: str
    body: Fields
    query: Mapping[str, str]
    raw: bytes
    now: int
    invented: Invented
    entropy: Callable[[int], bytes]
    foreign: Callable[[str], bool]


StoreCall = Call[StoreShop]
MiniCall = Call[MiniShop]
BaiduCall = Call[BaiduShop]
