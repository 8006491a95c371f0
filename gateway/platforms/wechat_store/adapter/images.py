"""Uploads pictures."""

from gateway.platforms.wechat_store.adapter.telling import tell
from gateway.platforms.wechat_store.endpoints import UPLOAD_IMAGE
from gateway.platforms.wechat_store.rules.image_file import image_name
from gateway.platforms.wechat_store.wire.image import UploadRequest
from gateway.upstream.client import PlatformClient


class Images:
    """Fills the port UploadsImages."""

    def __init__(self, client: PlatformClient) -> None:
        self._client = client

    async def upload(self, content: bytes, name: str | None, deadline: float | None) -> str:
        """The picture's address on the platform (manual 7.1)."""
        request = UploadRequest(filename=image_name(content, name), content=content)
        answer = await tell(self._client, UPLOAD_IMAGE, request, deadline)
        return answer.image_url
