"""The platforms, and what each can do."""

from enum import Enum

from schema.declare import public_enum


@public_enum
class Platform(Enum):
    """Where a shop lives.

    WECHAT_STORE is 微信小店, MINI_PROGRAM a 小程序 with its shopping list 购物单 and its partner
    stores' orders, BAIDU the order centre of a 百度智能小程序.
    """

    WECHAT_STORE = "WECHAT_STORE"
    MINI_PROGRAM = "MINI_PROGRAM"
    BAIDU = "BAIDU"


@public_enum
class Capability(Enum):
    """What a shop's platform lets the gateway do.

    Asking for anything else is the user error UNSUPPORTED_BY_PLATFORM.
    """

    READ_PRODUCTS = "READ_PRODUCTS"
    WRITE_PRODUCTS = "WRITE_PRODUCTS"
    ADJUST_STOCK = "ADJUST_STOCK"
    READ_SHELVES = "READ_SHELVES"
    WRITE_SHELVES = "WRITE_SHELVES"
    READ_GROUPS = "READ_GROUPS"
    WRITE_GROUPS = "WRITE_GROUPS"
    READ_DELIVERY_TEMPLATES = "READ_DELIVERY_TEMPLATES"
    WRITE_DELIVERY_TEMPLATES = "WRITE_DELIVERY_TEMPLATES"
    READ_ORDERS = "READ_ORDERS"
    SHIP_ORDERS = "SHIP_ORDERS"
    CLOSE_ORDERS = "CLOSE_ORDERS"
    IMPORT_ORDERS = "IMPORT_ORDERS"
    DELETE_ORDERS = "DELETE_ORDERS"
    READ_PARTNER_ORDERS = "READ_PARTNER_ORDERS"
    IMPORT_AFTER_SALES = "IMPORT_AFTER_SALES"
    WRITE_SHOPPING_LIST = "WRITE_SHOPPING_LIST"
    SYNC_PRODUCTS = "SYNC_PRODUCTS"
    RECEIVE_ORDER_EVENTS = "RECEIVE_ORDER_EVENTS"
    UPLOAD_IMAGES = "UPLOAD_IMAGES"


@public_enum
class Availability(Enum):
    """UP: it answers.

    DEGRADED: some calls failed lately. DOWN: none gets through. UNKNOWN: it was not called yet.
    """

    UP = "UP"
    DEGRADED = "DEGRADED"
    DOWN = "DOWN"
    UNKNOWN = "UNKNOWN"
