"""Fields of public types that are made when they are first read: most queries ask for few of them.

A mapping begins an object with its `rest`, which makes what is left out, sets what is cheap, and is
done. From its first reading on a value stands in the object like any other; the others never cost
more than a plain attribute. `make_<field>` may read other fields of the object that it is given; it
must answer the same each time, for copies of an object have one rest and make their values apart.
It is called again as long as it raises.

Only the event loop's thread reads such objects. Making a value awaits nothing, so that nobody sees
it half made; were two threads to read a field at once, both would make it, and one value stay.
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar

T = TypeVar("T")


class _Later:
    """Stands on the type, where Python looks for what the object does not have itself.

    Without `__set__` it gives way to the object's own value. A `__getattr__` on the type would do
    the same, and make each reading of every other attribute three times as dear.
    """

    __slots__ = ("_make", "_name")

    def __init__(self, name: str) -> None:
        self._name = name
        self._make = f"make_{name}"

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            return self
        value = getattr(instance._rest, self._make)(instance)  # noqa: SLF001 - set by `begin`
        setattr(instance, self._name, value)
        return value


def made_later(*names: str) -> Callable[[type[T]], type[T]]:
    """Above `public_type`: fields that objects may be begun without.

    The type's constructor takes them as ever, and its objects have them from the beginning.
    """

    def mark(cls: type[T]) -> type[T]:
        for name in names:
            # In place of the default, if there is one: the constructor has that by itself.
            setattr(cls, name, _Later(name))
        return cls

    return mark


def begin(cls: type[T], rest: object) -> T:
    """An object of a public type without its fields; whoever begins it sets them.

    What is not set is the field's default, or is made by `rest` where the type says `made_later`.
    """
    begun = _new(cls)
    begun._rest = rest  # type: ignore[attr-defined] # noqa: SLF001 - no field of the schema
    return begun


_new: Final = object.__new__
