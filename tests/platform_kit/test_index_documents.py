"""A platform's document is split so that nothing personal stays in plain, and nothing is lost."""

import msgspec
import pytest

from gateway.platform_kit.index_documents import (
    IndexDocument,
    joined_document,
    plain_document,
    received,
    split_document,
)
from gateway.ports import KeptDocument

MEMBERS = {"id": None, "lines": {"title": None}, "detail": {"price": None}}


def as_it_is(body: bytes) -> bytes:
    """No wire model."""
    return body


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ({"id": 1, "name": "张三"}, {"id": 1}),
        ({"lines": [{"title": "杯", "to": "李四"}]}, {"lines": [{"title": "杯"}]}),
        ({"id": {"name": "张三"}}, {}),
        ({"id": [1, {"name": "张三"}]}, {}),
        ({"detail": {"price": 5, "phone": "138"}}, {"detail": {"price": 5}}),
        ({"lines": None, "detail": 7}, {"lines": None, "detail": 7}),
    ],
)
def test_what_is_not_known_is_personal(raw: dict[str, object], plain: dict[str, object]) -> None:
    document = IndexDocument(status="SHIPPED", raw=raw, at=5)
    split = split_document(document, MEMBERS)
    assert msgspec.json.decode(split.document)["raw"] == plain
    assert (split.personal is None) == (plain == raw)

    kept = KeptDocument("1", split.document, personal=split.personal)
    joined, body = joined_document(kept, as_it_is)
    assert joined == document
    assert msgspec.json.decode(body) == raw
    erased, _ = joined_document(kept._replace(personal=None), as_it_is)
    assert erased == msgspec.structs.replace(document, raw=plain)


@pytest.mark.parametrize(
    ("document", "personal"), [("{}", None), ("nothing", None), ('{"status":null,"raw":{}}', b"x")]
)
def test_another_version_s_document_is_refused(document: str, personal: bytes | None) -> None:
    with pytest.raises(ValueError, match=r"another form|unexpected character"):
        joined_document(KeptDocument("1", document, personal=personal), as_it_is)


def test_what_is_no_object_was_not_received() -> None:
    assert received(lambda: {"id": 1}) == {"id": 1}
    for source in (None, list):
        with pytest.raises(ValueError, match="no object"):
            received(source)


def test_a_document_without_anything_personal_is_kept_whole() -> None:
    document = IndexDocument(status=None, raw={"any": [1, {"b": None}]})
    assert msgspec.json.decode(plain_document(document), type=IndexDocument) == document
