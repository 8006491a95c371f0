"""The rule that every image address must come from the platform's upload (manual 1.1, 5.1)."""

from gateway.sandbox.call import StoreCall
from gateway.sandbox.refusal import Refusal


def require_uploaded(call: StoreCall, url: str) -> None:
    """Refuse an address that `/merchant/common/upload_img` did not give."""
    if url not in call.shop.images:
        raise Refusal(call.invented.store.image_not_uploaded, "image is not uploaded")
