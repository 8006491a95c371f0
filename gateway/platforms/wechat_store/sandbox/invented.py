"""Codes and statuses of the WeChat Store that no source documents, invented for the sandbox.

The manual says that these requests fail, or that these states exist, but gives no values, so
nothing outside the sandbox may depend on them; a test swaps them all. Documented values are in
the code that uses them.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Codes:
    """`errcode` values of the WeChat Store's refusals (its manual V1.17 lists none)."""

    bad_request: int = 70001
    product_not_found: int = 70101
    price_not_below_list: int = 70102
    field_frozen: int = 70103
    sku_form: int = 70104
    image_not_uploaded: int = 70105
    delivery_missing: int = 70106
    category_not_found: int = 70107
    property_not_found: int = 70108
    sku_not_found: int = 70201
    stock_short: int = 70202
    template_not_found: int = 70301
    valuation_unsupported: int = 70302
    group_not_found: int = 70401
    shelf_not_found: int = 70501
    widget_limit: int = 70502
    widget_alone: int = 70503
    banner_with_cover: int = 70504
    order_not_found: int = 70601
    order_not_shippable: int = 70602
    order_not_closable: int = 70603
    carrier_unknown: int = 70604
    parcel_incomplete: int = 70605
    image_empty: int = 70701
    image_type: int = 70702


@dataclass(frozen=True, slots=True)
class Statuses:
    """`order_status` values that the manual's list (2, 3, 5, 8) lacks."""

    awaiting_payment: int = 1
    closed: int = 4


@dataclass(frozen=True, slots=True)
class Invented:
    """All of it; pass another one to `WechatStoreSandbox` to swap them."""

    codes: Codes = Codes()
    statuses: Statuses = Statuses()
    #: Whether setdelivery replaces the parcel of a shipped order.
    corrects_parcels: bool = True
    #: Whether setdelivery is taken in a status that the manual's list lacks.
    ships_unlisted: bool = False
