"""A wire model and the error fields of its platform, read in one pass."""

import msgspec
import pytest

from gateway.upstream.envelope_model import with_envelope
from gateway.upstream.reading import AnswerReader
from tests.upstream.rows import ERRORS, Envelope, Got, Order


class Renamed(msgspec.Struct, frozen=True, rename="camel"):
    """Error fields, one of them spelled in another way on the wire."""

    error_code: int = 0
    rows: list[int] = msgspec.field(default_factory=list)


class Likewise(msgspec.Struct):
    """An answer that has a member of its own with an error field's name."""

    errcode: str


class Spelt(msgspec.Struct):
    """The same, on the wire alone."""

    outcome: str = msgspec.field(name="errmsg")


def test_the_fields_of_both() -> None:
    both = with_envelope(Got, Renamed)

    assert both is not None
    read = msgspec.json.decode(b'{"order":{"order_id":"1"},"errorCode":7}', type=both)
    assert isinstance(read, Got)
    assert read.order == Order(order_id="1")
    assert (read.error_code, read.rows) == (7, [])  # type: ignore[attr-defined] # made here


@pytest.mark.parametrize("model", [Likewise, Spelt])
def test_what_is_spelt_alike_is_not_joined(model: type[msgspec.Struct]) -> None:
    assert with_envelope(model, Envelope) is None


@pytest.mark.parametrize(
    "body",
    [
        b'{"order":{"order_id":"1"}}',
        b'{"errcode":0,"errmsg":"ok","order":{"order_id":"1"}}',
        b'{"errcode":"0","order":{"order_id":"1"}}',
    ],
)
def test_an_answer_in_which_all_is_well(body: bytes) -> None:
    read = AnswerReader(ERRORS).fine(Got, body)

    assert isinstance(read, Got)
    assert read.order == Order(order_id="1")


@pytest.mark.parametrize(
    "body",
    [b'{"errcode":40035}', b'{"errcode":1}', b'{"errcode":[]}', b'{"order":{}}', b"[]", b"{", b""],
)
def test_whatever_else_wants_a_closer_look(body: bytes) -> None:
    assert AnswerReader(ERRORS).fine(Got, body) is None
