"""The upload of an image (reference, 2)."""

from typing import Final

from gateway.platforms.weixin_store.wire.base import Read, Written
from gateway.upstream.endpoint import FilePart

#: `upload_type`: the file itself, or an address that the platform fetches it from. `resp_type`: its
#: media id, or its address.
FILE: Final = 0
FETCHED: Final = 1
MEDIA_ID: Final = 0
ADDRESS: Final = 1


class UploadRequest(Written, frozen=True, kw_only=True):
    """A picture, with its size in pixels."""

    upload_type: int
    resp_type: int
    height: int
    width: int
    media: FilePart


class Uploaded(Read, frozen=True, kw_only=True):
    """The address that products take."""

    img_url: str


class UploadResponse(Read, frozen=True, kw_only=True):
    """The answer to `basics/img/upload`."""

    pic_file: Uploaded


class MediaRequest(Written, frozen=True, kw_only=True):
    """An image that the platform is to fetch."""

    upload_type: int
    resp_type: int
    img_url: str


class Media(Read, frozen=True, kw_only=True):
    """The media id that after-sales take."""

    media_id: str


class MediaResponse(Read, frozen=True, kw_only=True):
    """The answer to `basics/img/upload` that asks for a media id."""

    pic_file: Media
