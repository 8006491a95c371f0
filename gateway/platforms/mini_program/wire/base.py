"""Common types of the Mini Program's documents: loose scalars and base classes."""

import msgspec

#: An id or a code: a number in some responses, text in others.
Loose = int | str


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """Part of a response: documented fields may be missing."""


class Written(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Part of a request: None and empty values are omitted."""


class Done(Read, frozen=True, kw_only=True):
    """A response that reports only success."""
