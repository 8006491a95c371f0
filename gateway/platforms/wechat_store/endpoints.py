"""The WeChat Store's 32 endpoints, in the order of its manual (V1.17)."""

from typing import Any, Final, TypeVar

import msgspec

from gateway.platforms.wechat_store.wire import (
    category,
    express,
    group,
    image,
    order,
    product,
    product_write,
    shelf,
)
from gateway.upstream.endpoint import BodyKind, Endpoint, EntryList
from gateway.wechat.wire import Done, Nothing

Req = TypeVar("Req", bound=msgspec.Struct)
Res = TypeVar("Res", bound=msgspec.Struct)

# Cache tags that writes invalidate.
_PRODUCTS: Final = "products"
_TEMPLATES: Final = "templates"
_GROUPS: Final = "groups"
_SHELVES: Final = "shelves"
_ORDERS: Final = "orders"


def _path(name: str) -> str:
    return f"/merchant/{name.replace('.', '/')}"


def _read(  # noqa: PLR0913 - the columns of a row
    name: str,
    section: str,
    summary: str,
    sends: type[Req],
    gets: type[Res],
    ttl: str,
    *tags: str,
    entries: EntryList | None = None,
) -> Endpoint[Req, Res]:
    """A read of one object or several: POST with JSON.

    Where the manual prints GET with a body, clients in use send POST; a GET without a body is
    refused with 44002.
    """
    return Endpoint(
        name=name,
        method="POST",
        path=_path(name),
        request=sends,
        response=gets,
        section=section,
        summary=summary,
        repeatable=True,
        entries=entries,
        ttl=ttl,
        tags=tags,
    )


def _list(
    name: str, section: str, summary: str, gets: type[Res], entries: EntryList, *tags: str
) -> Endpoint[Nothing, Res]:
    """A read of a whole list: GET without a body."""
    return Endpoint(
        name=name,
        method="GET",
        path=_path(name),
        request=Nothing,
        response=gets,
        section=section,
        summary=summary,
        body=BodyKind.NONE,
        repeatable=True,
        entries=entries,
        ttl="catalogue",
        tags=tags,
    )


def _write(
    name: str,
    section: str,
    summary: str,
    sends: type[Req],
    gets: type[Res],
    *invalidated_tags: str,
) -> Endpoint[Req, Res]:
    """A write; never retried, since the platform has no idempotency keys."""
    return Endpoint(
        name=name,
        method="POST",
        path=_path(name),
        request=sends,
        response=gets,
        section=section,
        summary=summary,
        invalidates=invalidated_tags,
    )


# fmt: off
CREATE_PRODUCT = _write(
    "create", "1.1", "Add a product",
    product_write.CreateRequest, product_write.CreateResponse, _PRODUCTS,
)
DELETE_PRODUCT = _write(
    "del", "1.2", "Delete a product", product.ProductRequest, Done, _PRODUCTS, _GROUPS,
)
UPDATE_PRODUCT = _write(
    "update", "1.3", "Replace a product's document", product_write.UpdateRequest, Done, _PRODUCTS,
)
GET_PRODUCT = _read(
    "get", "1.4", "One product",
    product.ProductRequest, product.ProductResponse, "products", _PRODUCTS,
)
GET_PRODUCTS = _read(
    "getbystatus", "1.5", "All products of a status",
    product.ProductsRequest, product.ProductsResponse, "products", _PRODUCTS,
    entries=EntryList("products_info", "product_id"),
)
SET_PRODUCT_STATUS = _write(
    "modproductstatus", "1.6", "Put a product on or off the shelf",
    product_write.StatusRequest, Done, _PRODUCTS,
)
GET_CATEGORIES = _read(
    "category.getsub", "1.7", "The children of a category",
    category.CategoryRequest, category.CategoriesResponse, "catalogue",
    entries=EntryList("cate_list", "id"),
)
GET_SKU_TABLE = _read(
    "category.getsku", "1.8", "What SKUs of a category may differ in",
    category.CategoryRequest, category.SkuTableResponse, "catalogue",
    entries=EntryList("sku_table", "id"),
)
GET_PROPERTIES = _read(
    "category.getproperty", "1.9", "What products of a category may be described by",
    category.CategoryRequest, category.PropertiesResponse, "catalogue",
    entries=EntryList("properties", "id"),
)

