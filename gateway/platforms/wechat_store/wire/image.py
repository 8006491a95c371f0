"""The upload of a picture (manual 7.1)."""

from gateway.wechat.wire import Read, Written


class UploadRequest(Written, frozen=True, kw_only=True):
    """The raw picture; its name, with the file extension, is in the query."""

    filename: str
    content: bytes = b""


class UploadResponse(Read, frozen=True, kw_only=True):
    """The URL for use in products, shelves and groups."""

    image_url: str
