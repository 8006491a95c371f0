"""Image files by their bytes: formats, names, sizes."""

import struct

import pytest

from gateway.platform_kit.image_files import (
    GIF,
    JPEG,
    PNG,
    ImageFormat,
    file_name,
    image_format,
    pixels,
)
from gateway.ports.writing.problems import InputRefused

_PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 640, 600)
_GIF = b"GIF89a" + struct.pack("<HH", 32, 16)


def _jpeg(*segments: bytes) -> bytes:
    return b"\xff\xd8" + b"".join(segments)


def _segment(kind: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, kind, len(content) + 2) + content


def _frame(kind: int, width: int, height: int) -> bytes:
    return _segment(kind, struct.pack(">BHH", 8, height, width))


_APP = _segment(0xE0, b"JFIF\x00")
_TABLE = _segment(0xC4, b"huffman")


@pytest.mark.parametrize(
    ("content", "kind", "size"),
    [
        (_PNG, PNG, (640, 600)),
        (_PNG[:20], PNG, None),
        (_PNG[:-8] + bytes(8), PNG, None),
        (_GIF, GIF, (32, 16)),
        (_jpeg(_APP, _TABLE, _frame(0xC0, 800, 750)), JPEG, (800, 750)),
        (_jpeg(_APP, b"\xff\xff", _frame(0xC2, 3, 2)), JPEG, (3, 2)),
        (_jpeg(b"\xff\x01", _frame(0xC1, 3, 2)), JPEG, (3, 2)),
        (_jpeg(_frame(0xC0, 3, 0)), JPEG, None),
        (_jpeg(_APP, b"\xff\xd9"), JPEG, None),
        (_jpeg(_APP, b"plain"), JPEG, None),
        (_jpeg(_APP), JPEG, None),
        (_jpeg(struct.pack(">BBH", 0xFF, 0xE0, 0)), JPEG, None),
    ],
)
def test_a_size(content: bytes, kind: ImageFormat, size: tuple[int, int] | None) -> None:
    assert pixels(content, kind) == size


def test_a_format_is_known_by_the_first_bytes() -> None:
    assert image_format(_GIF, (PNG, GIF)) is GIF


@pytest.mark.parametrize(
    ("formats", "message"),
    [
        ((PNG,), "The file is no PNG."),
        ((PNG, JPEG), "The file is no PNG or JPEG."),
        ((PNG, JPEG, GIF), "The file is no PNG, JPEG or GIF."),
    ],
)
def test_another_format_is_refused(formats: tuple[ImageFormat, ...], message: str) -> None:
    with pytest.raises(InputRefused, match=message):
        image_format(b"BM", formats)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (None, "image.jpg"),
        ("C:\\pictures\\a.JPEG", "a.JPEG"),
        ("a.png", "a.jpg"),
        (".jpg", "image.jpg"),
        ("x" * 120 + ".jpg", "x" * 96 + ".jpg"),
    ],
)
def test_a_name(name: str | None, expected: str) -> None:
    assert file_name(name, JPEG) == expected
