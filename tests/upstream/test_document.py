"""An answer's document as received, with what its wire model left out."""

import pytest

from gateway.upstream.document import document

NESTED: list[object] = []
for _ in range(199):
    NESTED = [NESTED]
_ROOM = b'"filler":"' + b"." * 1_000 + b'"'


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (b'{"a":1}', {"a": 1}),
        (b'{"a":"caf\xc3",%b}' % _ROOM, {"a": "caf\ufffd", "filler": "." * 1_000}),
        (b'{"\xc3":1,%b}' % _ROOM, {"\ufffd": 1, "filler": "." * 1_000}),
        (b'{"a":18446744073709551615}', {"a": 2**64 - 1}),
        (b'{"a":18446744073709551616}', {"a": "18446744073709551616"}),
        (b'{"a":-9223372036854775808}', {"a": -(2**63)}),
        (b'{"a":-9223372036854775809}', {"a": "-9223372036854775809"}),
        (b'{"a":%b}' % (b"1" * 5_000), {"a": "1" * 5_000}),
        (b'{"a":[1.5,-1e400]}', {"a": [1.5, "-1e400"]}),
        (b'{"a":1e400,"b":"\x01\\ud800"}', {"a": "1e400", "b": "\x01\ufffd"}),
        (b"[" * 200 + b"]" * 200, NESTED),
    ],
    ids=[
        "sound",
        "a value that is cut off",
        "a name that is cut off",
        "64 bits",
        "one more",
        "the least of 64 bits",
        "one less",
        "more digits than Python reads",
        "beyond the doubles",
        "a number and characters",
        "deep",
    ],
)
def test_a_document_is_read_as_far_as_it_can_be(body: bytes, read: object) -> None:
    assert document(body) == read


def test_a_document_in_gb18030_is_read_as_one() -> None:
    assert document('{"a":"茶","b":["红茶",1]}'.encode("gb18030")) == {"a": "茶", "b": ["红茶", 1]}


def test_a_document_that_no_answer_could_hold_is_not() -> None:
    with pytest.raises(ValueError, match="nested more than 200 levels deep"):
        document(b"[" * 202 + b"]" * 202)
