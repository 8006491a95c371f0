"""The upload of images (reference, section 2)."""

import base64

from gateway.platforms.weixin_store.sandbox.state import WeixinCall
from gateway.sandbox.request import Fields, Refusal, Wire
from gateway.sandbox.wechat import Route, require_object

SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"BM", b"RIFF")
#: `upload_type` and `resp_type`: the file itself, its address.
FILE, ADDRESS = "0", "1"
HOST = "https://mmecimage.cn/p/"
#: An address to fetch it from; its media id.
FETCHED, MEDIA_ID = "1", "0"

BAD_ARGUMENT = 10020055
BAD_FORMAT = 10020056
EMPTY = 10020059
TOO_LARGE = 10020060
LARGEST = 10 * 1024 * 1024


def upload(call: WeixinCall) -> Wire:
    """`basics/img/upload`: takes a file as the part `media`, returns its address.

    Or it takes the address of an image of the platform, and returns a media id.
    """
    query = call.query
    if (query.get("upload_type"), query.get("resp_type")) == (FETCHED, MEDIA_ID):
        url = Fields(require_object(call.raw), BAD_ARGUMENT).text("img_url")
        if not url.startswith(HOST):
            raise Refusal(BAD_ARGUMENT, "img_url cannot be fetched")
        return {"pic_file": {"media_id": f"media-{url.rpartition('/')[2]}"}}
    if (query.get("upload_type"), query.get("resp_type")) != (FILE, ADDRESS):
        raise Refusal(BAD_ARGUMENT, "upload_type or resp_type invalid")
    if not all(query.get(name, "").isdigit() and int(query[name]) for name in ("height", "width")):
        raise Refusal(BAD_ARGUMENT, "height or width invalid")
    content = _part(call.raw)
    if not content:
        raise Refusal(EMPTY, "image is empty")
    if len(content) > LARGEST:
        raise Refusal(TOO_LARGE, "image too large")
    if not content.startswith(SIGNATURES):
        raise Refusal(BAD_FORMAT, "image format invalid")
    name = base64.urlsafe_b64encode(call.entropy(30)).decode().rstrip("=")
    url = f"{HOST}{call.app_id}/{name}"
    call.shop.images.add(url)
    return {"pic_file": {"img_url": url}}


def _part(raw: bytes) -> bytes:
    """Return the content of the part `media` of a multipart body, or refuse."""
    boundary, _, rest = raw.partition(b"\r\n")
    head, _, body = rest.partition(b"\r\n\r\n")
    content, end, _ = body.rpartition(b"\r\n" + boundary + b"--")
    if not boundary.startswith(b"--") or not end or b'name="media"' not in head:
        raise Refusal(BAD_ARGUMENT, "media is required")
    return content


ROUTES: dict[str, Route[WeixinCall]] = {"/shop/ec/basics/img/upload": Route(upload, raw=True)}
