"""What the wire documents of WeChat's stores share: loose scalars, and base classes."""

from typing import Annotated

import msgspec

#: An id: a number in some answers, text in others.
Id = int | str
#: A whole number; some answers carry it as text.
Number = int | Annotated[str, msgspec.Meta(pattern=r"^(-?[0-9]{1,18})?$")]

#: Yes or no: 1 or 0, as in the manual, or a JSON boolean.
Flag = Number | bool


class Read(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Part of a response: every member but an id may be missing.

    Documents have no cycles, so they need no garbage collection.
    """


class Written(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Part of a request: None members are left out."""


class Nothing(Written, frozen=True, kw_only=True):
    """A request without members."""


class Done(Read, frozen=True, kw_only=True):
    """A response that reports only success."""
