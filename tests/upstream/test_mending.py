"""An answer's document as received, with what its wire model left out."""

import pytest

from gateway.upstream.mending import document

_ROOM = b'"filler":"' + b"." * 1_000 + b'"'


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (b'{"a":1}', {"a": 1}),
        (b'{"a":"caf\xc3",%b}' % _ROOM, {"a": "caf\ufffd", "filler": "." * 1_000}),
        (b'{"\xc3":1,%b}' % _ROOM, {"\ufffd": 1, "filler": "." * 1_000}),
    ],
    ids=["sound", "a value that is cut off", "a name that is cut off"],
)
def test_a_document_is_read_as_far_as_it_can_be(body: bytes, read: object) -> None:
    assert document(body) == read


def test_a_document_in_another_charset_is_not() -> None:
    with pytest.raises(ValueError, match="not valid UTF-8"):
        document('{"a":"茶"}'.encode("gb18030"))
