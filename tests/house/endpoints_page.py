"""Writes docs/endpoints.md: by which field each call of each platform is reached, and tried."""

import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, Final, NamedTuple

from gateway.registry import PLATFORMS
from gateway.upstream.endpoint import Endpoint
from tests.e2e.test_every_read import READS
from tests.e2e.test_weixin_reads import READS as WEIXIN_READS

_PRODUCTS: Final = "tests/e2e/test_product_writes.py::"
_STATUS: Final = "tests/e2e/test_product_status.py::test_what_is_sent_is_the_manual_s_sample"
_STOCK: Final = "tests/e2e/test_stock.py::test_a_change_is_sent_as_the_manual_s_sample"
_STOREFRONT: Final = "tests/e2e/test_storefront_writes.py::test_what_is_sent_is_the_manual_s_sample"
_IMAGES: Final = "tests/e2e/test_images.py::test_a_picture_is_sent_as_it_is"
_READ: Final = "tests/e2e/test_every_read.py::test_a_field_asks_the_platform"

_REQUESTS: Final = "tests/e2e/test_every_request_field.py"
_FIELDS: Final = f"{_REQUESTS}::test_every_field_of_every_request_is_seen_on_the_wire"

_REPORTS: Final = "tests/platforms/mini_program/test_shipping_deliveries.py::"
_CENTER: Final = "tests/e2e/test_shipping_reports.py::test_the_page_of_the_order_centre_is_set"
_SHIPPING: Final = f"{_REPORTS}test_what_is_sent_is_the_sample"

_HEAD: Final = """\
# The platforms' calls

Every call of each platform's manual, the field of the GraphQL schema or the command that makes it,
and a test: one that holds what is sent against the manual's sample, or that every field of its
request is seen on the wire, or, of a read, that the field makes it. Written by `make docs` from the
tables of calls.
"""
_TABLE: Final = """
## {name}

{manual}

| manual | call | what it does | field | test |
|---|---|---|---|---|
"""
#: What the table of a platform is of.
MANUALS: Final[Mapping[str, str]] = {
    "weixin_store": "Today's 微信小店; sections are those of the reference of its facts.",
    "wechat_store": "The manual V1.17; the payment event of 6.1 is no call.",
    "mini_program": (
        "The shopping list (购物单), the orders of partner stores, and the shipping management"
        " (发货信息管理)."
    ),
    "baidu": "The order centre (订单中心).",
}


class Reached(NamedTuple):
    """What makes a call, and the test that shows it.

    `field` is `Type.field`, or a command of the command line that starts with `gateway`.
    """

    field: str
    test: str


