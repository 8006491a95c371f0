"""Messages with odd bytes in odd places: an order that can be named is read, no other is."""

import json
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.ports import EventMessage, MessageRequest, UnreadableMessage
from gateway.wechat.message_crypto import MessageCrypto
from gateway.wechat.messages import MessagePush
from gateway.wechat.order_messages import OrderMessages
from tests.wechat.deliveries import AES_KEY, APP_ID, TOKEN, Delivery, encrypted, plain

READERS = {
    "plain": OrderMessages(MessagePush(TOKEN)),
    "AES": OrderMessages(MessagePush(TOKEN, (MessageCrypto(AES_KEY, APP_ID),))),
}
DELIVER: Mapping[str, Callable[[bytes], Delivery]] = {"plain": plain, "AES": encrypted}

#: Signs that stand for nothing: around an id they do no harm.
INVISIBLE = {
    "NUL": b"\0",
    "a control character": b"\x01",
    "a backspace": b"\x08",
    "a form feed": b"\x0c",
    "an escape": b"\x1b",
    "a delete": b"\x7f",
    "a control character of C1": b"\xc2\x85",
    "a byte order mark": b"\xef\xbb\xbf",
    "a noncharacter": b"\xef\xbf\xbe",
    "a space of no width": b"\xe2\x80\x8b",
    "a space that does not break": b"\xc2\xa0",
    "an ideographic space": b"\xe3\x80\x80",
}
ODD = {
    **INVISIBLE,
    "a byte of no encoding": b"\xff",
    "half a character": b"\xe5\x95",
    "a first byte alone": b"\xe5",
    "an overlong NUL": b"\xc0\x80",
    "a surrogate": b"\xed\xa0\x80",
    "GB18030": "天青色".encode("gb18030"),
    "GB18030 with a backslash": b"\x90\x5c",
    "GB18030 with a bracket": b"\x90\x5d",
    "a bare ampersand": b"&",
    "an entity that XML does not have": b"&nbsp;",
    "half an entity": b"&lt",
    "a character reference to nothing": b"&#0;",
    "a bare angle bracket": b"<",
    "the end of CDATA": b"]]>",
    "the begin of CDATA": b"<![CDATA[",
    "half the end of CDATA": b"]]",
    "a document type": b"<!DOCTYPE html>",
    "an entity declaration": b'<!ENTITY a "b">',
    "a comment without end": b"<!--",
    "a processing instruction without end": b"<?php",
    "an element that stays open": b"<b>",
    "an end without an element": b"</b>",
    "a quotation mark": b'"',
    "a backslash": b"\\",
    "an escape that JSON does not have": b"\\x41",
    "half a surrogate pair": b"\\ud83d",
    "a brace": b"{",
    "a closing brace": b"}",
}
#: Where it stands; no message has it within an id.
PLACES = ("before", "between", "in a text", "after")

ORDER = {
    "ToUserName": "gh_1",
    "FromUserName": "oBuyer",
    "CreateTime": 1720000000,
    "MsgType": "event",
    "Event": "merchant_order",
    "OrderId": "3790@ID@",
    "OrderStatus": 2,
    "SkuInfo": "1:2@TEXT@",
}
PARTNER = {
    "ToUserName": "gh_1",
    "FromUserName": "oBuyer",
    "CreateTime": 1720000000,
    "MsgType": "event",
    "Event": "cooperation_shop_order",
    "Data": {"order_id": "3790@ID@", "shop_appid": "wx1111", "note": "@TEXT@"},
}
CHAT = {
    "ToUserName": "gh_1",
    "FromUserName": "oBuyer",
    "CreateTime": 1720000000,
    "MsgType": "text",
    "Content": "hello @TEXT@",
    "MsgId": "1@ID@",
}
AFTER_SALE = {
    "ToUserName": "gh_1",
    "FromUserName": "oBuyer",
    "CreateTime": 1720000000,
    "MsgType": "event",
    "Event": "channels_ec_aftersale_update",
    "finder_shop_aftersale_status_update": {
        "status": "USER_WAIT_RETURN",
        "after_sale_order_id": "2090",
        "order_id": "3790@ID@",
        "note": "@TEXT@",
    },
}
UNKNOWN = {**ORDER, "Event": "channels_ec_acct_notify"}
KINDS = {
    "order": ORDER,
    "partner order": PARTNER,
    "after-sale": AFTER_SALE,
    "chat": CHAT,
    "unknown event": UNKNOWN,
}
EXPECTED = {
    "order": ("merchant_order", "3790", None, 1720000000, "2"),
    "partner order": ("cooperation_shop_order", "3790", "wx1111", 1720000000, None),
    "after-sale": ("channels_ec_aftersale_update", "3790", None, 1720000000, None),
}


