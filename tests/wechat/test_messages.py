"""Which deliveries are taken for the platform's, and which are not."""

import base64
import json
import os

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.ports import ForgedMessage
from gateway.wechat.message_body import MalformedMessage
from gateway.wechat.message_crypto import MessageCrypto
from gateway.wechat.messages import MessagePush
from gateway.wechat.order_events import read_event
from gateway.wechat.webhook_signature import signature
from tests.wechat.deliveries import (
    AES_KEY,
    APP_ID,
    MERCHANT_ORDER,
    OTHER_KEY,
    TOKEN,
    Delivery,
    encrypted,
    plain,
)

PLAIN = MessagePush(TOKEN)
SAFE = MessagePush(TOKEN, (MessageCrypto(AES_KEY, APP_ID),))
ROTATING = MessagePush(TOKEN, (MessageCrypto(OTHER_KEY, APP_ID), MessageCrypto(AES_KEY, APP_ID)))
DELIVERY = encrypted(MERCHANT_ORDER)
DOCUMENT_TYPE = b'<!DOCTYPE xml [<!ENTITY a "b">]>'


def signed(sealed: bytes) -> Delivery:
    """A ciphertext of any content with a good signature over it."""
    return signed_text(base64.b64encode(sealed).decode())


def signed_text(text: str) -> Delivery:
    """Any text in the place of the ciphertext, with a good signature over it."""
    query = {"timestamp": "1714037059", "nonce": "1", "encrypt_type": "aes"}
    query["msg_signature"] = signature(TOKEN, "1714037059", "1", text)
    return query, f"<xml><Encrypt><![CDATA[{text}]]></Encrypt></xml>".encode()


def sealed(plain_text: bytes, *, pad: bool = True) -> bytes:
    """What the platform's key makes of any plain text."""
    key = base64.b64decode(f"{AES_KEY}=")
    if pad:
        count = 32 - len(plain_text) % 32
        plain_text += bytes([count]) * count
    encryptor = Cipher(AES256(key), CBC(key[:16])).encryptor()
    return encryptor.update(plain_text) + encryptor.finalize()


def with_length(length: int, message: bytes, app_id: bytes) -> bytes:
    """Plain text of the platform's form."""
    return os.urandom(16) + length.to_bytes(4, "big") + message + app_id


def swapped(delivery: Delivery, *, body: bytes | None = None, **query: str) -> Delivery:
    """A delivery with parts of it changed."""
    return {**delivery[0], **query}, delivery[1] if body is None else body


def test_what_wechatpy_encrypted_is_opened_and_trusted() -> None:
    received = SAFE.open(*encrypted(MERCHANT_ORDER))

    assert received.trusted
    assert received.content == MERCHANT_ORDER.encode()


def test_the_previous_key_opens_too() -> None:
    assert ROTATING.open(*encrypted(MERCHANT_ORDER)).content == MERCHANT_ORDER.encode()
    assert ROTATING.open(*encrypted(MERCHANT_ORDER, key=OTHER_KEY)).trusted


def test_plain_mode_is_a_hint() -> None:
    received = PLAIN.open(*plain(MERCHANT_ORDER))

    assert not received.trusted
    assert received.content == MERCHANT_ORDER.encode()


def test_the_ciphertext_is_found_in_json_too() -> None:
    query, body = encrypted(MERCHANT_ORDER)
    text = body.split(b"<Encrypt><![CDATA[")[1].split(b"]]>")[0].decode()

    for envelope in (json.dumps({"Encrypt": text}), f'{{"Encrypt":"{text}",'.replace("/", r"\/")):
        assert SAFE.open(query, envelope.encode()).content == MERCHANT_ORDER.encode()


def test_the_console_s_check_is_answered() -> None:
    query = {
        "signature": "899cf89e464efb63f54ddac96b0a0a235f53aa78",
        "timestamp": "1714037059",
        "nonce": "486452656",
        "echostr": "4375120948345356249",
    }

    assert MessagePush("AAAAA").check_url(query) == "4375120948345356249"
    with pytest.raises(ForgedMessage):
        MessagePush("AAAAB").check_url(query)


