"""The Weixin Store's endpoints, by room; the path is a column, as calls move to `/shop/ec/`."""

from typing import Any, Final, TypeVar

import msgspec

from gateway.platforms.weixin_store.wire import (
    address,
    after_sale,
    category,
    freight,
    image,
    order,
    order_write,
    product,
    product_write,
    shop,
    stock,
    storefront,
)
from gateway.platforms.weixin_store.wire.base import Done, Nothing
from gateway.upstream.endpoint import BodyKind, Endpoint, LostAnswer

Req = TypeVar("Req", bound=msgspec.Struct)
Res = TypeVar("Res", bound=msgspec.Struct)

# Cache tags that writes invalidate.
_AFTER_SALES: Final = "after_sales"
_ORDERS: Final = "orders"
_PRODUCTS: Final = "products"
_TEMPLATES: Final = "templates"
_STOREFRONT: Final = "storefront"


def _get(
    path: str,
    section: str,
    summary: str,
    gets: type[Res],
    *tags: str,
    ttl: str | None = None,
) -> Endpoint[Nothing, Res]:
    """A read by GET without a body; any other call of these paths is refused with 43001."""
    return Endpoint(
        name=_name(path),
        method="GET",
        path=path,
        request=Nothing,
        response=gets,
        section=section,
        summary=summary,
        body=BodyKind.NONE,
        repeatable=True,
        ttl=ttl,
        tags=tags,
    )


def _read(
    path: str,
    section: str,
    summary: str,
    sends: type[Req],
    gets: type[Res],
    *tags: str,
    ttl: str | None = None,
) -> Endpoint[Req, Res]:
    """A read by POST with JSON."""
    return Endpoint(
        name=_name(path),
        method="POST",
        path=path,
        request=sends,
        response=gets,
        section=section,
        summary=summary,
        repeatable=True,
        ttl=ttl,
        tags=tags,
    )


def _write(
    path: str,
    section: str,
    summary: str,
    sends: type[Req],
    gets: type[Res],
    *invalidated_tags: str,
    repeatable: bool = False,
) -> Endpoint[Req, Res]:
    """A write; repeated only if it sets a whole value: nearly no call has an idempotency key."""
    return Endpoint(
        name=_name(path),
        method="POST",
        path=path,
        request=sends,
        response=gets,
        section=section,
        summary=summary,
        repeatable=repeatable,
        invalidates=invalidated_tags,
        after_lost_answer=LostAnswer.REPEAT if repeatable else LostAnswer.UNKNOWN,
    )


def _name(path: str) -> str:
    """The name of a call: its path below `/channels/ec/` or `/shop/ec/`, with dots."""
    return path.split("/ec/", 1)[1].replace("/", ".")


# fmt: off
# Orders

GET_ORDERS = _read(
    "/channels/ec/order/list/get", "3.1", "Ids of orders by time of creation or change",
    order.OrderListRequest, order.OrderListResponse, _ORDERS, ttl="orders",
)
GET_ORDER = _read(
    "/channels/ec/order/get", "3.3", "One order",
    order.OrderRequest, order.OrderResponse, _ORDERS, ttl="orders",
)
SEARCH_ORDERS = _read(
    "/channels/ec/order/search", "3.1", "Ids of orders by the end of the receiver's phone number",
    order.OrderSearchRequest, order.OrderSearchResponse, _ORDERS, ttl="orders",
)
SEND_PARCELS = _write(
    "/channels/ec/order/delivery/send", "3.5", "Ship an order",
    order_write.ParcelsRequest, Done, _ORDERS,
)
CORRECT_PARCELS = _write(
    "/channels/ec/order/deliveryinfo/update", "3.5", "Replace the parcels of a shipped order",
    order_write.ParcelsRequest, Done, _ORDERS,
)
SET_PRICES = _write(
    "/channels/ec/order/price/update", "3.5", "Lower the prices of an unpaid order",
    order_write.PricesRequest, Done, _ORDERS, repeatable=True,
)
SET_NOTE = _write(
    "/channels/ec/order/merchantnotes/update", "2", "The merchant's note on an order",
    order_write.NoteRequest, Done, _ORDERS, repeatable=True,
)
ACCEPT_ADDRESS = _write(
    "/channels/ec/order/addressmodify/accept", "2", "Accept the address that a buyer asks for",
    order_write.OneOrderRequest, Done, _ORDERS,
)
REJECT_ADDRESS = _write(
    "/channels/ec/order/addressmodify/reject", "2", "Reject the address that a buyer asks for",
    order_write.OneOrderRequest, Done, _ORDERS,
)
DECODE_ADDRESS = _read(
    "/channels/ec/order/sensitiveinfo/decode", "3.4", "The whole address of an order, by quota",
    order_write.OneOrderRequest, order_write.DecodeResponse,
)
LIST_CARRIERS = _read(
    "/channels/ec/order/deliverycompanylist/new/get", "3.5", "Carriers with their codes",
    order_write.CarriersRequest, order_write.CarriersResponse, ttl="catalogue",
)

