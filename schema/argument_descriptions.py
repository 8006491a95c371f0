"""Descriptions of arguments, by argument name, or by coordinate if they differ."""

from collections.abc import Mapping
from typing import Final

from schema.page_sizes import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE

ARGUMENTS: Final[Mapping[str, str]] = {
    "add": "Products to add to the group.",
    "after": "Return the entries that follow this cursor: an `endCursor`, or an edge's"
    " `cursor`, of the same list.",
    "before": "Return the entries that come before this cursor: a `startCursor`, or an edge's"
    " `cursor`, of the same list.",
    "carrier": "The carrier: its code on the platform, or its `key`.",
    "delta": "The number of units to add, or to remove if negative; not 0.",
    "file": "The image, as a part of a multipart request.",
    "filename": "The file's name; its extension is corrected to match the image format.",
    "filter": "Which entries to return; all if omitted.",
    "first": f"The number of entries to return: 1 to {MAX_PAGE_SIZE}, default {DEFAULT_PAGE_SIZE}.",
    "groupBy": "What to group by; all orders are one group if it is empty.",
    "hidden": "Whether the home page leaves it out; it stays listed.",
    "id": "An `id` from an earlier answer.",
    "ids": "`id`s from earlier answers.",
    "images": "Pictures: the URLs of uploaded images, or the platform's media ids.",
    "input": "The input of the mutation.",
    "items": "The lines to remove, at least one, by product and SKU.",
    "key": "The shop's key in the configuration.",
    "kind": "Whether goods are shipped; required by Baidu.",
    "last": (
        f"The number of entries before `before`, or at the end of the list: 1 to {MAX_PAGE_SIZE},"
        f" default {DEFAULT_PAGE_SIZE}."
    ),
    "links": "Pairs of open ids, each pair of one buyer; at least one.",
    "name": "The new name.",
    "openId": "The buyer's open id in this shop's app.",
    "openIds": "Open ids of buyers in the shop whose orders are copied; at least one.",
    "paidAt": "When the order was paid, if the source platform does not report it.",
    "parent": "Return the children of this category; the root categories if omitted.",
    "partnerAppId": "The app id of the store that sold it.",
    "path": "The page's path, such as `/pages/cart`.",
    "pinned": "Whether it stands at the top of the home page.",
    "platform": "Only shops on this platform.",
    "platformId": "The platform's own id.",
    "price": "The new price of one unit.",
    "position": "Its place on the home page, counted from 1.",
    "remove": "Products to remove from the group.",
    "reverse": "The other way round: the lowest or the oldest first.",
    "shop": "A shop's key; see `shops`.",
    "shops": "Only these shops, by key; all if omitted.",
    "since": (
        "The cursor of the last change received. Changes since then are sent first, so"
        " that a client that reconnects misses none."
    ),
    "sortKey": "What to sort by.",
    "status": "Whether to list or to unlist them.",
    "text": "What the platform, and the buyer, are told.",
    "title": "The order's title, required by Baidu; the first product's title if omitted.",
    "trackingNumber": "The parcel's tracking number.",
    "toShop": "The key of the shop that receives the copies.",
}

#: By `Type.field.argument`, where the name alone says too little.
OF_ONE_FIELD: Final[Mapping[str, str]] = {
    "Mutation.orderCenterPathSet.path": (
        "The page's path. It must hold `${商品订单号}`, which WeChat fills with the merchant's own"
        " number of the payment."
    ),
    "Mutation.bulkImport.file": "The file, as the last part of a multipart request.",
    "Mutation.bulkImport.kind": "ORDERS_IMPORT or SHIPMENTS_IMPORT.",
    "Mutation.bulkImport.shop": "The key of the shop that all lines are for; see `shops`.",
    "Mutation.afterSaleSetStatus.input": "The after-sales, each with its new status.",
    "Mutation.bulkExport.afterSales": "Which after-sales, of an AFTER_SALES_EXPORT.",
    "Mutation.bulkExport.kind": "What to export: a kind that ends in `_EXPORT`.",
    "Mutation.bulkExport.orders": "Which orders, of an ORDERS_EXPORT or a CHANGES_EXPORT.",
    "Mutation.bulkExport.products": "Which products, of a PRODUCTS_EXPORT.",
    "Mutation.bulkExport.selection": (
        "A selection set on the type of the objects (Order, AfterSale, Product, OrderChange), such"
        " as `{ id status }`; without fragments of a name and variables."
    ),
    "Mutation.buyerLinksImport.shop": "The key of the shop whose orders are copied.",
    "Mutation.buyerLinksRemove.shop": "The key of the shop whose orders are copied.",
    "Mutation.orderAnswerAddressRequest.accept": "Whether the order gets the buyer's new address.",
    "Mutation.orderMirrorEnd.id": "The `id` of the copy.",
    "Mutation.orderSetNote.note": "The note, which replaces the one that it has.",
    "Query.buyerLinks.shop": "The key of the shop whose orders are copied.",
    "Mutation.orderMirror.openId": (
        "The buyer's open id in the other shop's app; may be omitted if the buyer is linked."
    ),
    "Mutation.orderSetStatus.input": "The orders, each with its new status.",
    "Mutation.ordersImport.input": "The orders, each with its own outcome.",
    "Query.orderChanges.since": (
        "The `endCursor` of the last page, or the cursor of a change received; begins now if"
        " omitted."
    ),
}
