"""A wire model combined with a platform's error fields, so that one pass reads both."""

from typing import Any

import msgspec
from msgspec.structs import FieldInfo


def with_envelope(model: type[msgspec.Struct], envelope: type[msgspec.Struct]) -> type[Any] | None:
    """A subclass of the model with the envelope's fields.

    None if both have a field of the same name, which may mean different things. Objects of the
    subclass do not compare equal to the model's own.
    """
    own, errors = msgspec.structs.fields(model), msgspec.structs.fields(envelope)
    if _spelt(own) & _spelt(errors):
        return None
    return msgspec.defstruct(
        model.__name__,
        [(field.name, field.type, _default(field)) for field in errors],
        bases=(model,),
        kw_only=True,
    )


def _spelt(fields: tuple[FieldInfo, ...]) -> set[str]:
    return {name for field in fields for name in (field.name, field.encode_name)}


def _default(field: FieldInfo) -> Any:
    if field.default_factory is not msgspec.NODEFAULT:
        return msgspec.field(name=field.encode_name, default_factory=field.default_factory)
    return msgspec.field(name=field.encode_name, default=field.default)
