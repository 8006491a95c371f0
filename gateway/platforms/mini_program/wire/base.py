"""What all documents of the Mini Program have in common: loose scalars, and two base classes."""

import msgspec

#: An id or a code: a number in some answers, text in others.
Loose = int | str


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """Part of an answer: what the page lists may still be missing."""


class Written(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Part of a request: what is None or empty is left out."""


class Done(Read, frozen=True, kw_only=True):
    """An answer that tells no more than success."""
