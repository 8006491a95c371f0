"""Tells the compiled executor which fields are relations, and which stand behind a scope."""

from strawberry.types.field import StrawberryField

from gateway.executor import Guard, Relation
from schema.declare import GUARD, RELATION


def hints(field: StrawberryField) -> Relation | Guard | None:
    """What `schema.declare.loads` and `guarded` noted of the field; None of any other."""
    relation = field.metadata.get(RELATION)
    if relation is not None:
        loader, key, unless, needs = relation
        return Relation(loader, key, unless, needs)
    guard = field.metadata.get(GUARD)
    return None if guard is None else Guard(*guard)
