"""Uploads images: PNG or JPEG, with their size in pixels (reference, section 2)."""

import re
from typing import Final

from gateway.platform_kit.image_files import JPEG, PNG, file_name, image_format, pixels
from gateway.platform_kit.writes import send_write
from gateway.platforms.weixin_store.endpoints import UPLOAD_IMAGE
from gateway.platforms.weixin_store.wire.image import ADDRESS, FILE, UploadRequest
from gateway.ports.writing.problems import InputRefused
from gateway.upstream.client import PlatformClient
from gateway.upstream.endpoint import BOUNDARY, FilePart
from schema.errors import ErrorCode

#: The platform takes bmp, svg and webp besides, and no gif (A).
_FORMATS: Final = (PNG, JPEG)
_LARGEST: Final = 10 * 1024 * 1024
#: What a part's head may hold of a file's name.
_UNFIT: Final = re.compile(r'["\\\x00-\x1f\x7f]')


class Images:
    """Implements UploadsImages."""

    def __init__(self, client: PlatformClient) -> None:
        self._client = client

    async def upload(self, content: bytes, name: str | None, deadline: float | None) -> str:
        """Uploads an image and returns the address that products take."""
        kind = image_format(content, _FORMATS)
        size = pixels(content, kind)
        if size is None or BOUNDARY.encode() in content:
            message = "The file is damaged: it does not say how wide and high the image is."
            raise InputRefused.of(ErrorCode.INVALID, message, "file")
        if len(content) > _LARGEST:
            message = f"The platform takes at most {_LARGEST:,} bytes."
            raise InputRefused.of(ErrorCode.INVALID, message, "file")
        width, height = size
        part = FilePart(
            filename=_UNFIT.sub("_", file_name(name, kind)),
            media_type=kind.media_type,
            content=content,
        )
        request = UploadRequest(
            upload_type=FILE, resp_type=ADDRESS, width=width, height=height, media=part
        )
        answer = await send_write(self._client, UPLOAD_IMAGE, request, deadline)
        return answer.pic_file.img_url