REFUSED: dict[str, tuple[MessagePush, Delivery]] = {
    "no signature": (PLAIN, ({}, MERCHANT_ORDER.encode())),
    "another token": (PLAIN, plain(MERCHANT_ORDER, token="other")),
    "another nonce": (PLAIN, swapped(plain(MERCHANT_ORDER), nonce="1")),
    "plain though there is a key": (SAFE, plain(MERCHANT_ORDER)),
    "another token, encrypted": (SAFE, encrypted(MERCHANT_ORDER, token="other")),
    "another key": (SAFE, encrypted(MERCHANT_ORDER, key=OTHER_KEY)),
    "another app": (SAFE, encrypted(MERCHANT_ORDER, app_id="wx0000000000000000")),
    "a longer app": (SAFE, encrypted(MERCHANT_ORDER, app_id=f"{APP_ID}0")),
    "the signature of plain mode": (
        SAFE,
        swapped(encrypted(MERCHANT_ORDER), msg_signature=encrypted(MERCHANT_ORDER)[0]["signature"]),
    ),
    "another body": (SAFE, swapped(encrypted("<xml/>"), body=encrypted(MERCHANT_ORDER)[1])),
    "no ciphertext": (SAFE, signed(b"")),
    "half a block": (SAFE, signed(sealed(with_length(5, b"hello", APP_ID.encode()))[:-1])),
    "a block missing": (SAFE, signed(sealed(with_length(5, b"hello", APP_ID.encode()))[:-16])),
    "no padding": (SAFE, signed(sealed(b"x" * 64, pad=False))),
    "padding of zero": (SAFE, signed(sealed(b"\0" * 64, pad=False))),
    "padding too long": (SAFE, signed(sealed(b"\x21" * 64, pad=False))),
    "nothing but padding": (SAFE, signed(sealed(b""))),
    "too short for a length": (SAFE, signed(sealed(b"x" * 18))),
    "a length past the end": (SAFE, signed(sealed(with_length(2**31, b"hello", b"")))),
    "no base64": (SAFE, signed_text("?" * 64)),
    "nothing": (SAFE, signed_text("")),
    "a document type": (SAFE, swapped(DELIVERY, body=DOCUMENT_TYPE + DELIVERY[1])),
    "two ciphertexts": (
        SAFE,
        swapped(DELIVERY, body=DELIVERY[1][:-6] + b"&" + encrypted("<xml/>")[1]),
    ),
    "an element as ciphertext": (SAFE, ({}, b"<xml><Encrypt><a>b</a></Encrypt></xml>")),
}


@pytest.mark.parametrize("case", REFUSED)
def test_forgeries_are_refused(case: str) -> None:
    push, delivery = REFUSED[case]

    with pytest.raises(ForgedMessage) as refusal:
        push.open(*delivery)

    assert str(refusal.value) == ""


@given(flipped=st.integers(0, 10_000), bit=st.integers(0, 7))
@settings(max_examples=300)
def test_no_changed_bit_is_taken(flipped: int, bit: int) -> None:
    query, body = DELIVERY
    text = body.split(b"<Encrypt><![CDATA[")[1].split(b"]]>")[0]
    place = body.index(text) + flipped % len(text)
    changed = body[:place] + bytes([body[place] ^ (1 << bit)]) + body[place + 1 :]

    with pytest.raises(ForgedMessage):
        SAFE.open(query, changed)


@given(st.binary(max_size=400))
@settings(max_examples=300)
def test_any_bytes_are_refused_or_read(noise: bytes) -> None:
    for push, delivery in (
        (SAFE, signed(noise)),
        (SAFE, signed(sealed(noise))),
        (PLAIN, swapped(DELIVERY, body=noise)),
        (PLAIN, swapped(plain(""), body=noise)),
        (PLAIN, swapped(plain(""), body=b"<xml>" + noise + b"</xml>")),
    ):
        try:
            content = push.open(*delivery).content
            assert read_event(content) is None
        except (ForgedMessage, MalformedMessage):
            continue
