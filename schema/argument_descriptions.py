"""What the public schema says of arguments, by their names; some differ from field to field."""

from collections.abc import Mapping
from typing import Final

ARGUMENTS: Final[Mapping[str, str]] = {
    "add": "Products to put into it.",
    "after": "Where to go on: an `endCursor` or an edge's `cursor` of the same list.",
    "delta": "How many units more, or fewer where it is negative; not 0.",
    "file": "The picture, as a part of a multipart request.",
    "filename": "What the file is called; its ending is corrected to the kind of picture.",
    "filter": "Which of them; all where left out.",
    "first": "How many entries: 1 to 100, 20 where left out.",
    "id": "An `id` of an earlier answer.",
    "ids": "Up to 100 `id`s of earlier answers.",
    "input": "What is to be done.",
    "items": "Which lines, 1 to 500, by product and SKU.",
    "key": "The key that the configuration gives it.",
    "kind": "Baidu wants it: whether goods are sent.",
    "links": "1 to 500 pairs of open ids, each of one buyer.",
    "name": "What it shall be called.",
    "openId": "The buyer's open id in this shop's app.",
    "paidAt": "When it was paid, where the platform of the source does not tell.",
    "parent": "The category whose children are wanted; the roots where left out.",
    "partnerAppId": "The app id of the store that sold it.",
    "path": "The page, as in `/pages/cart`.",
    "platform": "Those on this platform only.",
    "platformId": "The platform's own id.",
    "remove": "Products to take out of it.",
    "shop": "A shop's key; see `shops`.",
    "shops": "Keys of shops; all where left out.",
    "since": (
        "The cursor of the last change seen: what happened meanwhile comes first, so that a reader"
        " who reconnects misses nothing."
    ),
    "status": "On the shelf, or off it.",
    "title": "Baidu wants it: what the order is called; its first product's title where left out.",
    "toShop": "The key of the shop that takes the copies.",
}

#: By `Type.field.argument`, where the name alone says too little.
OF_ONE_FIELD: Final[Mapping[str, str]] = {
    "Mutation.afterSaleSetStatus.input": "Up to 500 after-sales, and where each stands now.",
    "Mutation.buyerLinksImport.shop": "The key of the shop whose orders are copied.",
    "Mutation.orderMirror.openId": (
        "The buyer's open id in the other shop's app; may be left out where the buyer is linked."
    ),
    "Mutation.orderSetStatus.input": "Up to 500 orders, and where each stands now.",
    "Mutation.ordersImport.input": "Up to 500 orders, each with its own outcome.",
}
