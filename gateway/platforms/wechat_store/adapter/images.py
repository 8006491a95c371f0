"""Uploads pictures: PNG, JPEG or GIF, recognised by their first bytes (manual 7.1)."""

from typing import Final

from gateway.platform_kit.image_files import GIF, JPEG, PNG, file_name, image_format
from gateway.platform_kit.writes import send_write
from gateway.platforms.wechat_store.endpoints import UPLOAD_IMAGE
from gateway.platforms.wechat_store.wire.image import UploadRequest
from gateway.upstream.client import PlatformClient

_FORMATS: Final = (PNG, JPEG, GIF)


class Images:
    """Implements UploadsImages."""

    def __init__(self, client: PlatformClient) -> None:
        self._client = client

    async def upload(self, content: bytes, name: str | None, deadline: float | None) -> str:
        """Uploads a picture (manual 7.1) and returns its URL on the platform."""
        filename = file_name(name, image_format(content, _FORMATS))
        request = UploadRequest(filename=filename, content=content)
        answer = await send_write(self._client, UPLOAD_IMAGE, request, deadline)
        return answer.image_url