ADD_STOCK = _write(
    "stock.add", "2.1", "More units of a SKU", product_write.StockRequest, Done, _PRODUCTS,
)
REDUCE_STOCK = _write(
    "stock.reduce", "2.2", "Fewer units of a SKU", product_write.StockRequest, Done, _PRODUCTS,
)

ADD_TEMPLATE = _write(
    "express.add", "3.1", "Add a delivery template",
    express.AddRequest, express.AddResponse, _TEMPLATES,
)
DELETE_TEMPLATE = _write(
    "express.del", "3.2", "Delete a delivery template", express.TemplateRequest, Done, _TEMPLATES,
)
UPDATE_TEMPLATE = _write(
    "express.update", "3.3", "Replace a delivery template", express.UpdateRequest, Done, _TEMPLATES,
)
GET_TEMPLATE = _read(
    "express.getbyid", "3.4", "One delivery template",
    express.TemplateRequest, express.TemplateResponse, "catalogue", _TEMPLATES,
)
GET_TEMPLATES = _list(
    "express.getall", "3.5", "All delivery templates", express.TemplatesResponse,
    EntryList("templates_info", "Id"), _TEMPLATES,
)

ADD_GROUP = _write(
    "group.add", "4.1", "Add a group of products", group.AddRequest, group.AddResponse, _GROUPS,
)
DELETE_GROUP = _write(
    "group.del", "4.2", "Delete a group", group.GroupRequest, Done, _GROUPS,
)
RENAME_GROUP = _write(
    "group.propertymod", "4.3", "Rename a group", group.RenameRequest, Done, _GROUPS,
)
CHANGE_GROUP_PRODUCTS = _write(
    "group.productmod", "4.4", "Put products into a group, or take them out",
    group.ChangeProductsRequest, Done, _GROUPS,
)
GET_GROUPS = _list(
    "group.getall", "4.5", "All groups, without their products", group.GroupsResponse,
    EntryList("groups_detail", "group_id"), _GROUPS,
)
GET_GROUP = _read(
    "group.getbyid", "4.6", "One group with its products",
    group.GroupRequest, group.GroupResponse, "catalogue", _GROUPS,
)

ADD_SHELF = _write(
    "shelf.add", "5.1", "Add a shelf", shelf.AddRequest, shelf.AddResponse, _SHELVES,
)
DELETE_SHELF = _write(
    "shelf.del", "5.2", "Delete a shelf", shelf.ShelfRequest, Done, _SHELVES,
)
REPLACE_SHELF = _write(
    "shelf.mod", "5.3", "Replace a shelf", shelf.ModRequest, Done, _SHELVES,
)
GET_SHELVES = _list(
    "shelf.getall", "5.4", "All shelves", shelf.ShelvesResponse,
    EntryList("shelves", "shelf_id"), _SHELVES,
)
GET_SHELF = _read(
    "shelf.getbyid", "5.5", "One shelf", shelf.ShelfRequest, shelf.Shelf, "catalogue", _SHELVES,
)

GET_ORDER = _read(
    "order.getbyid", "6.2", "One order", order.OrderRequest, order.OrderResponse, "orders", _ORDERS,
)
GET_ORDERS = _read(
    "order.getbyfilter", "6.3", "Orders by status and time",
    order.OrdersRequest, order.OrdersResponse, "orders", _ORDERS,
    entries=EntryList("order_list", "order_id"),
)
SET_DELIVERY = _write(
    "order.setdelivery", "6.4", "Tell how an order was sent", order.DeliveryRequest, Done, _ORDERS,
)
CLOSE_ORDER = _write(
    "order.close", "6.5", "Close an order", order.OrderRequest, Done, _ORDERS,
)
# fmt: on

UPLOAD_IMAGE = Endpoint(
    name="common.upload_img",
    method="POST",
    path=_path("common.upload_img"),
    request=image.UploadRequest,
    response=image.UploadResponse,
    section="7.1",
    summary="Upload a picture",
    query_fields=("filename",),
    body=BodyKind.BYTES,
)

#: Every row above; a test counts them.
ENDPOINTS: Final[tuple[Endpoint[Any, Any], ...]] = tuple(
    row for row in list(globals().values()) if isinstance(row, Endpoint)
)
