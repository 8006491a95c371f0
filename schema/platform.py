"""The platforms, and what each can do."""

from enum import Enum

from schema.declare import means, public_enum


@public_enum
class Platform(Enum):
    """Where a shop lives."""

    WECHAT_STORE = means(
        "WECHAT_STORE",
        "微信小店: products, shelves and orders, read and changed at the platform itself.",
    )
    MINI_PROGRAM = means(
        "MINI_PROGRAM",
        "A 微信小程序: its shopping list 购物单, which only takes data in, and its partner"
        " stores' orders.",
    )
    BAIDU = means("BAIDU", "The order centre 订单中心 of a 百度智能小程序; it only takes data in.")


@public_enum
class Capability(Enum):
    """What a shop's platform lets the gateway do.

    Asking for anything else is the user error UNSUPPORTED_BY_PLATFORM.
    """

    READ_PRODUCTS = means("READ_PRODUCTS", "Products and SKUs can be asked for.")
    WRITE_PRODUCTS = means(
        "WRITE_PRODUCTS",
        "`productCreate`, `productUpdate`, `productDelete`, `productSetStatus`.",
    )
    ADJUST_STOCK = means("ADJUST_STOCK", "`skuAdjustStock`.")
    READ_SHELVES = means("READ_SHELVES", "Shelves can be asked for.")
    WRITE_SHELVES = means("WRITE_SHELVES", "`shelfCreate`, `shelfUpdate`, `shelfDelete`.")
    READ_GROUPS = means("READ_GROUPS", "Groups of products can be asked for.")
    WRITE_GROUPS = means(
        "WRITE_GROUPS",
        "`productGroupCreate`, `productGroupRename`, `productGroupChangeProducts`,"
        " `productGroupDelete`.",
    )
    READ_DELIVERY_TEMPLATES = means(
        "READ_DELIVERY_TEMPLATES",
        "Delivery templates can be asked for.",
    )
    WRITE_DELIVERY_TEMPLATES = means(
        "WRITE_DELIVERY_TEMPLATES",
        "`deliveryTemplateCreate`, `deliveryTemplateUpdate`, `deliveryTemplateDelete`.",
    )
    READ_ORDERS = means(
        "READ_ORDERS",
        "Orders can be asked for: of the platform, or of what the gateway keeps of them.",
    )
    SHIP_ORDERS = means("SHIP_ORDERS", "`orderShip`.")
    CLOSE_ORDERS = means("CLOSE_ORDERS", "`orderClose`.")
    IMPORT_ORDERS = means(
        "IMPORT_ORDERS",
        "`orderImport`, `ordersImport`, `orderUpdate`, `orderSetStatus`, and copies by"
        " `orderMirror`.",
    )
    DELETE_ORDERS = means("DELETE_ORDERS", "`orderDelete`.")
    READ_PARTNER_ORDERS = means("READ_PARTNER_ORDERS", "`partnerOrder`.")
    IMPORT_AFTER_SALES = means(
        "IMPORT_AFTER_SALES",
        "`afterSaleImport`, `afterSaleUpdate`, `afterSaleSetStatus`.",
    )
    WRITE_SHOPPING_LIST = means(
        "WRITE_SHOPPING_LIST",
        "`wantedItemsImport`, `wantedItemsRemove`, `wantedItemsClear`, `shoppingCartPathSet`.",
    )
    SYNC_PRODUCTS = means("SYNC_PRODUCTS", "`productsSync`.")
    RECEIVE_ORDER_EVENTS = means(
        "RECEIVE_ORDER_EVENTS",
        "The platform's events are taken in: an `event_token` is configured.",
    )
    UPLOAD_IMAGES = means("UPLOAD_IMAGES", "`imageUpload`.")


@public_enum
class Availability(Enum):
    """Whether a shop's platform answers, as seen from the process that is asked."""

    UP = means("UP", "It answers.")
    DEGRADED = means("DEGRADED", "The last call failed; fewer than five in a row did.")
    DOWN = means("DOWN", "Five calls in a row failed, or the credentials were refused.")
    UNKNOWN = means("UNKNOWN", "It was not called yet.")
