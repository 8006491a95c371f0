"""Encodes spans as OTLP has them, in protobuf's wire format.

The exporter's own encoder makes a message object of each attribute, which takes longer than all
else that is done for a span. Here what recurs, such as attributes, is encoded once.
"""

from collections.abc import Iterable
from functools import lru_cache
from struct import Struct
from typing import Final

from gateway.tracing.span import Span, SpanReference

#: Attributes and names that are remembered with their encoded form.
_REMEMBERED: Final = 4_096
#: Lengths of less than this are one byte.
_ONE_BYTE: Final = 0x80
#: The flags of a span's parent: known to be of this process, and of another one.
_LOCAL: Final = 0x100
_REMOTE: Final = 0x300
#: Trace id, span id: of 16 and 8 bytes, each with its field's tag and length.
_IDS: Final = Struct(">BBQQBBQ")
_PARENT: Final = Struct(">BBQ")
#: Kind, start and end, each with its tag.
_TIMES: Final = Struct("<BBBQBQ")
_FLAGS: Final = Struct("<HI")
_DOUBLE: Final = Struct("<Bd")
_LOW: Final = (1 << 64) - 1
#: The field `status` with the code ERROR.
_ERROR: Final = b"\x7a\x02\x18\x02"


def varint(number: int) -> bytes:
    """A number that is not negative, in as few bytes as it takes."""
    encoded = bytearray()
    while number >= _ONE_BYTE:
        encoded.append(number & 0x7F | _ONE_BYTE)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def delimited(field: int, content: bytes) -> bytes:
    """A field that holds bytes, text or a message."""
    return b"%s%s%s" % (varint(field << 3 | 2), varint(len(content)), content)


def encoded_spans(resource: bytes, scope: bytes, spans: Iterable[Span]) -> bytes:
    """A request to export spans, of one resource and one scope, which are encoded already."""
    parts = [delimited(1, scope)]
    for span in spans:
        encoded = _span(span)
        parts.append(b"\x12%s%s" % (varint(len(encoded)), encoded))
    return delimited(1, delimited(1, resource) + delimited(2, b"".join(parts)))


def _span(span: Span) -> bytes:
    trace = span.trace
    parts = [
        _IDS.pack(0x0A, 16, trace.trace_id >> 64, trace.trace_id & _LOW, 0x12, 8, span.span_id)
    ]
    if trace.state:
        parts.append(delimited(3, trace.state.encode()))
    if span.parent_id:
        parts.append(_PARENT.pack(0x22, 8, span.parent_id))
    parts.append(_name(span.name))
    # The protocol counts kinds from 1, as 0 is none.
    parts.append(_TIMES.pack(0x30, span.kind + 1, 0x39, span.began, 0x41, span.ended))
    parts += [_attribute(name, value) for name, value in span.attributes.items()]
    parts += [delimited(13, _link(link)) for link in span.links]
    if span.error is not None:
        parts.append(_ERROR)
    parts.append(_FLAGS.pack(0x0185, _REMOTE if span.remote else _LOCAL))
    return b"".join(parts)


@lru_cache(_REMEMBERED)
def _name(name: str) -> bytes:
    return delimited(5, name.encode())


# Typed: 1, 1.0 and True are equal.
@lru_cache(_REMEMBERED, typed=True)
def _attribute(name: str, value: str | float) -> bytes:
    if isinstance(value, str):
        encoded = delimited(1, value.encode())
    elif isinstance(value, bool):
        encoded = b"\x10\x01" if value else b"\x10\x00"
    elif isinstance(value, int):
        encoded = b"\x18" + varint(value & _LOW)
    else:
        encoded = _DOUBLE.pack(0x21, value)
    return delimited(9, delimited(1, name.encode()) + delimited(2, encoded))


def _link(link: SpanReference) -> bytes:
    ids = _IDS.pack(0x0A, 16, link.trace_id >> 64, link.trace_id & _LOW, 0x12, 8, link.span_id)
    return ids + delimited(3, link.state.encode()) if link.state else ids
