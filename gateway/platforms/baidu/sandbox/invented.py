"""Codes and behaviour of Baidu that no source documents, invented for the sandbox.

The manual says that these requests fail but gives no values, so nothing outside the sandbox may
depend on them; a test swaps them all. Documented values are in the code that uses them.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Invented:
    """`errno` values of the order centre (undocumented), and the behaviour of its token call."""

    bad_request: int = 72001
    several_orders: int = 72002
    amount_wrong: int = 72003
    too_many_images: int = 72004
    too_many_attributes: int = 72005
    foreign_app: int = 72006
    open_id_missing: int = 72007
    open_id_foreign: int = 72008
    two_buyer_ids: int = 72009
    missing_token: int = 110
    token_error_status: int = 401
    new_token_voids_former: bool = False
    repeated_append_doubles: bool = True
