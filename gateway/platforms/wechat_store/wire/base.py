"""What all documents of the WeChat Store have in common: loose scalars, and two base classes."""

from typing import Annotated

import msgspec

#: An id: a number in some answers, text in others.
Id = int | str
#: A whole number; some answers carry it as text.
Number = int | Annotated[str, msgspec.Meta(pattern=r"^(-?[0-9]{1,18})?$")]

#: Yes or no: 1 or 0, as the manual has it, or JSON's own words.
Flag = Number | bool


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """Part of an answer: every member but an id may be missing."""


class Written(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Part of a request: what is None is left out."""


class Nothing(Written, frozen=True, kw_only=True):
    """A request without members."""


class Done(Read, frozen=True, kw_only=True):
    """An answer that tells no more than success."""
