"""The entries of a list are found although some of them are broken."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.upstream.entry_split import split


def _document(*entries: bytes, head: bytes = b'"errcode":0,', tail: bytes = b"") -> bytes:
    return b'{%b"list":[%b]%b}' % (head, b",".join(entries), tail)


A = b'{"id":"a","name":"x","parts":[{"id":1},{"id":2}]}'
Z = b'{"id":"z","name":"y","parts":[]}'

BROKEN = {
    "an unknown escape": rb'{"id":"b","name":"\x41","parts":[]}',
    "an escape that is cut off": rb'{"id":"b","name":"\u12","parts":[]}',
    "a bare quote": b'{"id":"b","name":"a"b","parts":[]}',
    "bare quotes": b'{"id":"b","name":"say "hi", she said","parts":[]}',
    "a bare quote before a bracket": b'{"id":"b","name":"a"} or so","parts":[]}',
    "a bare quote in a list": b'{"id":"b","name":["a"b","c"],"parts":[]}',
    "a bare quote in a name": b'{"id":"b","na"me":"a","parts":[]}',
    "a control character": b'{"id":"b","name":"a\x01\n","parts":[]}',
    "bytes of another charset": '{"id":"b","name":"茶\\\\","parts":[]}'.encode("gb18030"),
    "a comma at the end": b'{"id":"b","name":"a","parts":[],}',
    "no comma": b'{"id":"b" "name":"a","parts":[]}',
    "no value": b'{"id":"b","name":,"parts":[]}',
    "no quotes": b'{"id":"b","name":a,"parts":[]}',
    "words of Python": b"{'id':'b','name':None,'parts':[]}",
    "no name": b'{"id":"b",:1,"parts":[]}',
    "no bracket at the end": b'{"id":"b","name":"a","parts":[]',
    "no bracket of the list": b'{"id":"b","name":"a","parts":[{"id":1}}',
    "no bracket within": b'{"id":"b","name":"a","parts":[{"id":1]}',
    "one bracket more": b'{"id":"b","name":"a","parts":[]}}',
    "another bracket": b'{"id":"b","name":"a","parts":[)}',
    "a text without end": b'{"id":"b","name":"a,"parts":[]}',
    "cut off in a text": b'{"id":"b","name":"a',
    "cut off in a name": b'{"id":"b","na',
    "cut off at its begin": b"{",
    "no object": b"nonsense",
    "nothing": b"",
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize(
    "tail", [b"", b',"errmsg":"ok"', b',"more":[{"id":"no entry"}],"errcode":0'], ids=len
)
@pytest.mark.parametrize("place", ["first", "between", "last"])
def test_a_broken_entry_hides_no_other(broken: bytes, tail: bytes, place: str) -> None:
    entries = {"first": [broken, A, Z], "between": [A, broken, Z], "last": [A, Z, broken]}[place]
    found = split(_document(*entries, tail=tail), "list")

    assert found is not None
    assert A in found.entries
    assert Z in found.entries
    assert len(found.entries) <= 3
    assert json.loads(found.head + found.tail)["errcode"] == 0


def test_two_broken_entries_hide_no_other() -> None:
    broken = BROKEN["a bare quote"], BROKEN["an unknown escape"]

    found = split(_document(A, broken[0], Z, broken[1], A), "list")

    assert found is not None
    assert found.entries == [A, broken[0], Z, broken[1], A]


def test_entries_between_two_without_brackets_are_found_where_lists_within_differ() -> None:
    one = b'{"key":"a","parts":[{"id":1},{"id":2}]}'
    broken = b'{"key":"b","parts":[{"id":1},{"id":2}'

    found = split(_document(one, broken, one, broken, one), "list")

    assert found is not None
    assert found.entries == [one, broken, one, broken, one]


def test_no_entry_of_a_list_within_is_taken_for_one_of_the_list() -> None:
    """They look alike; so what stands between two entries without brackets is lost with them."""
    broken = b'{"id":"b","parts":[{"id":1},{"id":2},{"id":3}'

    found = split(_document(A, broken, A, broken, Z), "list")

    assert found is not None
    assert found.entries == [A, broken + b"," + A + b"," + broken, Z]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"<html>",
        b'{"list":{}}',
        b'{"list":null}',
        b'{"other":[{"id":"\\x41"}]}',
        b'{"list":[{"id":"\\x41"}',
        b'{"list":[{"id":"\\x41"}]',
        b'{"list":[{"id":"\\x41"}],',
        b'{"list":[{"id":"\\x41"}]}}',
        b'{"a":{"list":[{"id":"\\x41"}]}}',
        b"[" * 100_000,
        b'{"list":[' + b"[" * 100_000,
    ],
    ids=lambda body: f"{body[:20]!r}",
)
def test_without_a_list_that_ends_there_are_no_entries(body: bytes) -> None:
    assert split(body, "list") is None


def test_a_document_of_which_much_is_broken_is_given_up() -> None:
    """Each entry could be gone through to the end; a few passes must do."""
    assert split(_document(*[b'{"id":"b","name":"a'] * 3_000), "list") is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)
ENTRIES = st.lists(st.dictionaries(st.sampled_from(["name", "parts", "n"]), JSON), max_size=5)


@given(ENTRIES, st.sampled_from([None, 1]), st.booleans())
def test_sound_documents_are_split_as_a_parser_does(
    entries: list[dict[str, Any]],
    indent: int | None,
    ascii_: bool,  # noqa: FBT001 - drawn
) -> None:
    body = json.dumps({"a": 1, "list": entries, "z": [1]}, indent=indent, ensure_ascii=ascii_)

    found = split(body.encode(), "list")

    assert found is not None
    assert [json.loads(entry) for entry in found.entries] == entries
    assert json.loads(found.head + found.tail) == {"a": 1, "list": [], "z": [1]}


@given(
    ENTRIES.filter(bool),
    st.data(),
    st.sampled_from([rb"\x41", b"\x01", b"\xff", rb"\u12", b'"b', b'" b "', b'"}b', b'"]b']),
)
def test_what_is_typed_into_a_text_breaks_its_own_entry_alone(
    entries: list[dict[str, Any]], data: st.DataObject, typed: bytes
) -> None:
    place = data.draw(st.integers(0, len(entries) - 1))
    raw = [json.dumps({"id": "1"} | entry, ensure_ascii=False).encode() for entry in entries]
    raw[place] = b'{"id":"b","name":"a%bc","n":1}' % typed

    found = split(_document(*raw), "list")

    assert found is not None
    assert found.entries == raw


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_any_bytes_are_gone_through(some: bytes, more: bytes) -> None:
    for body in (some, _document(some), _document(A, some, more, Z), _document(some + more)):
        found = split(body, "list")
        assert found is None or isinstance(found.entries, list)
