"""Lazy fields of public types: made when first read, because most queries select few of them.

A mapping calls `begin_lazy` with a factory, sets the cheap fields and returns the object. The first
read of a lazy field calls the factory's `make_<field>` with the object and stores the value on it,
so that later reads cost no more than a plain attribute. `make_<field>` may read other fields of the
object. It must return the same value each time, because copies share the factory, and it is called
again if it raised.

Only the event loop's thread reads such objects, and making a value awaits nothing: no reader sees a
half-made value. Two threads that read one field at once would both make it, and one value would
stay.
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar

T = TypeVar("T")


class _LazyField:
    """A non-data descriptor: Python uses it only while the object has no value of its own.

    A `__getattr__` on the type would do the same, but make reads of every other attribute three
    times as slow.
    """

    __slots__ = ("_make", "_name")

    def __init__(self, name: str) -> None:
        self._name = name
        self._make = f"make_{name}"

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            return self
        value = getattr(instance._factory, self._make)(instance)  # noqa: SLF001 - set by `begin_lazy`
        setattr(instance, self._name, value)
        return value


def lazy_fields(*names: str) -> Callable[[type[T]], type[T]]:
    """Decorates a `public_type`: `begin_lazy` may leave these fields to the factory.

    The constructor is unchanged: it takes them, and its objects have them from the start.
    """

    def mark(cls: type[T]) -> type[T]:
        for name in names:
            # This replaces the class attribute of a default; the constructor keeps its own.
            setattr(cls, name, _LazyField(name))
        return cls

    return mark


def begin_lazy(cls: type[T], factory: object) -> T:
    """An object of a public type without its fields; the caller sets them.

    A field that is not set has its default, or is made by `factory` if it is a lazy field.
    """
    begun = _new(cls)
    begun._factory = factory  # type: ignore[attr-defined] # noqa: SLF001 - no field of the schema
    return begun


_new: Final = object.__new__
