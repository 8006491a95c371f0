"""Platforms and their capabilities."""

from enum import Enum

from schema.declare import means, public_enum


@public_enum
class Platform(Enum):
    """A platform."""

    WEIXIN_STORE = means(
        "WEIXIN_STORE",
        "Today's 微信小店 (api.weixin.qq.com/channels/ec and /shop/ec), a store with an account of"
        " its own.",
    )
    WECHAT_STORE = means(
        "WECHAT_STORE",
        "The classic WeChat Store of official accounts (api.weixin.qq.com/merchant):"
        " its products, shelves and orders are read and changed on the platform itself.",
    )
    MINI_PROGRAM = means(
        "MINI_PROGRAM",
        "A WeChat Mini Program (微信小程序): its shopping list (购物单), which only receives"
        " data, and the orders of its partner stores.",
    )
    BAIDU = means(
        "BAIDU",
        "The order centre (订单中心) of a Baidu smart mini program (百度智能小程序), which only"
        " receives data.",
    )


@public_enum
class Capability(Enum):
    """A capability of a shop's platform.

    Using one that the shop does not have is the user error UNSUPPORTED_BY_PLATFORM.
    """

    READ_PRODUCTS = means("READ_PRODUCTS", "Products and SKUs can be read.")
    WRITE_PRODUCTS = means(
        "WRITE_PRODUCTS",
        "`productCreate`, `productUpdate`, `productDelete`, `productSetStatus`.",
    )
    ADJUST_STOCK = means("ADJUST_STOCK", "`skuAdjustStock`, `skusSetStock`.")
    READ_SHELVES = means("READ_SHELVES", "Shelves can be read.")
    WRITE_SHELVES = means("WRITE_SHELVES", "`shelfCreate`, `shelfUpdate`, `shelfDelete`.")
    READ_GROUPS = means("READ_GROUPS", "Product groups can be read.")
    WRITE_GROUPS = means(
        "WRITE_GROUPS",
        "`productGroupCreate`, `productGroupRename`, `productGroupChangeProducts`,"
        " `productGroupDelete`.",
    )
    READ_DELIVERY_TEMPLATES = means(
        "READ_DELIVERY_TEMPLATES",
        "Delivery templates can be read.",
    )
    WRITE_DELIVERY_TEMPLATES = means(
        "WRITE_DELIVERY_TEMPLATES",
        "`deliveryTemplateCreate`, `deliveryTemplateUpdate`, `deliveryTemplateDelete`.",
    )
    READ_ORDERS = means(
        "READ_ORDERS",
        "Orders can be read, from the platform or from the gateway's own store.",
    )
    SHIP_ORDERS = means("SHIP_ORDERS", "`orderShip`, `ordersShip`.")
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
    READ_AFTER_SALES = means(
        "READ_AFTER_SALES",
        "After-sales can be read, from the platform, from the status of its orders, or from the"
        " gateway's own store.",
    )
    DECIDE_AFTER_SALES = means(
        "DECIDE_AFTER_SALES",
        "`afterSaleAccept`, `afterSaleReject`, `afterSaleNegotiate`, `afterSaleAddCertificates`,"
        " `afterSaleShipExchange`, `rejectReasons`, `returnAddresses`.",
    )
    WRITE_SHOPPING_LIST = means(
        "WRITE_SHOPPING_LIST",
        "`wantedItemsImport`, `wantedItemsRemove`, `wantedItemsClear`, `shoppingCartPathSet`.",
    )
    SYNC_PRODUCTS = means("SYNC_PRODUCTS", "`productsSync`.")
    RECEIVE_ORDER_EVENTS = means(
        "RECEIVE_ORDER_EVENTS",
        "The gateway receives the platform's events: an `event_token` is configured.",
    )
    UPLOAD_IMAGES = means("UPLOAD_IMAGES", "`imageUpload`.")
    REPRICE_ORDERS = means("REPRICE_ORDERS", "`orderReprice`.")
    ANNOTATE_ORDERS = means("ANNOTATE_ORDERS", "`orderSetNote`.")
    REVEAL_ADDRESSES = means(
        "REVEAL_ADDRESSES",
        "`orderRevealAddress`: orders have masked addresses, and the platform gives the whole ones"
        " when it is asked.",
    )
    ANSWER_ADDRESS_REQUESTS = means(
        "ANSWER_ADDRESS_REQUESTS",
        "`orderAnswerAddressRequest`: a buyer who asks for another address waits for an answer.",
    )
    AUDIT_PRODUCTS = means(
        "AUDIT_PRODUCTS",
        "The platform audits products before they are listed: `productWithdraw`.",
    )
    SET_PRICES = means("SET_PRICES", "`skuSetPrice`.")


@public_enum
class Availability(Enum):
    """Whether a shop's platform answers, as seen by the gateway process that answers."""

    UP = means("UP", "The last call succeeded.")
    DEGRADED = means("DEGRADED", "The last calls failed, but fewer than five in a row.")
    DOWN = means("DOWN", "Five calls in a row failed, or the credentials were refused.")
    UNKNOWN = means("UNKNOWN", "The platform has not been called yet.")
