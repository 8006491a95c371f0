"""Validation of Baidu's order records by the parameter tables of its manual."""

from gateway.platforms.baidu.sandbox.state import BaiduCall
from gateway.sandbox.request import Fields, Refusal

GOODS, VIRTUAL = 1, 2
STATUSES = {GOODS: (1, 5, 6, 100, 200, 300), VIRTUAL: (1, 2, 3, 4, 100, 200, 300)}
SUB_STATUSES = (400, 401, 402, 403, 404, 407)
#: The samples of all calls print these in place of a status.
NO_OVERALL_STATUS = 0
NO_STATUS = ""
REFUND_KINDS = (1, 2, 3)
PAYMENT_METHODS = (1, 2)
PAGE_STATES = (0, 1, 2)
PARCEL_TYPES = (1, 2)
MOST_IMAGES = 5
MOST_ATTRIBUTES = 4


def records(call: BaiduCall) -> list[Fields]:
    """Return the records of `Data`: an array, or a single object as in the first version."""
    open_id, swan_id = call.query.get("open_id", ""), call.query.get("swan_id", "")
    if not open_id and not swan_id:
        raise Refusal(call.invented.open_id_missing, "open_id or swan_id is required")
    if open_id and swan_id:
        raise Refusal(call.invented.two_buyer_ids, "open_id and swan_id exclude each other")
    if open_id and call.foreign(open_id):
        raise Refusal(call.invented.open_id_foreign, "open_id is not of this app")
    given = call.body.data.get("Data")
    found = [call.body.inner("Data")] if isinstance(given, dict) else call.body.inners("Data")
    for record in found:
        if record.text("BizAPPID") != call.app_id:
            raise Refusal(call.invented.foreign_app, "BizAPPID is not the token's")
        record.text("ResourceID")
        record.one_of("CateID", tuple(STATUSES))
    return found


def check_status(record: Fields) -> None:
    """Refuse a status that is not valid for the record's kind of order."""
    record.one_of("Status", STATUSES[record.whole("CateID")])


def check_main(call: BaiduCall, main: Fields) -> None:
    """Refuse a `MainOrder` with a field missing, too many of something, or a wrong amount."""
    for product in main.inners("Products"):
        _check_product(call, product)
    _check_payment(call, main)
    for parcel in main.inners("Express", empty=True):
        check_parcel(parcel)
    for name in ("Appraise", "OrderDetail"):
        if main.has(name):
            _check_page(main.inner(name))


def check_parcel(parcel: Fields) -> None:
    """Refuse a parcel with a field missing; its carrier's code may be empty."""
    parcel.text("ID")
    parcel.text("Name")
    parcel.text("Code", empty=True)
    parcel.one_of("Type", PARCEL_TYPES)
    parcel.one_of("Status", (0,))


def check_subs(subs: Fields) -> None:
    """Refuse a `SubsOrder` with a field missing; its overall status is optional on append."""
    check_sub_statuses(subs)
    for item in subs.inners("Items"):
        item.whole("CTime")
        item.whole("MTime")
        item.one_of("OrderType", REFUND_KINDS)
        if item.has("OrderDetail"):
            _check_page(item.inner("OrderDetail"))
        if item.has("Payment"):
            _check_paid(item.inner("Payment"))
        if item.has("Refund"):
            _check_refund(item.inner("Refund"))


def check_sub_statuses(subs: Fields) -> None:
    """Refuse a status that is in no table; the samples' empty ones are accepted."""
    if subs.has("Status"):
        subs.one_of("Status", (NO_OVERALL_STATUS, *SUB_STATUSES))
    for item in subs.inners("Items"):
        item.text("SubOrderID")
        if item.data.get("SubStatus") != NO_STATUS:
            item.one_of("SubStatus", SUB_STATUSES)


def _check_refund(refund: Fields) -> None:
    refund.whole("Amount", at_least=0)
    for product in refund.inners("Product"):
        product.text("ID")
        product.whole("Quantity", at_least=1)
        product.whole("Amount", at_least=0)


def _check_product(call: BaiduCall, product: Fields) -> None:
    product.text("ID")
    product.text("Name")
    product.optional_text("Desc")
    product.whole("Quantity", at_least=1)
    product.whole("Price", at_least=0)
    product.whole("PayPrice", at_least=0)
    if len(product.texts("ImgList", empty=True)) > MOST_IMAGES:
        raise Refusal(call.invented.too_many_images, "at most 5 images")
    attributes = product.inners("SkuAttr", empty=True)
    if len(attributes) > MOST_ATTRIBUTES:
        raise Refusal(call.invented.too_many_attributes, "at most 4 attributes")
    for attribute in attributes:
        attribute.text("Name")
        attribute.text("Value")
    if product.has("DetailPage"):
        _check_page(product.inner("DetailPage"))


def _check_payment(call: BaiduCall, main: Fields) -> None:
    payment = main.inner("Payment")
    _check_paid(payment)
    expected = sum(
        product.whole("PayPrice") * product.whole("Quantity") for product in main.inners("Products")
    )
    expected += _lines(payment, "PaymentInfo") - _lines(payment, "PreferentialInfo")
    if payment.whole("Amount") != expected:
        raise Refusal(call.invented.amount_wrong, f"Amount should be {expected}")


def _check_paid(payment: Fields) -> None:
    payment.one_of("Method", PAYMENT_METHODS)
    payment.flag("IsPayment")
    payment.optional_whole("Time", 0)
    payment.whole("Amount", at_least=0)
    _lines(payment, "PaymentInfo")
    _lines(payment, "PreferentialInfo")


def _lines(payment: Fields, name: str) -> int:
    lines = payment.inners(name, empty=True)
    for line in lines:
        line.text("Name")
    return sum(line.whole("Value") * line.whole("Quantity") for line in lines)


def _check_page(page: Fields) -> None:
    if page.has("Status"):
        page.one_of("Status", PAGE_STATES)
    for name in ("Name", "H5Schema", "SwanSchema", "IPhoneSchema", "AndroidSchema"):
        page.optional_text(name)
