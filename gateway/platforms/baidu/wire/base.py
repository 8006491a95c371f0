"""What all documents of the order centre have in common: loose scalars, and two base classes."""

import msgspec

#: A number in the tables, text in every sample of an answer.
Loose = int | str


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """Part of an answer: what the page lists may still be missing."""


class Written(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Part of a request: what is None is left out."""
