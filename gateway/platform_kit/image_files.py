"""Image files: their format by their first bytes, their name on a platform, their size."""

import struct
from collections.abc import Sequence
from typing import Final, NamedTuple

from gateway.ports.writing.problems import InputRefused
from schema.errors import ErrorCode


class ImageFormat(NamedTuple):
    """A format: the bytes that files begin with, its file extensions, its media type.

    The first extension is the one to append.
    """

    name: str
    signatures: tuple[bytes, ...]
    extensions: tuple[str, ...]
    media_type: str


PNG: Final = ImageFormat("PNG", (b"\x89PNG\r\n\x1a\n",), (".png",), "image/png")
JPEG: Final = ImageFormat("JPEG", (b"\xff\xd8\xff",), (".jpg", ".jpeg"), "image/jpeg")
GIF: Final = ImageFormat("GIF", (b"GIF87a", b"GIF89a"), (".gif",), "image/gif")

_LONGEST_NAME: Final = 100

#: Markers of a JPEG file that have no length; those of a frame's header; the end of the headers.
_BARE: Final = frozenset({0x01, *range(0xD0, 0xD9)})
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ENDS: Final = frozenset({0xD9, 0xDA})


def image_format(content: bytes, formats: Sequence[ImageFormat]) -> ImageFormat:
    """The format of a file.

    Raises:
        InputRefused: it is empty, or none of these formats.
    """
    for known in formats:
        if content.startswith(known.signatures):
            return known
    *rest, last = (known.name for known in formats)
    listed = f"{', '.join(rest)} or {last}" if rest else last
    message = "The file is empty." if not content else f"The file is no {listed}."
    raise InputRefused.of(ErrorCode.INVALID, message, "file")


def file_name(name: str | None, kind: ImageFormat) -> str:
    """The file's name without its folder, and with an extension of its format."""
    plain = (name or "").replace("\\", "/").rpartition("/")[2].strip()
    if plain.lower().endswith(kind.extensions) and not plain.startswith("."):
        return plain if len(plain) <= _LONGEST_NAME else plain[-_LONGEST_NAME:]
    stem = plain.partition(".")[0][:_LONGEST_NAME] or "image"
    return f"{stem}{kind.extensions[0]}"


def pixels(content: bytes, kind: ImageFormat) -> tuple[int, int] | None:
    """Width and height of a PNG, JPEG or GIF file; None if it does not say."""
    try:
        if kind is PNG:
            width, height = struct.unpack_from(">II", content, 16)
        elif kind is GIF:
            width, height = struct.unpack_from("<HH", content, 6)
        else:
            return _jpeg_pixels(content)
    except struct.error:
        return None
    return (width, height) if width and height else None


def _jpeg_pixels(content: bytes) -> tuple[int, int] | None:
    """From the first frame's header, which follows other segments."""
    place = 2
    while True:
        marker, kind = struct.unpack_from(">BB", content, place)
        if marker != 0xFF or kind in _ENDS:  # noqa: PLR2004 - begins every segment
            return None
        if kind == 0xFF or kind in _BARE:  # noqa: PLR2004 - a fill byte
            place += 1 if kind == 0xFF else 2  # noqa: PLR2004
            continue
        if kind in _FRAMES:
            height, width = struct.unpack_from(">HH", content, place + 5)
            return (width, height) if width and height else None
        place += 2 + max(int(struct.unpack_from(">H", content, place + 2)[0]), 2)