# The shop

GET_SHOP_INFO = _get("/channels/ec/basics/info/get", "2", "The store itself", shop.ShopInfoResponse)

# After-sales

LIST_AFTER_SALES = _read(
    "/channels/ec/aftersale/getaftersalelist", "4", "The ids of after-sales of a day",
    after_sale.AfterSalesRequest, after_sale.AfterSalesResponse, ttl="catalogue",
)
GET_AFTER_SALE = _read(
    "/channels/ec/aftersale/getaftersaleorder", "4", "One after-sale",
    after_sale.AfterSaleRequest, after_sale.AfterSaleResponse, _AFTER_SALES, ttl="catalogue",
)
GET_REASONS = _read(
    "/channels/ec/aftersale/reason/get", "4", "The texts of buyers' reasons",
    Nothing, after_sale.ReasonsResponse, ttl="catalogue",
)
GET_REJECT_REASONS = _read(
    "/channels/ec/aftersale/rejectreason/get", "4", "Reasons to reject an after-sale with",
    Nothing, after_sale.RejectReasonsResponse, ttl="catalogue",
)
ACCEPT_AFTER_SALE = _write(
    "/channels/ec/aftersale/acceptapply", "4", "Agree to an after-sale, or pay it",
    after_sale.AcceptRequest, Done, _AFTER_SALES, _ORDERS,
)
REJECT_AFTER_SALE = _write(
    "/channels/ec/aftersale/rejectapply", "4", "Reject an after-sale",
    after_sale.RejectRequest, Done, _AFTER_SALES, _ORDERS,
)
NEGOTIATE_AFTER_SALE = _write(
    "/channels/ec/aftersale/merchantupdateaftersale", "4", "Ask the buyer for something else",
    after_sale.NegotiateRequest, Done, _AFTER_SALES,
)
ADD_REFUND_CERTIFICATES = _write(
    "/channels/ec/aftersale/uploadrefundcertificate", "4", "Prove a refund made elsewhere",
    after_sale.CertificatesRequest, Done, _AFTER_SALES,
)
SHIP_EXCHANGE = _write(
    "/channels/ec/aftersale/acceptexchangereship", "4", "Tell how an exchange's goods were sent",
    after_sale.ExchangeShipmentRequest, Done, _AFTER_SALES,
)
REFUSE_EXCHANGE = _write(
    "/channels/ec/aftersale/rejectexchangereship", "4", "Refuse to send an exchange's goods",
    after_sale.RejectRequest, Done, _AFTER_SALES,
)

# Addresses

LIST_ADDRESSES = _read(
    "/channels/ec/merchant/address/list", "6", "The ids of the store's addresses",
    address.AddressesRequest, address.AddressesResponse, ttl="catalogue",
)
GET_ADDRESS = _read(
    "/channels/ec/merchant/address/get", "6", "One of the store's addresses",
    address.AddressRequest, address.AddressResponse, ttl="catalogue",
)

# Products

GET_PRODUCT_IDS = _read(
    "/channels/ec/product/list/get", "5", "The ids of products, a page at a time",
    product.ProductIdsRequest, product.ProductIdsResponse, _PRODUCTS, ttl="products",
)
GET_PRODUCT = _read(
    "/channels/ec/product/get", "5", "One product: the listed copy and the draft",
    product.ProductRequest, product.ProductResponse, _PRODUCTS, ttl="products",
)
ADD_PRODUCT = _write(
    "/channels/ec/product/add", "5", "Add a product's draft",
    product_write.CreateRequest, product_write.CreateResponse, _PRODUCTS,
)
UPDATE_PRODUCT = _write(
    "/channels/ec/product/update", "5", "Replace a product's draft",
    product_write.UpdateRequest, Done, _PRODUCTS,
)
UPDATE_PRODUCT_AUDIT_FREE = _write(
    "/channels/ec/product/auditfree", "5", "Change prices of a listed product without an audit",
    product_write.AuditFreeRequest, Done, _PRODUCTS,
)
LIST_PRODUCT = _write(
    "/channels/ec/product/listing", "5", "Send a draft to its audit, which lists it",
    product_write.ProductIdRequest, Done, _PRODUCTS,
)
DELIST_PRODUCT = _write(
    "/channels/ec/product/delisting", "5", "Take a product off the shelf",
    product_write.ProductIdRequest, Done, _PRODUCTS,
)
WITHDRAW_PRODUCT = _write(
    "/channels/ec/product/audit/cancel", "5", "Take a draft out of its audit",
    product_write.ProductIdRequest, Done, _PRODUCTS,
)
DELETE_PRODUCT = _write(
    "/channels/ec/product/delete", "5", "Delete a product",
    product_write.ProductIdRequest, Done, _PRODUCTS,
)

