"""Odd values in every answer of every platform: the manuals' samples, damaged in one place."""

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import pytest

from gateway.errors import PlatformFailure
from gateway.platforms.baidu import errors as baidu_errors
from gateway.platforms.baidu.tokens import TOKEN
from gateway.registry import modules_named
from gateway.upstream.endpoint import Endpoint, EntryList
from gateway.upstream.error_table import ErrorTable
from gateway.upstream.lenient_answer import UNREADABLE, AnswerDecoder
from gateway.upstream.reading import AnswerReader, CallName
from gateway.wechat.tokens import STABLE_TOKEN, TOKEN_ERRORS
from tests.house.tree import ROOT

Row = Endpoint[Any, Any]
Tree = dict[str, Any]
Steps = tuple[str | int, ...]


class Sample(NamedTuple):
    """A row, and the manual's sample of its answer."""

    row: Row
    answer: Tree


def _samples() -> Iterator[Sample]:
    for name, table in modules_named("endpoints").items():
        folder: Path = ROOT / "tests" / "fixtures" / name
        for row in table.ENDPOINTS:
            text = (folder / f"{row.name}.response.json").read_text(encoding="utf-8")
            yield Sample(row, json.loads(text))
    for row in (STABLE_TOKEN, TOKEN):
        yield Sample(row, {"access_token": "t", "expires_in": 7_200})


SAMPLES: Final = tuple(_samples())
LISTS: Final = tuple(sample for sample in SAMPLES if sample.row.entries is not None)


def _name(value: object) -> str:
    return value.row.name if isinstance(value, Sample) else ""


def _steps(value: Any, at: Steps = ()) -> Iterator[Steps]:
    """The ways to all values in a document, one of each list."""
    if at:
        yield at
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _steps(member, (*at, name))
    elif isinstance(value, list) and value:
        yield from _steps(value[0], (*at, 0))


def _at(value: Any, steps: Steps) -> Any:
    for step in steps:
        value = value[step]
    return value


def _with(document: Tree, steps: Steps, value: Any) -> Tree:
    changed = deepcopy(document)
    _at(changed, steps[:-1])[steps[-1]] = value
    return changed


def _same_in_other_forms(value: Any) -> Iterator[Any]:
    """What means the same as a value of a sample."""
    if isinstance(value, bool):
        yield from (int(value), str(int(value)), str(value).lower())
    elif isinstance(value, int):
        yield from (str(value), f" {value} ")
    elif isinstance(value, str) and value.isdigit() and str(int(value)) == value:
        yield int(value)
    elif isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict):
        yield value[0]
    elif value == []:
        yield from ({}, None, "")


