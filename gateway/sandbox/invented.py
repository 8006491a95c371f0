"""The one table of what no source tells: codes, statuses and choices that the sandbox made up.

Everything here is *invented*. The manuals say that these requests fail, or that these states
exist, and print no value for them; so nothing outside the sandbox may depend on one. A test
swaps them all. Values with a source stand in the code that uses them.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoreCodes:
    """`errcode` values of the WeChat Store's refusals (its manual V1.17 lists none)."""

    bad_request: int = 70001
    product_not_found: int = 70101
    price_not_below_list: int = 70102
    field_frozen: int = 70103
    sku_form: int = 70104
    image_not_uploaded: int = 70105
    delivery_missing: int = 70106
    category_not_found: int = 70107
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
class StoreStatuses:
    """`order_status` values that the manual's list (2, 3, 5, 8) lacks."""

    awaiting_payment: int = 1
    closed: int = 4


@dataclass(frozen=True, slots=True)
class MallChoices:
    """What the shopping list does where its documents are silent."""

    too_many_products_to_sync: int = 9009202  # the code is the want-to-buy list's
    too_many_skus: int = 9009098
    repeated_import: int = -2  # the code of an order imported again; 0: it is overwritten
    good_orders_of_a_bad_call_are_kept: bool = True
    order_to_delete_not_found: int = 9009098
    item_to_delete_not_found: int = 0


@dataclass(frozen=True, slots=True)
class CooperationCodes:
    """`errcode` values of the partner-store order call (its page lists none)."""

    order_not_found: int = 71001
    bad_request: int = 71002


@dataclass(frozen=True, slots=True)
class BaiduChoices:
    """`errno` values of the order centre (its manual lists none), and what its token call does."""

    bad_request: int = 72001
    several_orders: int = 72002
    amount_wrong: int = 72003
    too_many_images: int = 72004
    too_many_attributes: int = 72005
    foreign_app: int = 72006
    open_id_missing: int = 72007
    open_id_foreign: int = 72008
    missing_token: int = 110
    token_error_status: int = 401
    new_token_voids_former: bool = False
    repeated_append_doubles: bool = True


@dataclass(frozen=True, slots=True)
class Invented:
    """All choices together; pass another one to `create_sandbox` to swap them."""

    store: StoreCodes = StoreCodes()
    statuses: StoreStatuses = StoreStatuses()
    mall: MallChoices = MallChoices()
    cooperation: CooperationCodes = CooperationCodes()
    baidu: BaiduChoices = BaiduChoices()
