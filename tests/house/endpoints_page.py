"""Writes docs/endpoints.md: by which field each call of the WeChat Store is reached, and tried."""

import sys
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from gateway.platforms.wechat_store.endpoints import ENDPOINTS
from gateway.upstream.endpoint import Endpoint
from tests.e2e.test_every_read import READS

_PRODUCTS: Final = "tests/e2e/test_product_writes.py::"
_STATUS: Final = "tests/e2e/test_product_status.py::test_what_is_sent_is_the_manual_s_sample"
_STOCK: Final = "tests/e2e/test_stock.py::test_a_change_is_sent_as_the_manual_s_sample"
_STOREFRONT: Final = "tests/e2e/test_storefront_writes.py::test_what_is_sent_is_the_manual_s_sample"
_IMAGES: Final = "tests/e2e/test_images.py::test_a_picture_is_sent_as_it_is"
_READ: Final = "tests/e2e/test_every_read.py::test_a_field_asks_the_platform"

_HEAD: Final = """\
# The WeChat Store's calls

Every call of the manual V1.17, the field of the GraphQL schema that makes it, and the test that
holds what is sent against the manual's sample, or, of a read, that the field makes it. Written by
`make docs` from the table of endpoints; the payment event of 6.1 is no call.

| manual | call | what it does | field | test |
|---|---|---|---|---|
"""


class Reached(NamedTuple):
    """The field that makes a call, as `Type.field`, and the test that shows it."""

    field: str
    test: str


REACHED: Final[Mapping[str, Reached]] = {
    **{read.endpoint: Reached(read.field, _READ) for read in READS},
    "create": Reached(
        "Mutation.productCreate", f"{_PRODUCTS}test_a_new_product_is_sent_as_the_manual_s_sample"
    ),
    "del": Reached("Mutation.productDelete", _STATUS),
    "update": Reached(
        "Mutation.productUpdate",
        f"{_PRODUCTS}test_an_update_with_everything_is_sent_as_the_manual_s_sample",
    ),
    "modproductstatus": Reached("Mutation.productSetStatus", _STATUS),
    "stock.add": Reached("Mutation.skuAdjustStock", _STOCK),
    "stock.reduce": Reached("Mutation.skuAdjustStock", _STOCK),
    "express.add": Reached("Mutation.deliveryTemplateCreate", _STOREFRONT),
    "express.del": Reached("Mutation.deliveryTemplateDelete", _STOREFRONT),
    "express.update": Reached("Mutation.deliveryTemplateUpdate", _STOREFRONT),
    "group.add": Reached("Mutation.productGroupCreate", _STOREFRONT),
    "group.del": Reached("Mutation.productGroupDelete", _STOREFRONT),
    "group.propertymod": Reached("Mutation.productGroupRename", _STOREFRONT),
    "group.productmod": Reached("Mutation.productGroupChangeProducts", _STOREFRONT),
    "shelf.add": Reached("Mutation.shelfCreate", _STOREFRONT),
    "shelf.del": Reached("Mutation.shelfDelete", _STOREFRONT),
    "shelf.mod": Reached("Mutation.shelfUpdate", _STOREFRONT),
    "order.setdelivery": Reached("Mutation.orderShip", _STOREFRONT),
    "order.close": Reached("Mutation.orderClose", _STOREFRONT),
    "common.upload_img": Reached("Mutation.imageUpload", _IMAGES),
}


def page() -> str:
    """The whole page."""
    return _HEAD + "".join(map(_line, ENDPOINTS))


def _line(row: Endpoint[Any, Any]) -> str:
    reached = REACHED[row.name]
    test = reached.test.removeprefix("tests/")
    return (
        f"| {row.section} | `{row.method} {row.path}` | {row.summary}"
        f" | `{reached.field}` | `{test}` |\n"
    )


if __name__ == "__main__":
    sys.stdout.write(page())
