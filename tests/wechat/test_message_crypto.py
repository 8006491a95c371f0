"""What is taken for the platform's ciphertext; its form is that of the platform's own pages."""

import base64

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC

from gateway.wechat.message_crypto import CannotOpen, MessageCrypto

KEY = bytes(range(100, 132))
ENCODING_AES_KEY = "ZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7fH1+f4CBgoM"
APP = "wx0a1b2c3d4e5f6071"
NOISE = b"16 bytes of noise"[:16]


def padded(text: bytes) -> bytes:
    """Padding to 32 bytes: never none, at most 32."""
    count = 32 - len(text) % 32
    return text + bytes([count]) * count


def sealed(text: bytes) -> str:
    encryptor = Cipher(AES256(KEY), CBC(KEY[:16])).encryptor()
    return base64.b64encode(encryptor.update(text) + encryptor.finalize()).decode()


def written(message: bytes, app: str = APP, length: int | None = None) -> bytes:
    told = len(message) if length is None else length
    return NOISE + told.to_bytes(4, "big") + message + app.encode()


def opened(text: bytes, app: str = APP) -> bytes:
    return MessageCrypto(ENCODING_AES_KEY, app).open(sealed(text))


@pytest.mark.parametrize("length", [0, 1, 9, 10, 25, 26, 27, 300, 70_000])
def test_a_message_of_any_length_is_opened(length: int) -> None:
    """With 26 bytes the padding is a whole block of 32, with 25 one byte."""
    message = b"m" * length

    assert opened(padded(written(message))) == message


def test_an_app_without_a_name_may_send_an_empty_message() -> None:
    assert opened(padded(written(b"", app="")), app="") == b""
    assert opened(padded(written(b"end", app="")), app="") == b"end"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(written(b"m" * 26) + b"\x00" * 32, id="padding-of-none"),
        pytest.param(written(b"m" * 25) + b"\x00", id="padding-of-0"),
        pytest.param(written(b"m" * 25) + b"\x21", id="padding-of-33"),
        pytest.param(written(b"m" * 24) + b"\x01\x02", id="padding-of-two-kinds"),
        pytest.param(written(b"m" * 9) + bytes([33]) * 33, id="a-whole-padding-of-33"),
        pytest.param(padded(NOISE), id="no-length"),
        pytest.param(padded(NOISE + bytes(3)), id="half-a-length"),
        pytest.param(padded(written(b"m", length=100)), id="longer-than-it-is"),
        pytest.param(padded(written(b"m", length=1 + len(APP) + 1)), id="longer-by-one"),
    ],
)
def test_what_the_platform_does_not_write_is_refused(text: bytes) -> None:
    text += bytes(-len(text) % 16)

    with pytest.raises(CannotOpen, match=r"^no message of the platform$"):
        opened(text)


@pytest.mark.parametrize("between", ["!", " ", "\n", "-"])
def test_digits_that_base64_does_not_have_are_not_passed_over(between: str) -> None:
    good = sealed(padded(written(b"message")))

    with pytest.raises(CannotOpen, match=r"^no message of the platform$"):
        MessageCrypto(ENCODING_AES_KEY, APP).open(good[:8] + between + good[8:])


@pytest.mark.parametrize("app", ["", "wx0a1b2c3d4e5f6072", "wx0a1b2c3d4e5f60711"])
def test_a_message_for_another_app_is_refused(app: str) -> None:
    with pytest.raises(CannotOpen, match=r"^no message for this app$"):
        opened(padded(written(b"message", app=app)))


@pytest.mark.parametrize(
    "encrypted",
    [
        pytest.param("", id="nothing"),
        pytest.param("abc", id="no-base64"),
        pytest.param("YWJj!ZGVm", id="a-digit-that-base64-does-not-have"),
        pytest.param("YWJj", id="no-whole-block"),
        pytest.param("ä" * 64, id="no-ascii"),
    ],
)
def test_what_is_no_ciphertext_is_refused(encrypted: str) -> None:
    with pytest.raises(CannotOpen, match=r"^no message of the platform$"):
        MessageCrypto(ENCODING_AES_KEY, APP).open(encrypted)
