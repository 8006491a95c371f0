"""The audit of drafts: it takes a while, and passes or refuses; how many there may be."""

import copy

from gateway.platforms.weixin_store.sandbox import events
from gateway.platforms.weixin_store.sandbox.state import StoreProduct, WeixinCall
from gateway.sandbox.request import Refusal

#: `edit_status`.
EDITING, IN_AUDIT, REFUSED, PASSED, UPLOADING, UPLOAD_FAILED = 1, 2, 3, 4, 7, 8
#: What an audit's event says, in numbers of its own.
AUDIT_REFUSED, AUDIT_PASSED = 2, 3
#: `status` of the listed copy.
LISTED, BANNED = 5, 20

NOT_IN_AUDIT = 10020044
IN_AUDIT_ALREADY = 10020049
PRODUCT_BANNED = 10020053
STILL_UPLOADING = 10020067
UPLOAD_BROKEN = 10020279
LISTING_BANNED = 10020208
HOUR_QUOTA = 10020066
DAY_QUOTA = 10020111
HOUR, DAY = 3_600, 86_400


def settle(call: WeixinCall) -> None:
    """Carry out what time has brought: uploads and audits that came to their end."""
    for product in call.shop.products.values():
        if product.edit_status == UPLOADING and product.due_at <= call.now:
            product.edit_status = EDITING
            if product.submit_later:
                _submit(call, product, product.due_at)
        if product.edit_status == IN_AUDIT and product.due_at <= call.now:
            _decide(call, product)


def submit(call: WeixinCall, product: StoreProduct) -> None:
    """Send a draft to its audit; one that is still taken in follows when it is."""
    if product.edit_status == UPLOADING:
        product.submit_later = True
    else:
        _submit(call, product, call.now)


def take_in(call: WeixinCall, product: StoreProduct) -> None:
    """Begin to take in a draft of many SKUs."""
    product.edit_status = UPLOADING
    product.due_at = call.now + call.invented.upload_seconds


def withdraw(call: WeixinCall, product: StoreProduct) -> None:
    """Take a draft out of its audit, which counts like a write of it."""
    if product.edit_status != IN_AUDIT:
        raise Refusal(NOT_IN_AUDIT, "draft is not in audit")
    count(call)
    product.edit_status = EDITING


def require_editable(product: StoreProduct) -> None:
    """Refuse to change a draft that is in audit, taken in, or of a banned product."""
    require_not_in_audit(product)
    if product.status == BANNED:
        raise Refusal(PRODUCT_BANNED, "product is banned")
    if product.edit_status == UPLOADING:
        raise Refusal(STILL_UPLOADING, "product is uploading, try again later")


def require_listable(call: WeixinCall, product: StoreProduct) -> None:
    """Refuse to send a draft to its audit that cannot go, or of a shop that may not."""
    require_editable(product)
    if product.edit_status == UPLOAD_FAILED:
        raise Refusal(UPLOAD_BROKEN, "product upload failed, submit it again")
    if call.shop.listing_banned:
        raise Refusal(LISTING_BANNED, "listing of this shop is banned")


def require_not_in_audit(product: StoreProduct) -> None:
    """Refuse what a draft in audit forbids."""
    if product.edit_status == IN_AUDIT:
        raise Refusal(IN_AUDIT_ALREADY, "product is in audit, cancel it first")


def count(call: WeixinCall) -> None:
    """Count a write of a draft; refuse it where the hour's or the day's are used up."""
    shop, now = call.shop, call.now
    shop.draft_writes = [at for at in shop.draft_writes if at > now - DAY]
    if len(shop.draft_writes) >= shop.drafts_per_day:
        raise Refusal(DAY_QUOTA, "submit too many times in a day")
    if sum(at > now - HOUR for at in shop.draft_writes) >= shop.drafts_per_hour:
        raise Refusal(HOUR_QUOTA, "submit too many times in an hour")
    shop.draft_writes.append(now)


def _submit(call: WeixinCall, product: StoreProduct, now: int) -> None:
    product.edit_status = IN_AUDIT
    product.submit_later = False
    product.due_at = now + call.invented.audit_seconds


def _told(call: WeixinCall, product: StoreProduct, name: str, **fields: object) -> None:
    events.product_event(call.shop, name, product.product_id, call.now, product_type=1, **fields)


def _decide(call: WeixinCall, product: StoreProduct) -> None:
    """End an audit: a draft that passes replaces the line copy, and is listed."""
    title = product.draft["title"]
    if any(word in title for word in call.invented.refused_words):
        product.edit_status = REFUSED
        _told(call, product, "audit", status=AUDIT_REFUSED, reason="title")
        return
    product.edit_status = PASSED
    _told(call, product, "audit", status=AUDIT_PASSED)
    _told(call, product, "listing", status=LISTED)
    product.line = copy.deepcopy(product.draft)
    product.status = LISTED
