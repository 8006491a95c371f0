"""Error messages where introspection is off: none names what the client did not name itself.

graphql-core's messages name the type that a field is missing from, the arguments that are required,
the type of a value, and the fields and values that were meant.
"""

import re
from collections.abc import Sequence
from typing import Final

from graphql import GraphQLError

#: Messages that repeat names of the document only.
_KEPT: Final = re.compile(
    r"There can be only one (?:argument|directive|fragment|input field|operation|variable) named '"
    r"|Unknown (?:directive|fragment) '"
    r"|Variable '\$\w+' is (?:not defined|never used)"
    r"|Variable '\$\w+' cannot be non-input type '"
    r"|Fragment '\w+' is never used"
    r"|Fragment (?:'\w+' )?cannot condition on non composite type '"
    r"|Cannot spread fragment '"
    r"|The directive '@\w+' can only be used once"
    r"|Directive '@\w+' may not be used on "
    r"|(?:Anonymous )?Subscription "
    r"|This anonymous operation must be "
    r"|The \w+ operation is not supported"
    r"|The [\w ']+ definition is not executable"
    r"|GraphQL introspection has been disabled"
    r"|Too many errors"
    r"|The fragments are nested"
)
#: Beginnings of messages, and what is said instead.
_CHANGED: Final[Sequence[tuple[re.Pattern[str], str]]] = [
    (re.compile(beginning), instead)
    for beginning, instead in (
        (r"Cannot query field '(\w+)' on type '", r"Cannot query field '\1' here."),
        (r"Unknown type '(\w+)'", r"Unknown type '\1'."),
        (r"Unknown argument '(\w+)' on field '(?:\w+\.)?(\w+)'", r"Unknown argument '\1' on '\2'."),
        (r"Unknown argument '(\w+)' on directive '(@\w+)'", r"Unknown argument '\1' on '\2'."),
        (r"Argument '(@\w+)\(\w+:\)' of type '", r"An argument that '\1' requires is missing."),
        (
            r"Argument '(?:\w+\.)?(\w+)\(\w+:\)' of type '",
            r"An argument that '\1' requires is missing.",
        ),
        (r"Field '(\w+)' must not have a selection", r"'\1' must not have a selection."),
        (r"Field '(\w+)' of type '", r"'\1' must have a selection."),
        (r"Fragment '(\w+)' cannot be spread here", r"Fragment '\1' cannot be spread here."),
        (r"Fragment cannot be spread here", "This fragment cannot be spread here."),
        (
            r"Variable '(\$\w+)' of type '([\w\[\]!]+)' used in position",
            r"Variable '\1' of type '\2' cannot be used here.",
        ),
        (
            r"Fields '([^']*)' conflict because",
            r"Fields '\1' conflict: use different aliases to fetch both.",
        ),
    )
]
_OTHERWISE: Final = "This is not valid here."
_UNKNOWN_FIELD: Final = re.compile(r"not to include unknown field '(\w+)'")
#: What a message about a value contains, and what is said instead.
_VALUES: Final = (
    ("to include required field", "A required field is missing."),
    ("not to be null", "The value must not be null."),
    ("not to be None", "The value must not be null."),
    ("to be provided", "A value must be provided."),
    ("to provide a runtime value", "A value must be provided."),
)
_BAD_VALUE: Final = "The value is not valid here."
_VARIABLE: Final = re.compile(r"Variable '\$\w+' has invalid value(?: at [\w.\[\]]+)?: ")


def conceal_document_error(error: GraphQLError) -> GraphQLError:
    """An error of an invalid document."""
    message = error.message
    if not _KEPT.match(message):
        message = _document_message(message)
    return _with_message(error, message)


def conceal_value_error(error: GraphQLError) -> GraphQLError:
    """An error of a variable or an argument."""
    found = _VARIABLE.match(error.message)
    prefix = found[0] if found else ""
    return _with_message(error, prefix + _value_message(error.message[len(prefix) :]))


def conceal_argument_error(error: GraphQLError) -> GraphQLError:
    """An error of the execution; changed if graphql-core could not read an argument."""
    cause: Exception | None = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    if not isinstance(cause, GraphQLError) or not cause.nodes:
        return error
    return GraphQLError(_value_message(cause.message), cause.nodes, path=error.path)


def _document_message(message: str) -> str:
    for beginning, instead in _CHANGED:
        found = beginning.match(message)
        if found is not None:
            return found.expand(instead)
    return _value_message(message) if "value" in message else _OTHERWISE


def _value_message(message: str) -> str:
    # From the beginning: what follows repeats the value, which may contain anything.
    head = message.split("found:", 1)[0]
    unknown = _UNKNOWN_FIELD.search(head)
    if unknown is not None:
        return f"Unknown field '{unknown[1]}'."
    return next((instead for part, instead in _VALUES if part in head), _BAD_VALUE)


def _with_message(error: GraphQLError, message: str) -> GraphQLError:
    shown = GraphQLError(message, path=error.path)
    shown.locations = error.locations
    return shown
