"""Codes and behaviour of the Mini Program that no source documents, invented for the sandbox.

The pages say that these requests fail but give no values, so nothing outside the sandbox may
depend on them; a test swaps them all. Documented values are in the code that uses them.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ShoppingListChoices:
    """Undocumented behaviour of the shopping list."""

    too_many_products_to_sync: int = 9009202  # the code is the want-to-buy list's
    too_many_skus: int = 9009098
    repeated_import: int = -2  # the code of an order imported again; 0: it is overwritten
    good_orders_of_a_bad_call_are_kept: bool = True
    order_to_delete_not_found: int = 9009098
    item_to_delete_not_found: int = 0


@dataclass(frozen=True, slots=True)
class PartnerOrderCodes:
    """`errcode` values of the partner-store order call (undocumented)."""

    order_not_found: int = 71001
    bad_request: int = 71002


@dataclass(frozen=True, slots=True)
class ShippingChoices:
    """Undocumented behaviour of the shipping management."""

    bad_request: int = 71003


@dataclass(frozen=True, slots=True)
class Invented:
    """All tables; pass another one to `MiniProgramSandbox` to swap them."""

    shopping_list: ShoppingListChoices = ShoppingListChoices()
    partner_orders: PartnerOrderCodes = PartnerOrderCodes()
    shipping: ShippingChoices = ShippingChoices()