def in_xml(fields: Mapping[str, object], *, cdata: bool) -> str:
    """Fields as elements."""
    parts = []
    for name, value in fields.items():
        if isinstance(value, dict):
            parts.append(f"<{name}>{in_xml(value, cdata=cdata)}</{name}>")
        elif isinstance(value, str) and cdata:
            parts.append(f"<{name}><![CDATA[{value}]]></{name}>")
        else:
            parts.append(f"<{name}>{value}</{name}>")
    return "@GAP@".join(parts)


FORMS: Mapping[str, Callable[[Mapping[str, object]], str]] = {
    "XML": lambda fields: f"<xml>{in_xml(fields, cdata=True)}</xml>",
    "XML without CDATA": lambda fields: f"<xml>{in_xml(fields, cdata=False)}</xml>",
    "JSON": lambda fields: json.dumps(fields).replace(", ", ",@GAP@ "),
}
SPOTS = {"between": "@GAP@", "in a text": "@TEXT@", "in the id": "@ID@"}


def message(kind: str, form: str, place: str = "", odd: bytes = b"") -> bytes:
    """A message with something odd in one place."""
    body = FORMS[form](KINDS[kind]).encode()
    if place == "around the id":
        body = body.replace(b"3790@ID@", odd + b"3790" + odd)
    if place == "in the id":
        body = body.replace(b"3790@ID@", b"37" + odd + b"90")
    for name, spot in SPOTS.items():
        body = body.replace(spot.encode(), odd if name == place else b"")
    return {"before": odd + body, "after": body + odd}.get(place, body)


def delivered(mode: str, content: bytes) -> EventMessage | None:
    """What the reader makes of a message that the platform delivers."""
    reader = READERS[mode]
    opened = reader.open(MessageRequest(*DELIVER[mode](content)))
    assert opened.content == content
    return reader.read(opened.content)


def told(read: EventMessage | None) -> tuple[object, ...] | None:
    """What a message says about an order."""
    if read is None:
        return None
    return (read.kind, read.order_id, read.partner_app_id, read.at, read.status)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("mode", READERS)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_odd_beside_the_id_hides_no_order(
    kind: str, form: str, mode: str, place: str
) -> None:
    differing = {}
    for name, odd in ODD.items():
        if (place, name) == ("before", "a document type"):
            continue  # There it is one.
        read = told(delivered(mode, message(kind, form, place, odd)))
        if read != EXPECTED.get(kind):
            differing[name] = read

    assert differing == {}


@pytest.mark.parametrize("mode", READERS)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", EXPECTED)
def test_what_is_invisible_around_the_id_is_no_part_of_it(kind: str, form: str, mode: str) -> None:
    for odd in INVISIBLE.values():
        read = delivered(mode, message(kind, form, "around the id", odd))
        assert told(read) == EXPECTED[kind]


@pytest.mark.parametrize("mode", READERS)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", EXPECTED)
@pytest.mark.parametrize("odd", ODD)
def test_an_id_with_something_odd_inside_is_no_other_order_s(
    kind: str, form: str, mode: str, odd: str
) -> None:
    with pytest.raises(UnreadableMessage, match=r"an event without (OrderId|order_id)"):
        delivered(mode, message(kind, form, "in the id", ODD[odd]))