def _loosely(value: Any) -> Any:
    """A model's values without the difference between a number and its text."""
    if isinstance(value, dict):
        return {name: _loosely(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        # A model may take one entry with or without its list.
        is_one = len(value) == 1 and isinstance(value[0], dict)
        return _loosely(value[0]) if is_one else [_loosely(entry) for entry in value]
    if isinstance(value, bool):
        # A flag may be 0 or 1, and is one either way.
        value = int(value)
    return str(value).strip() if isinstance(value, int | str) else value


def _read(row: Row, body: bytes) -> Any:
    """What the models hold of an answer, as plain values."""
    decoder: AnswerDecoder[Any] = AnswerDecoder(row)
    sound = decoder.sound(body)
    assert sound is not None
    assert not sound.unreadable
    return _loosely(msgspec.to_builtins(decoder.decode(sound.body)))


def _json(document: Tree) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


@pytest.mark.parametrize("sample", SAMPLES, ids=_name)
def test_another_form_of_any_value_is_read_as_the_same(sample: Sample) -> None:
    row, document = sample
    plain = _read(row, _json(document))

    for steps in _steps(document):
        for form in _same_in_other_forms(_at(document, steps)):
            changed = _with(document, steps, form)
            assert _read(row, _json(changed)) == plain, (steps, form)


TABLES: Final[dict[str, ErrorTable[Any]]] = {
    **{name: module.ERRORS for name, module in modules_named("errors").items()},
    "the token of WeChat": TOKEN_ERRORS,
    "the token of Baidu": baidu_errors.TOKEN_ERRORS,
}


@pytest.mark.parametrize("errors", TABLES.values(), ids=TABLES)
def test_error_fields_that_are_null_are_no_refusal(errors: ErrorTable[Any]) -> None:
    names = [field.encode_name for field in msgspec.structs.fields(errors.envelope)]

    for name in names:
        AnswerReader(errors).check(CallName("shop", "call"), 200, _json({name: None}))
    AnswerReader(errors).check(CallName("shop", "call"), 200, _json(dict.fromkeys(names)))


@pytest.mark.parametrize("errors", TABLES.values(), ids=TABLES)
@pytest.mark.parametrize("odd", [[], {}, [1], {"a": 1}, True, 1.5], ids=repr)
def test_an_odd_error_code_is_not_taken_for_none(errors: ErrorTable[Any], odd: object) -> None:
    fields = msgspec.structs.fields(errors.envelope)
    (name,) = {"errcode", "error_code"} & {field.encode_name for field in fields}

    with pytest.raises(PlatformFailure, match="wrong at"):
        AnswerReader(errors).check(CallName("shop", "call"), 200, _json({name: odd}))


def _three(listed: EntryList, sample: Sample) -> tuple[Tree, Tree, Tree]:
    """Three entries made of the sample's first: "1", "2" and "3"."""
    entry = sample.answer[listed.member][0]
    text = isinstance(entry[listed.id], str)
    one, two, three = (
        {listed.id: str(number) if text else number}
        | {name: member for name, member in entry.items() if name != listed.id}
        for number in (1, 2, 3)
    )
    return one, two, three


def _ids(row: Row, listed: EntryList, body: bytes) -> tuple[list[str], list[str | None]]:
    """The ids of the entries that are read, and of those that are left out."""
    decoder: AnswerDecoder[Any] = AnswerDecoder(row)
    sound = decoder.sound(body)
    assert sound is not None
    read = msgspec.to_builtins(decoder.decode(sound.body))[listed.member]
    return [str(entry[listed.id]) for entry in read], [one.platform_id for one in sound.unreadable]


#: No harmless form of anything in a sample.
ODD: Final[tuple[Any, ...]] = (
    True,
    1.5,
    "12.00",
    "odd",
    [[]],
    [None, {}],
    {"odd": {}},
    [{"odd": 1}],
    10**30,
    "",
)


@pytest.mark.parametrize("odd", [*ODD, None, {}, []], ids=repr)
@pytest.mark.parametrize("sample", LISTS, ids=_name)
def test_an_odd_value_of_any_field_hides_no_other_entry(sample: Sample, odd: object) -> None:
    row, listed = sample.row, sample.row.entries
    assert listed is not None
    one, two, three = _three(listed, sample)

    for steps in _steps(two):
        entries = [one, _with(two, steps, odd), three]
        read, left_out = _ids(row, listed, _json(sample.answer | {listed.member: entries}))
        others = [name for name in read if name in {"1", "3"}]
        assert others == ["1", "3"], steps
        assert len(read) + len(left_out) == 3, steps
        if steps != (listed.id,):
            assert left_out in ([], ["2"]), steps


#: Bytes that people and programs put into texts.
TYPED: Final = (rb"\x41", b'"', b'a "b", c', rb"\u12", b"\x01", b"\xff", b"\xa1\x5c", b'"}', b"\\")


@pytest.mark.parametrize("typed", TYPED, ids=repr)
@pytest.mark.parametrize("sample", LISTS, ids=_name)
def test_a_bad_spot_in_any_text_hides_no_other_entry(sample: Sample, typed: bytes) -> None:
    row, listed = sample.row, sample.row.entries
    assert listed is not None
    one, two, three = _three(listed, sample)
    texts = [steps for steps in _steps(two) if isinstance(_at(two, steps), str)]

    for steps in texts:
        entries = [one, _with(two, steps, "@typed@"), three]
        body = _json(sample.answer | {listed.member: entries}).replace(b"@typed@", b"a%bb" % typed)
        read, left_out = _ids(row, listed, body)
        assert [name for name in read if name in {"1", "3"}] == ["1", "3"], steps
        assert len(read) + len(left_out) == 3, steps


@pytest.mark.parametrize("sample", LISTS, ids=_name)
def test_an_entry_that_is_cut_off_anywhere_hides_no_other(sample: Sample) -> None:
    row, listed = sample.row, sample.row.entries
    assert listed is not None
    one, two, three = _three(listed, sample)
    whole = _json(two)

    for length in range(1, len(whole), max(1, len(whole) // 40)):
        body = _json(sample.answer | {listed.member: [one, "@cut@", three]})
        read, left_out = _ids(row, listed, body.replace(b'"@cut@"', whole[:length]))
        assert read == ["1", "3"], length
        assert len(left_out) == 1, length


@pytest.mark.parametrize("sample", SAMPLES, ids=_name)
def test_ids_and_amounts_are_never_guessed(sample: Sample) -> None:
    """A number with a fraction, a price with a point: refused, or not looked at."""
    row, document = sample
    decoder: AnswerDecoder[Any] = AnswerDecoder(row)
    plain = decoder.decode(_json(document))

    for steps in _steps(document):
        # A fee's first and further units may be kilograms, of which there are fractions.
        is_whole = not str(steps[-1]).endswith("_val_amount")
        if isinstance(_at(document, steps), int) and len(steps) > 1 and is_whole:
            priced = str(steps[-1]).lower().endswith(("price", "fees"))
            for odd in (12.5, {"fen": 12}, [12], *(("12.00",) if priced else ())):
                try:
                    read = decoder.decode(_json(_with(document, steps, odd)))
                except UNREADABLE:
                    continue
                # No model names it.
                assert read == plain, (steps, odd)
