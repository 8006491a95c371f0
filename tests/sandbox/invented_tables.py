"""Tables of values without a source, swapped as a whole."""

from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

#: Every code that the tables invent is greater, and each is moved by it.
OFFSET = 10_000

Table = TypeVar("Table")


def moved(table: Table) -> Table:
    """Give a table with every number another one and every choice the other one."""
    record: Any = table
    changed = {field.name: _moved(getattr(record, field.name)) for field in fields(record)}
    swapped: Table = replace(record, **changed)
    return swapped


def _moved(value: Any) -> Any:
    if is_dataclass(value):
        return moved(value)
    if isinstance(value, tuple):
        return tuple(f"not {word}" for word in value)
    return not value if isinstance(value, bool) else value + OFFSET


def values(table: Any) -> list[Any]:
    """Give all values of a table, in the order of its fields."""
    found: list[Any] = []
    for field in fields(table):
        value = getattr(table, field.name)
        found += values(value) if is_dataclass(value) else [value]
    return found