@pytest.mark.parametrize("mode", READERS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "declaration",
    [
        b"<!DOCTYPE xml>",
        b'<!DOCTYPE xml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
        b'<!DOCTYPE xml SYSTEM "http://127.0.0.1/x.dtd">',
        b'<!DOCTYPE xml [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        b'<?xml version="1.0"?><!DOCTYPE xml [<!ENTITY % a "b">]>',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_declared_document_type_is_refused_by_the_parser(
    kind: str, mode: str, declaration: bytes, encoding: str
) -> None:
    text = (declaration + message(kind, "XML")).decode()

    with pytest.raises(UnreadableMessage, match="a document type is declared"):
        delivered(mode, text.encode(encoding))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", EXPECTED)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
def test_a_message_in_another_encoding_is_read(kind: str, form: str, encoding: str) -> None:
    text = message(kind, form, "in a text", "收货人".encode()).decode()

    assert told(delivered("AES", text.encode(encoding))) == EXPECTED[kind]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", EXPECTED)
def test_a_message_that_is_cut_off_names_its_order_or_none(kind: str, form: str) -> None:
    whole = message(kind, form)
    read = set()
    for end in range(len(whole)):
        try:
            cut = READERS["plain"].read(whole[:end])
        except UnreadableMessage:
            continue
        assert cut is not None, whole[:end]
        read.add((cut.kind, cut.order_id, cut.partner_app_id))

    assert read == {EXPECTED[kind][:3]}


@given(
    kind=st.sampled_from(sorted(EXPECTED)),
    form=st.sampled_from(sorted(FORMS)),
    at=st.integers(0, 500),
    odd=st.binary(min_size=1, max_size=3).filter(lambda odd: not odd.isalnum()),
)
@settings(max_examples=500)
def test_bytes_that_are_put_in_name_no_other_order(
    kind: str, form: str, at: int, odd: bytes
) -> None:
    whole = message(kind, form)
    at %= len(whole)
    try:
        read = READERS["plain"].read(whole[:at] + odd + whole[at:])
    except UnreadableMessage:
        return

    # Letters, digits and signs of ids make another word of a word: nobody can tell.
    if read is not None and not any(byte in b"_.:*+/=-" or chr(byte).isalnum() for byte in odd):
        assert told(read) is not None
        assert (read.kind, read.order_id, read.partner_app_id) == EXPECTED[kind][:3]


@pytest.mark.parametrize("form", FORMS)
def test_what_a_buyer_writes_is_no_order(form: str) -> None:
    forged = {
        "XML": message("order", "XML"),
        "JSON": message("order", "JSON").replace(b'"', b'\\"'),
        "out of CDATA": b"]]></Content>" + message("order", "XML") + b"<Content><![CDATA[",
        "out of an element": b"</Content>" + message("order", "XML") + b"<Content>",
        "unbalanced": b"]]>&" + message("order", "XML"),
        "the type again": b"<MsgType><![CDATA[event]]></MsgType>&",
    }
    for text in forged.values():
        assert delivered("AES", message("chat", form, "in a text", text)) is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"hello",
        b"{}",
        b"[]",
        b"<xml/>",
        b'{"MsgType":',
        b"\xff\xfe",
        b"<a>" * 100 + b"</a>" * 100,
        b"<a>" + b"<b/>" * 2_000 + b"</a>",
        b"[" * 60_000,
        b'{"a":' * 10_000,
        b'{"a":' + b"1" * 60_000 + b"}",
    ],
    ids=lambda body: repr(body[:12]),
)
@pytest.mark.parametrize("mode", READERS)
def test_what_is_no_message_is_unreadable(mode: str, body: bytes) -> None:
    with pytest.raises(UnreadableMessage, match="a message without MsgType"):
        delivered(mode, body)


def test_an_order_deep_inside_or_among_many_others_is_read() -> None:
    order = message("order", "XML")

    assert told(READERS["AES"].read(b"<a>" * 100 + order)) == EXPECTED["order"]
    assert told(READERS["AES"].read(order[:-6] + b"<b/>" * 2_000)) == EXPECTED["order"]


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("place", ["before", "after", "inside"])
def test_an_odd_envelope_is_opened(place: str, name: str) -> None:
    query, envelope = encrypted(message("order", "XML"))
    odd = ODD[name]
    body = {
        "before": odd + envelope,
        "after": envelope + odd,
        "inside": envelope.replace(b"<TimeStamp>", odd + b"<TimeStamp>"),
    }[place]
    if (place, name) == ("before", "a document type"):
        return

    opened = READERS["AES"].open(MessageRequest(query, body))
    assert told(READERS["AES"].read(opened.content)) == EXPECTED["order"]
