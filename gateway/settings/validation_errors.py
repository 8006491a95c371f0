"""Validation errors of pydantic as messages that say what to write instead."""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from gateway.settings.document import ConfigurationDocument
from gateway.settings.external_values import ExternalText
from gateway.settings.section import Problem, Section, dotted
from gateway.settings.shops import UNKNOWN_PLATFORM, MirrorSettings

_SECTIONS: Final[Mapping[str, type[Section]]] = {
    name: field.annotation
    for name, field in ConfigurationDocument.model_fields.items()
    if isinstance(field.annotation, type) and issubclass(field.annotation, Section)
}

#: What pydantic calls a refusal → what was expected.
_EXPECTED: Final[Mapping[str, str]] = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "string_type": "a string",
    "tuple_type": "a list",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "dict_type": "a table",
    "date_type": "a date such as 2020-01-01",
    "date_from_datetime_inexact": "a date such as 2020-01-01",
    "is_instance_of": "a string",
    "literal_error": "{expected}",
    "greater_than": "a number above {gt:g}",
    "greater_than_equal": "at least {ge:g}",
    "less_than_equal": "at most {le:g}",
    "string_too_short": "a string that is not empty",
    "too_short": "a string that is not empty",
}


_KINDS: Final[Mapping[type, str]] = {tuple: "a list", dict: "a table"}


def problems_of(failure: ValidationError, shops: Sequence[type[Section]]) -> list[Problem]:
    """All mistakes of a document, in its order.

    `shops` are the classes of its shops, in the document's order.
    """
    return [
        _problem(details, shops)
        for details in failure.errors()
        # It only says that another key is invalid, which is already reported.
        if details["type"] != "default_factory_not_called"
    ]


def _problem(details: ErrorDetails, shops: Sequence[type[Section]]) -> Problem:
    kind, key = details["type"], dotted(details["loc"])
    if kind == "missing":
        return Problem(key, f"missing; expected {_described(details, shops)}")
    if kind == "extra_forbidden":
        return Problem(key, _unknown(details, shops))
    if kind == UNKNOWN_PLATFORM:
        return Problem(f"{key}.platform", details["msg"])
    if kind == "value_error":
        return Problem(key, str(details["ctx"]["error"]))
    expected = _EXPECTED.get(kind, details["msg"]).format(**details.get("ctx", {}))
    if kind == "literal_error":
        expected = expected.replace("'", '"')  # as TOML writes them
    return Problem(key, f"expected {expected}, found {_found(details['input'])}")


def _unknown(details: ErrorDetails, shops: Sequence[type[Section]]) -> str:
    *parents, name = details["loc"]
    section = _section_at(parents, shops)
    known = [field.alias or own for own, field in section.model_fields.items()]
    close = difflib.get_close_matches(str(name), known, n=1)
    if close:
        return f"unknown key; did you mean {close[0]}?"
    return f"unknown key; the keys here are {', '.join(known)}"


def _described(details: ErrorDetails, shops: Sequence[type[Section]]) -> str:
    *parents, name = details["loc"]
    for own, field in _section_at(parents, shops).model_fields.items():
        if name in {own, field.alias} and field.description:
            return field.description
    return "a value"


def _section_at(location: Sequence[str | int], shops: Sequence[type[Section]]) -> type[Section]:
    match tuple(location):
        case ("shops", int(index)):
            return shops[index]
        case ("mirrors", int()):
            return MirrorSettings
        case (str(name),):
            return _SECTIONS[name]
        case _:
            return ConfigurationDocument


def _found(value: Any) -> str:
    if isinstance(value, ExternalText):
        return f"what {value.source} holds"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, str):
        # Never its text: it may be a secret in the wrong line.
        return "a string" if value else "an empty one"
    return _KINDS.get(type(value), "another kind of value")