_STORE: Final[Mapping[str, Reached]] = {
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


_ADDRESSES: Final = "test_goods_are_returned_to_an_address_of_the_store"
_AFTER_SALES: Final = "tests/e2e/test_weixin_store_after_sales.py::"
_WEIXIN_READ: Final = "tests/e2e/test_weixin_reads.py::test_a_field_asks_the_platform"
_WEIXIN_SENT: Final = "tests/platforms/weixin_store/mapping/test_order_to_wire.py::"
_WEIXIN_ORDERS: Final = "tests/platforms/weixin_store/adapter/test_order_writes.py::"
_WEIXIN_ANSWER: Final = f"{_WEIXIN_ORDERS}test_a_buyer_who_asks_for_another_address_is_answered"
_DOCTOR: Final = "tests/cli/test_doctor.py::test_a_weixin_store_is_asked_for_itself"

_GOODS: Final = "tests/e2e/test_weixin_store_goods.py::"
_NAMED: Final = f"{_GOODS}test_a_call_that_names_a_product_sends_its_id"
_FRONT: Final = "tests/e2e/test_weixin_storefront.py::"
_HOME_PAGE: Final = f"{_FRONT}test_the_home_page_is_the_one_shelf"
_PLACED: Final = f"{_FRONT}test_a_product_is_moved_hidden_and_pinned_as_the_samples_send_it"
_FREIGHT: Final = "tests/e2e/test_weixin_delivery_templates.py::"

#: In the order of the rooms of its table.
_WEIXIN: Final[Mapping[str, Reached]] = {
    # Orders
    **{read.endpoint: Reached(read.field, _WEIXIN_READ) for read in WEIXIN_READS},
    "order.delivery.send": Reached(
        "Mutation.orderShip", f"{_WEIXIN_SENT}test_what_is_left_is_sent_in_one_parcel"
    ),
    "order.deliveryinfo.update": Reached(
        "Mutation.orderShip", f"{_WEIXIN_SENT}test_a_correction_is_about_all_of_the_order"
    ),
    "order.price.update": Reached(
        "Mutation.orderReprice",
        f"{_WEIXIN_SENT}test_prices_of_lines_and_of_the_shipping_are_set",
    ),
    "order.merchantnotes.update": Reached(
        "Mutation.orderSetNote", f"{_WEIXIN_ORDERS}test_a_note_replaces_the_one_before"
    ),
    "order.addressmodify.accept": Reached("Mutation.orderAnswerAddressRequest", _WEIXIN_ANSWER),
    "order.addressmodify.reject": Reached("Mutation.orderAnswerAddressRequest", _WEIXIN_ANSWER),
    "order.sensitiveinfo.decode": Reached(
        "Mutation.orderRevealAddress",
        "tests/e2e/test_weixin_store_orders.py::test_a_revealed_address_is_kept_nowhere",
    ),
    "order.deliverycompanylist.new.get": Reached(
        "Query.carriers",
        "tests/e2e/test_weixin_store_orders.py::test_the_carriers_are_the_platform_s_list",
    ),
    # The shop
    "basics.info.get": Reached("gateway doctor", _DOCTOR),
    # After-sales
    "aftersale.getaftersalelist": Reached(
        "Query.afterSales", f"{_AFTER_SALES}test_the_list_and_the_order_have_them_newest_first"
    ),
    "aftersale.getaftersaleorder": Reached(
        "Query.afterSale", f"{_AFTER_SALES}test_a_return_is_agreed_to_sent_back_and_paid"
    ),
    "aftersale.reason.get": Reached(
        "AfterSale.reason", f"{_AFTER_SALES}test_a_reason_without_words_has_those_of_the_table"
    ),
    "aftersale.rejectreason.get": Reached(
        "Query.rejectReasons", f"{_AFTER_SALES}test_a_rejection_has_a_reason_of_the_platform"
    ),
    "aftersale.acceptapply": Reached(
        "Mutation.afterSaleAccept", f"{_AFTER_SALES}test_a_return_is_agreed_to_sent_back_and_paid"
    ),
    "aftersale.rejectapply": Reached(
        "Mutation.afterSaleReject", f"{_AFTER_SALES}test_a_rejection_has_a_reason_of_the_platform"
    ),
    "aftersale.merchantupdateaftersale": Reached(
        "Mutation.afterSaleNegotiate", f"{_AFTER_SALES}test_an_offer_waits_for_the_buyer"
    ),
    "aftersale.uploadrefundcertificate": Reached(
        "Mutation.afterSaleAddCertificates",
        f"{_AFTER_SALES}test_a_refund_made_elsewhere_is_proved",
    ),
    "aftersale.acceptexchangereship": Reached(
        "Mutation.afterSaleShipExchange", f"{_AFTER_SALES}test_an_exchange_is_agreed_to_and_sent"
    ),
    "aftersale.rejectexchangereship": Reached(
        "Mutation.afterSaleReject", f"{_AFTER_SALES}test_new_goods_are_refused"
    ),
    "basics.img.upload.url": Reached(
        "Mutation.afterSaleAddCertificates",
        f"{_AFTER_SALES}test_pictures_are_named_by_their_addresses_too",
    ),
    # Addresses
    "merchant.address.list": Reached("Query.returnAddresses", f"{_AFTER_SALES}{_ADDRESSES}"),
    "merchant.address.get": Reached("Query.returnAddresses", f"{_AFTER_SALES}{_ADDRESSES}"),
    # Products
    "product.list.get": Reached("Query.products", f"{_GOODS}test_a_list_is_read_by_ids"),
    "product.get": Reached("Query.product", f"{_GOODS}test_a_list_is_read_by_ids"),
    "product.add": Reached(
        "Mutation.productCreate", f"{_GOODS}test_a_new_product_is_sent_as_its_sample"
    ),
    "product.update": Reached(
        "Mutation.productUpdate", f"{_GOODS}test_an_update_sends_the_whole_draft"
    ),
    "product.auditfree": Reached("Mutation.skuSetPrice", f"{_GOODS}test_a_price_needs_no_audit"),
    "product.listing": Reached("Mutation.productSetStatus", _NAMED),
    "product.delisting": Reached("Mutation.productSetStatus", _NAMED),
    "product.audit.cancel": Reached(
        "Mutation.productWithdraw", f"{_GOODS}test_a_draft_is_taken_out_of_its_audit"
    ),
    "product.delete": Reached("Mutation.productDelete", _NAMED),
    # Stock
    "product.stock.update": Reached(
        "Mutation.skuAdjustStock", f"{_GOODS}test_stock_is_adjusted_and_set"
    ),
    "product.stock.getflow": Reached(
        "Mutation.skuAdjustStock", f"{_GOODS}test_the_flow_tells_what_became_of_a_lost_answer"
    ),
    # Categories and images
    "category.all": Reached("Query.categories", f"{_GOODS}test_categories_have_their_rules"),
    "category.detail": Reached("Category.properties", f"{_GOODS}test_categories_have_their_rules"),
    "basics.img.upload": Reached(
        "Mutation.imageUpload", f"{_GOODS}test_an_image_is_sent_with_its_size"
    ),
    # The storefront
    "store.classification.tree.get": Reached("Query.shelves", _HOME_PAGE),
    "store.window.product.list.get": Reached("Query.shelves", _HOME_PAGE),
    "basics.homepage.banner.get": Reached("Query.shelves", _HOME_PAGE),
    "store.classification.tree.product.get": Reached(
        "ProductGroup.products", f"{_FRONT}test_classes_are_groups_with_their_products"
    ),
    "store.window.product.reorder": Reached("Mutation.storefrontProductSet", _PLACED),
    "store.window.product.hide": Reached("Mutation.storefrontProductSet", _PLACED),
    "store.window.product.settop": Reached("Mutation.storefrontProductSet", _PLACED),
    # Freight templates
    "merchant.getfreighttemplatelist": Reached(
        "Query.deliveryTemplates", f"{_FREIGHT}test_districts_are_read_and_written"
    ),
    "merchant.getfreighttemplatedetail": Reached(
        "Query.deliveryTemplates", f"{_FREIGHT}test_districts_are_read_and_written"
    ),
    "merchant.addfreighttemplate": Reached(
        "Mutation.deliveryTemplateCreate", f"{_FREIGHT}test_a_new_one_is_sent_as_the_sample"
    ),
    "merchant.updatefreighttemplate": Reached(
        "Mutation.deliveryTemplateUpdate",
        f"{_FREIGHT}test_what_is_read_and_written_back_is_sent_as_the_sample",
    ),
}


#: By platform and call.
REACHED: Final[Mapping[str, Mapping[str, Reached]]] = {
    "weixin_store": _WEIXIN,
    "wechat_store": _STORE,
    "mini_program": {
        "importorder.add": Reached("Mutation.orderImport", _FIELDS),
        "importorder.update": Reached("Mutation.orderUpdate", _FIELDS),
        "deleteorder": Reached("Mutation.orderDelete", _FIELDS),
        "addshoppinglist": Reached("Mutation.wantedItemsImport", _FIELDS),
        "deleteshoppinglist": Reached("Mutation.wantedItemsRemove", _FIELDS),
        "queryshoppinglist": Reached("Mutation.wantedItemsClear", _FIELDS),
        "importproduct": Reached("Mutation.productsSync", _FIELDS),
        "brandmanage.set_shoppingcart_path": Reached("Mutation.shoppingCartPathSet", _FIELDS),
        "cooperation.order.get": Reached("Query.partnerOrder", _FIELDS),
        "upload_shipping_info": Reached("Mutation.orderShip", _SHIPPING),
        "sec.get_order": Reached(
            "Mutation.orderShip",
            f"{_REPORTS}test_a_lost_report_that_arrived_is_not_sent_again",
        ),
        "get_order_list": Reached(
            "Query.orders",
            "tests/services/test_payment_reconciliation.py::test_a_payment_is_an_order_of_its_own",
        ),
        "is_trade_managed": Reached(
            "gateway doctor", "tests/cli/test_doctor.py::test_everything_is_well"
        ),
        "get_order_detail_path": Reached("Shop.orderCenterPath", _CENTER),
        "update_order_detail_path": Reached("Mutation.orderCenterPathSet", _CENTER),
        "get_delivery_list": Reached("Mutation.orderShip", _SHIPPING),
    },
    "baidu": {
        "add.main.info": Reached("Mutation.orderImport", _FIELDS),
        "add.main.logistics": Reached("Mutation.orderUpdate", _FIELDS),
        "update.main.info": Reached("Mutation.orderUpdate", _FIELDS),
        "update.main.status": Reached("Mutation.orderSetStatus", _FIELDS),
        "append.sub.info": Reached("Mutation.afterSaleImport", _FIELDS),
        "update.sub.info": Reached("Mutation.afterSaleUpdate", _FIELDS),
        "update.sub.status": Reached("Mutation.afterSaleSetStatus", _FIELDS),
    },
}


def tables() -> Mapping[str, Sequence[Endpoint[Any, Any]]]:
    """The calls of each platform, by the names of their folders."""
    return {
        platform.name: import_module(f"gateway.platforms.{platform.name}.endpoints").ENDPOINTS
        for platform in PLATFORMS
    }


def page() -> str:
    """The whole page."""
    parts = [_HEAD]
    for platform, rows in tables().items():
        parts.append(_TABLE.format(name=platform, manual=MANUALS[platform]))
        parts += [_line(row, REACHED[platform][row.name]) for row in rows]
    return "".join(parts)


def _line(row: Endpoint[Any, Any], reached: Reached) -> str:
    test = reached.test.removeprefix("tests/")
    action = f"?action={row.query['action']}" if "action" in row.query else ""
    return (
        f"| {row.section} | `{row.method} {row.path}{action}` | {row.summary}"
        f" | `{reached.field}` | `{test}` |\n"
    )


if __name__ == "__main__":
    sys.stdout.write(page())
