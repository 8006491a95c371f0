"""Image upload (manual 7.1), and the rule that every image address comes from it (1.1, 5.1)."""

import base64

from gateway.platforms.wechat_store.sandbox.state import StoreCall
from gateway.sandbox.request import Refusal, Wire

SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"BM")
HOST = "http://mmbiz.qpic.cn/mmbiz"


def upload_img(call: StoreCall) -> Wire:
    """`/merchant/common/upload_img?filename=`: takes an image's raw bytes, returns its address."""
    codes = call.invented.codes
    if "." not in call.query.get("filename", "").strip("."):
        raise Refusal(codes.bad_request, "filename with its suffix is required")
    if not call.raw:
        raise Refusal(codes.image_empty, "image is empty")
    if not call.raw.startswith(SIGNATURES):
        raise Refusal(codes.image_type, "not an image")
    name = base64.urlsafe_b64encode(call.entropy(60)).decode()
    url = f"{HOST}/{name}/0"
    call.shop.images.add(url)
    return {"image_url": url}


def require_uploaded(call: StoreCall, url: str) -> None:
    """Refuse an address that `/merchant/common/upload_img` did not return."""
    if url not in call.shop.images:
        raise Refusal(call.invented.codes.image_not_uploaded, "image is not uploaded")
