"""Supersession rules: which pushes make earlier ones of the same line unnecessary."""

from collections.abc import Mapping
from typing import Final

_AFTER_SALES: Final = frozenset({"AFTER_SALE_UPDATE", "AFTER_SALE_STATUS"})
_WANTED: Final = frozenset({"WANTED_ITEMS_IMPORT", "WANTED_ITEMS_REMOVE"})

#: Operation → the earlier ones of the same line that it supersedes.
SUPERSEDES: Final[Mapping[str, frozenset[str]]] = {
    # An import overwrites everything, appended after-sales included.
    "ORDER_IMPORT": frozenset(
        {"ORDER_IMPORT", "ORDER_UPDATE", "ORDER_STATUS", "AFTER_SALE_IMPORT"} | _AFTER_SALES
    ),
    "ORDER_UPDATE": frozenset({"ORDER_UPDATE", "ORDER_STATUS"}),
    "ORDER_STATUS": frozenset({"ORDER_STATUS"}),
    "ORDER_DELETE": frozenset({"ORDER_UPDATE", "ORDER_STATUS"}),
    "AFTER_SALE_UPDATE": _AFTER_SALES,
    # A report holds all parcels, and the platform takes a second one once only.
    "SHIPPING_UPLOAD": frozenset({"SHIPPING_UPLOAD"}),
    # A line of one buyer's list is either on it or not.
    "WANTED_ITEMS_IMPORT": _WANTED,
    "WANTED_ITEMS_REMOVE": _WANTED,
    "CART_PATH": frozenset({"CART_PATH"}),
}

#: Earlier operation → those that supersede it.
SUPERSEDED_BY: Final[Mapping[str, frozenset[str]]] = {
    earlier: frozenset(later for later, superseded in SUPERSEDES.items() if earlier in superseded)
    for earlier in frozenset().union(*SUPERSEDES.values())
}

#: The same for retried pushes, which send the order as it is now: an append is then a whole import,
#: and an update of all after-sales includes those that are still to be appended.
SUPERSEDED_BY_RETRY: Final[Mapping[str, frozenset[str]]] = {
    **SUPERSEDES,
    "AFTER_SALE_IMPORT": SUPERSEDES["ORDER_IMPORT"],
    "AFTER_SALE_UPDATE": _AFTER_SALES | {"AFTER_SALE_IMPORT"},
}
