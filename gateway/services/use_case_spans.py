"""Spans of use cases: each call of a service that resolvers make, where tracing is on."""

from collections.abc import Awaitable, Callable
from dataclasses import fields, replace
from functools import wraps
from inspect import iscoroutinefunction, ismethod
from typing import Any, TypeVar

from gateway.services import Services
from gateway.tracing import traced

T = TypeVar("T")


def with_spans(services: Services) -> Services:
    """The same use cases, each of which has a span; they call each other without.

    Where tracing is off services are used as they are, at no cost.
    """
    seen = {one.name: _Traced(one.name, getattr(services, one.name)) for one in fields(services)}
    # Each stands for the service that it passes calls on to.
    given: dict[str, Any] = dict(seen)
    return replace(services, **given)


class _Traced:
    """Stands for one service."""

    def __init__(self, name: str, service: object) -> None:
        self._name = name
        self._service = service

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._service, name)
        if iscoroutinefunction(found):
            found = _spanned(f"{self._name}.{name}", found)
        elif not ismethod(found):
            # What is no method may be another one the next time.
            return found
        setattr(self, name, found)
        return found


def _spanned(name: str, call: Callable[..., Awaitable[T]]) -> Callable[..., Awaitable[T]]:
    @wraps(call)
    async def spanned(*arguments: Any, **named: Any) -> T:
        with traced(name):
            return await call(*arguments, **named)

    return spanned
