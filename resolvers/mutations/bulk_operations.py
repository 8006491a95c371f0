"""Mutations of bulk operations: imports of files, cancellation."""

import strawberry

from gateway.services.exports import scopes_of
from resolvers.guards import ORDERS_WRITE, Info, context_for, root_field, writing_context
from schema.after_sale import AfterSaleFilter
from schema.bulk_operation import BulkKind, BulkOperationPayload
from schema.declare import scopes_asked
from schema.order import OrderFilter
from schema.product import ProductFilter
from schema.scalars import Upload


@strawberry.type
class BulkOperationMutation:
    """Work on whole files."""

    @root_field(
        "Writes all objects that the filter chooses as JSON lines, each with the fields of"
        " `selection`, as a query would answer them. The source is what the gateway keeps itself:"
        " orders, after-sales and products of shops that keep their copies here, and the changes"
        " of all shops. Other shops and partner orders are left out, and named in"
        " `BulkOperation.error`; a filter that names one is INVALID, as is a field that only a"
        " platform can answer. Objects that are added while the export runs may be in it or not."
        " Needs the scope orders:read, or catalog:read for products, and those of the selected"
        " fields."
    )
    async def bulk_export(
        self,
        info: Info,
        kind: BulkKind,
        selection: str,
        orders: OrderFilter | None = None,
        products: ProductFilter | None = None,
        after_sales: AfterSaleFilter | None = None,
    ) -> BulkOperationPayload | None:
        """Begin an export."""
        filters = {"orders": orders, "products": products, "afterSales": after_sales}
        scopes = [*scopes_of(kind)]
        for given in filters.values():
            scopes += scopes_asked(given)
        context = context_for(info, tuple(dict.fromkeys(scopes)))
        context.forget()
        done = await context.services.exports.begin(
            kind, selection, filters, context.viewer, scopes
        )
        return BulkOperationPayload(operation=done.operation, user_errors=list(done.errors))

    @root_field(
        "Imports a file of JSON lines, sent as a GraphQL multipart request with the file as its"
        " last part: each line is an `OrderImportInput` of this shop or, for SHIPMENTS_IMPORT, has"
        " an order's `platformId`, a `carrier` (the platform's code) or `otherCarrier` (a name),"
        " and a `trackingNumber`. Shipments may be CSV with a head line of these names, in UTF-8 or"
        " GB18030. The file is stored while it arrives, up to `limits.max_bulk_bytes` and whatever"
        " time it takes; its lines are accepted in the background, and delivered by the outbox."
        " It must be the only field of its operation. Needs the scope orders:write."
    )
    async def bulk_import(
        self, info: Info, shop: str, kind: BulkKind, file: Upload
    ) -> BulkOperationPayload | None:
        """Begin an import."""
        context = writing_context(info, ORDERS_WRITE)
        done = await context.services.bulk_imports.begin(shop, kind, file, context.viewer)
        return BulkOperationPayload(operation=done.operation, user_errors=list(done.errors))

    @root_field(
        "Cancels a bulk operation that has not ended. A running one ends after the lines that are"
        " being processed; what it did stays done."
    )
    async def bulk_cancel(self, info: Info, id: strawberry.ID) -> BulkOperationPayload | None:
        """Cancel an operation."""
        context = writing_context(info, ())
        done = await context.services.bulk_operations.cancel(id, context.viewer)
        return BulkOperationPayload(operation=done.operation, user_errors=list(done.errors))
