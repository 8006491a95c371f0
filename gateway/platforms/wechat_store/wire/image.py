"""The upload of a picture (manual 7.1)."""

from gateway.platforms.wechat_store.wire.base import Read, Written


class UploadRequest(Written, frozen=True, kw_only=True):
    """The picture as it is; its name, with the ending of its kind, stands in the query."""

    filename: str
    content: bytes = b""


class UploadResponse(Read, frozen=True, kw_only=True):
    """The address that products, shelves and groups may show."""

    image_url: str
