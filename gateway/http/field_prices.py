"""Price list: the cost of fields, in points, and the assumed sizes of lists."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from graphql import GraphQLNamedType

from gateway.http.input_size import POINT
from schema.page_sizes import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE

#: The interface of objects with an id.
_NODE: Final = "Node"
#: A field that may need its own call to a platform.
_CALL: Final = 10
#: Sums of the index, which may read many of its rows.
_SUMS: Final = 50
#: A relation that a loader batches for the whole request.
_LOADED: Final = 0.5
#: A level of the category tree, which the gateway keeps for a day.
_LEVEL: Final = 2
#: One of many entries that a mutation writes to the ledger, to be sent with the others.
_WRITTEN: Final = 2
#: An export: its selection is parsed and validated, and it works in the background.
_EXPORT: Final = 100
#: Introspection of the whole schema: as much work as a large list.
_SCHEMA: Final = 500


@dataclass(frozen=True, slots=True)
class FieldPrices:
    """The price list of a schema; every key is `Type.field`.

    Prices are in points. A leaf costs nothing, an object with an id one point, any other object
    `value_object`; a list costs its objects. `extra` is added each time the field is resolved,
    `mutation` for a mutation that is not listed there. A list has `first` entries if it has that
    argument, `page` if it is omitted; any other list has `sizes` entries, or where that is not
    listed as many as it last had, or else `size`. A field in `counted_by` is resolved once for each
    element of that argument, or of a list within it, such as `input.items`.
    """

    extra: Mapping[str, float] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    counted_by: Mapping[str, str] = field(default_factory=dict)
    page: int = DEFAULT_PAGE_SIZE
    max_page: int = MAX_PAGE_SIZE
    size: int = DEFAULT_PAGE_SIZE
    mutation: float = 0
    value_object: float = 1

    def extra_of(self, place: str, *, mutates: bool = False) -> int:
        """What the field costs besides its objects, in thousandths of a point."""
        return round(self.extra.get(place, self.mutation if mutates else 0) * POINT)

    def of_object(self, kind: GraphQLNamedType) -> int:
        """What an object of this type costs, in thousandths of a point."""
        interfaces = getattr(kind, "interfaces", ())
        if kind.name == _NODE or any(one.name == _NODE for one in interfaces):
            return POINT
        return round(self.value_object * POINT)


#: The price list of the gateway's own schema.
FIELD_PRICES: Final = FieldPrices(
    extra={
        "Query.__schema": _SCHEMA,
        "Query.__type": _SCHEMA // 10,
        "Product.counterparts": _LOADED,
        "Sku.counterparts": _LOADED,
        "Query.node": _CALL,
        "Query.nodes": _CALL,
        "Query.product": _CALL,
        "Query.products": _CALL,
        "Query.productByPlatformId": _CALL,
        "Query.sku": _CALL,
        "Query.categories": _CALL,
        "Query.productGroups": _CALL,
        "Query.shelf": _CALL,
        "Query.shelves": _CALL,
        "Query.deliveryTemplates": _CALL,
        "Query.carriers": _CALL,
        "Query.order": _CALL,
        "Query.orderByPlatformId": _CALL,
        "Query.orders": _CALL,
        "Query.orderStats": _SUMS,
        "Query.orderChanges": _CALL,
        "Query.partnerOrder": _CALL,
        "Query.afterSale": _CALL,
        "Query.afterSales": _CALL,
        "Query.rejectReasons": _CALL,
        "Query.returnAddresses": _CALL,
        "Query.wantedItems": _CALL,
        "Query.pushes": _CALL,
        "Query.auditEvents": _CALL,
        "Query.apiKeys": _CALL,
        "Query.buyerLinks": _CALL,
        "Query.bulkOperation": 1,
        "Query.bulkOperations": _CALL,
        "Query.webhookEndpoints": _CALL,
        "Mutation.afterSaleImport": _WRITTEN,
        "Mutation.afterSaleSetStatus": _WRITTEN,
        "Mutation.bulkCancel": 1,
        "Mutation.bulkExport": _EXPORT,
        "Mutation.buyerLinksImport": _WRITTEN,
        "Mutation.buyerLinksRemove": _WRITTEN,
        "Mutation.orderSetStatus": _WRITTEN,
        "Mutation.ordersImport": _WRITTEN,
        "Mutation.productsSync": _WRITTEN,
        "Mutation.pushDiscard": 1,
        "Mutation.webhookDeliveryRetry": 1,
        "Mutation.webhookEndpointDelete": 1,
        "Mutation.webhookEndpointRotateSecret": 1,
        "Mutation.wantedItemsImport": _WRITTEN,
        "Mutation.wantedItemsRemove": _WRITTEN,
        "OrderChange.order": _CALL,
        "Shop.products": _CALL,
        "Shop.orders": _CALL,
        "Shop.shelves": _CALL,
        "Category.children": _LEVEL,
        "Category.skuAttributes": _CALL,
        "Category.properties": _CALL,
        "ProductGroup.products": _CALL,
        "Order.afterSales": _LOADED,
        "Order.metadata": _LOADED,
        "Order.copies": _LOADED,
        "Order.mirrorOf": _LOADED,
        "Order.deliveries": _LOADED,
        "Order.pushes": _LOADED,
        "OrderItem.code": _LOADED,
        "OrderItem.product": _LOADED,
        "OrderItem.sku": _LOADED,
        "AfterSale.order": _LOADED,
        "AfterSaleItem.product": _LOADED,
        "Product.metadata": _LOADED,
        "Sku.product": _LOADED,
        "WantedItem.code": _LOADED,
        "WantedItem.product": _LOADED,
        "WantedItem.sku": _LOADED,
        "WechatStoreProductDetails.blocks": _LOADED,
        "WechatStoreProductDetails.categories": _LOADED,
        "WechatStoreProductDetails.groups": _LOADED,
        "ProductDelivery.template": _LOADED,
        "ShelfGroup.group": _LOADED,
        "ShelfProductList.products": _CALL,
        "WebhookEndpoint.deliveries": _LOADED,
    },
    sizes={
        # As many as there are shops, rather than as a page has entries.
        "Product.counterparts": 4,
        "Sku.counterparts": 4,
        # One for each element of the input that counts the field.
        "AfterSalesPayload.afterSales": 1,
        "AfterSalesPayload.pushes": 1,
        "AfterSalesPayload.userErrors": 1,
        "AfterSalesPayload.warnings": 1,
        "BuyerLinksPayload.released": 1,
        "BuyerLinksPayload.userErrors": 1,
        # A shop has few others that its orders are copied into.
        "Order.copies": 3,
        "OrdersPayload.orders": 1,
        "OrdersPayload.pushes": 1,
        "OrdersPayload.userErrors": 1,
        "OrdersPayload.warnings": 1,
        "ProductsPayload.products": 1,
        "ProductsPayload.pushes": 1,
        "ProductsPayload.userErrors": 1,
        "ProductsPayload.warnings": 1,
        "SkusPayload.skus": 1,
        "SkusPayload.userErrors": 1,
        "SkusPayload.warnings": 1,
        "WantedItemsPayload.pushes": 1,
        "WantedItemsPayload.userErrors": 1,
        "WantedItemsPayload.wantedItems": 1,
        "WantedItemsPayload.warnings": 1,
        "WebhookEndpoint.shops": 4,
        "WebhookEndpoint.topics": 6,
    },
    counted_by={
        "Query.nodes": "ids",
        "Mutation.afterSaleImport": "input.afterSales",
        "Mutation.afterSaleSetStatus": "input",
        "Mutation.buyerLinksImport": "links",
        "Mutation.buyerLinksRemove": "openIds",
        "Mutation.orderSetStatus": "input",
        "Mutation.ordersImport": "input",
        "Mutation.ordersShip": "input",
        "Mutation.productSetStatus": "ids",
        "Mutation.productsSync": "input.products",
        "Mutation.skusSetStock": "input",
        "Mutation.wantedItemsImport": "input.items",
        "Mutation.wantedItemsRemove": "items",
    },
    mutation=_CALL,
    value_object=0.05,
)
