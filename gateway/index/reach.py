"""Kinds of progress of the index, and what an index reaches that has everything."""

from typing import Final

#: Of orders, and of the after-sales that come with them.
ORDERS: Final = ("orders", "after_sales")
PRODUCTS: Final = "products"
#: Of the orders of partner stores, which those of `ORDERS` take in.
PARTNER_ORDERS: Final = "partner_orders"
#: Everything that there is: nothing was created before it, in unix seconds.
EVERYTHING: Final = 0
