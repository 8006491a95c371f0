"""Uploads pictures: PNG, JPEG or GIF, recognised by their first bytes (manual 7.1)."""

from typing import Final

from gateway.platform_kit.writes import send_write
from gateway.platforms.wechat_store.endpoints import UPLOAD_IMAGE
from gateway.platforms.wechat_store.wire.image import UploadRequest
from gateway.ports.writing.problems import InputRefused
from gateway.upstream.client import PlatformClient
from schema.errors import ErrorCode


class Images:
    """Implements UploadsImages."""

    def __init__(self, client: PlatformClient) -> None:
        self._client = client

    async def upload(self, content: bytes, name: str | None, deadline: float | None) -> str:
        """Uploads a picture (manual 7.1) and returns its URL on the platform."""
        request = UploadRequest(filename=image_name(content, name), content=content)
        answer = await send_write(self._client, UPLOAD_IMAGE, request, deadline)
        return answer.image_url


#: Magic bytes of each format, and its file extensions; the first is the one to append.
_KINDS: Final = (
    (b"\x89PNG\r\n\x1a\n", (".png",)),
    (b"\xff\xd8\xff", (".jpg", ".jpeg")),
    (b"GIF87a", (".gif",)),
    (b"GIF89a", (".gif",)),
)
_LONGEST_NAME: Final = 100


def image_name(content: bytes, name: str | None) -> str:
    """The file name to send to the platform, with the extension of its format.

    Raises:
        InputRefused: not a picture in a format that the platform accepts.
    """
    for signature, endings in _KINDS:
        if content.startswith(signature):
            return _named(name, endings)
    message = "The file is empty." if not content else "The file is no PNG, JPEG or GIF."
    raise InputRefused.of(ErrorCode.INVALID, message, "file")


def _named(name: str | None, endings: tuple[str, ...]) -> str:
    plain = (name or "").replace("\\", "/").rpartition("/")[2].strip()
    if plain.lower().endswith(endings) and not plain.startswith("."):
        return plain if len(plain) <= _LONGEST_NAME else plain[-_LONGEST_NAME:]
    stem = plain.partition(".")[0][:_LONGEST_NAME] or "image"
    return f"{stem}{endings[0]}"
