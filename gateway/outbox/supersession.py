"""Which pushes carry earlier ones along: those that set whole values."""

from collections.abc import Mapping
from typing import Final

_AFTER_SALES: Final = frozenset({"AFTER_SALE_UPDATE", "AFTER_SALE_STATUS"})
_WANTED: Final = frozenset({"WANTED_ITEMS_IMPORT", "WANTED_ITEMS_REMOVE"})

#: Operation → the earlier ones of the same line that need not be sent any more.
SUPERSEDES: Final[Mapping[str, frozenset[str]]] = {
    # It overwrites everything, after-sales too; what was appended goes along.
    "ORDER_IMPORT": frozenset(
        {"ORDER_IMPORT", "ORDER_UPDATE", "ORDER_STATUS", "AFTER_SALE_IMPORT"} | _AFTER_SALES
    ),
    "ORDER_UPDATE": frozenset({"ORDER_UPDATE", "ORDER_STATUS"}),
    "ORDER_STATUS": frozenset({"ORDER_STATUS"}),
    "ORDER_DELETE": frozenset({"ORDER_UPDATE", "ORDER_STATUS"}),
    "AFTER_SALE_UPDATE": _AFTER_SALES,
    # A line of one buyer's list: it is on it, or it is not.
    "WANTED_ITEMS_IMPORT": _WANTED,
    "WANTED_ITEMS_REMOVE": _WANTED,
    "CART_PATH": frozenset({"CART_PATH"}),
}

#: The same, the other way round.
SUPERSEDED_BY: Final[Mapping[str, frozenset[str]]] = {
    earlier: frozenset(later for later, covered in SUPERSEDES.items() if earlier in covered)
    for earlier in frozenset().union(*SUPERSEDES.values())
}

#: The same of pushes that are sent again with the order as it is now: an append is then a whole
#: import, and an update of all after-sales holds those that are still to be appended.
SUPERSEDED_BY_RETRY: Final[Mapping[str, frozenset[str]]] = {
    **SUPERSEDES,
    "AFTER_SALE_IMPORT": SUPERSEDES["ORDER_IMPORT"],
    "AFTER_SALE_UPDATE": _AFTER_SALES | {"AFTER_SALE_IMPORT"},
}
