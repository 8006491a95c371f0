"""Numbers of the Weixin Store that no source tells, invented for the sandbox.

Nothing outside the sandbox may depend on them: a test swaps them all. What the reference tells is
in the code that uses it.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Invented:
    """All of it; pass another one to `WeixinStoreSandbox` to swap them."""

    #: More orders than this in the window of a list are too many for it (31042).
    most_orders_in_a_window: int = 5_000
    #: How long an audit takes, and an upload of a draft of many SKUs.
    audit_seconds: int = 60
    upload_seconds: int = 5
    #: Fewer units than this of a SKU are little, of which an event tells.
    little_stock: int = 10
    #: A draft whose title has one of these words fails its audit.
    refused_words: tuple[str, ...] = ("最低价", "违禁")
    #: There is no request of a buyer for another address to accept or to reject.
    no_address_request: int = 606_199