# Stock

UPDATE_STOCK = _write(
    "/channels/ec/product/stock/update", "5", "Adjust or set the stock of a SKU",
    stock.StockRequest, Done, _PRODUCTS,
)
GET_STOCK_FLOW = _read(
    "/channels/ec/product/stock/getflow", "5", "What changed the stock of a SKU",
    stock.FlowRequest, stock.FlowResponse,
)

# Categories and images

GET_CATEGORIES = _get(
    "/shop/ec/category/all", "2", "The tree of categories",
    category.CategoriesResponse, ttl="catalogue",
)
GET_CATEGORY = _read(
    "/shop/ec/category/detail", "2", "What describes the products of a category",
    category.CategoryRequest, category.CategoryResponse, ttl="catalogue",
)

# Freight templates; there is no call to delete one

GET_TEMPLATE_IDS = _read(
    "/channels/ec/merchant/getfreighttemplatelist", "6", "The ids of freight templates",
    freight.TemplatesRequest, freight.TemplatesResponse, _TEMPLATES, ttl="catalogue",
)
GET_TEMPLATE = _read(
    "/channels/ec/merchant/getfreighttemplatedetail", "6", "One freight template",
    freight.TemplateRequest, freight.TemplateResponse, _TEMPLATES, ttl="catalogue",
)
ADD_TEMPLATE = _write(
    "/channels/ec/merchant/addfreighttemplate", "6", "Add a freight template",
    freight.WriteRequest, freight.WriteResponse, _TEMPLATES,
)
UPDATE_TEMPLATE = _write(
    "/channels/ec/merchant/updatefreighttemplate", "6", "Replace a freight template",
    freight.WriteRequest, Done, _TEMPLATES,
)

# The storefront; classification and banner are read only

GET_CLASSES = _read(
    "/channels/ec/store/classification/tree/get", "7", "The home page's classification",
    Nothing, storefront.TreeResponse, _STOREFRONT, ttl="catalogue",
)
GET_CLASS_PRODUCTS = _read(
    "/channels/ec/store/classification/tree/product/get", "7", "The products of a class",
    storefront.ClassProductsRequest, storefront.ClassProductsResponse, _STOREFRONT,
    ttl="catalogue",
)
GET_WINDOW = _read(
    "/channels/ec/store/window/product/list/get", "7", "The home page's products, in its order",
    storefront.WindowRequest, storefront.WindowResponse, _STOREFRONT, ttl="catalogue",
)
REORDER_PRODUCT = _write(
    "/channels/ec/store/window/product/reorder", "7", "Move a product on the home page",
    storefront.ReorderRequest, Done, _STOREFRONT,
)
HIDE_PRODUCT = _write(
    "/channels/ec/store/window/product/hide", "7", "Hide a product on the home page, or show it",
    storefront.HideRequest, Done, _STOREFRONT,
)
PIN_PRODUCT = _write(
    "/channels/ec/store/window/product/settop", "7", "Pin a product on the home page, or unpin it",
    storefront.TopRequest, Done, _STOREFRONT,
)
GET_BANNER = _read(
    "/channels/ec/basics/homepage/banner/get", "7", "The home page's banner",
    Nothing, storefront.BannerResponse, _STOREFRONT, ttl="catalogue",
)
# fmt: on

UPLOAD_IMAGE = Endpoint(
    name=_name("/shop/ec/basics/img/upload"),
    method="POST",
    path="/shop/ec/basics/img/upload",
    request=image.UploadRequest,
    response=image.UploadResponse,
    section="2",
    summary="Upload an image",
    query_fields=("upload_type", "resp_type", "height", "width"),
    body=BodyKind.MULTIPART,
)

#: The platform fetches the image from an address, and answers with what after-sales name it by.
UPLOAD_MEDIA = Endpoint(
    name=f"{_name('/shop/ec/basics/img/upload')}.url",
    method="POST",
    path="/shop/ec/basics/img/upload",
    request=image.MediaRequest,
    response=image.MediaResponse,
    section="2",
    summary="Have an image fetched, for its media id",
    query_fields=("upload_type", "resp_type"),
)

#: Every row above; a test counts them.
ENDPOINTS: Final[tuple[Endpoint[Any, Any], ...]] = tuple(
    row for row in list(globals().values()) if isinstance(row, Endpoint)
)
