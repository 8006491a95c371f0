"""A wire model and a platform's error fields as one, so that one pass reads both."""

from typing import Any

import msgspec
from msgspec.structs import FieldInfo


def with_envelope(model: type[msgspec.Struct], envelope: type[msgspec.Struct]) -> type[Any] | None:
    """A subclass of the model that has the envelope's fields as well.

    None where the two spell a field alike, which may mean different things to them. Objects of the
    subclass are no equals of the model's own.
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
