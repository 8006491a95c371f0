"""Faults to inject: what goes wrong, where and how often."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import msgspec

FaultKind = Literal[
    "latency",
    "errcode",
    "errno",
    "http_status",
    "body",
    "truncated",
    "empty",
    "html",
    "expired_token",
    "reset",
    "silence",
    "drip",
    "redirect",
    "bomb",
    "huge",
]
MAY_BE_LEFT_OUT = frozenset({"truncated", "drip", "bomb", "huge"})
KINDS: tuple[str, ...] = get_args(FaultKind)
NUMBERS = frozenset({"latency", "errcode", "errno", "http_status"}) | MAY_BE_LEFT_OUT


class BadFaultError(ValueError):
    """An invalid fault."""


@dataclass(slots=True)
class Fault:
    """One fault: where, what, how often, and whether the platform still handles the request.

    `platform` is the name of a service, `path` a prefix, `app_id` the owner of the token; None
    matches everything. `times` None lasts until it is cleared. With `after` the platform handles
    the request and only the response is replaced: a write of unknown outcome.
    """

    number: int
    kind: FaultKind
    value: Any = None
    times: int | None = 1
    platform: str | None = None
    path: str | None = None
    app_id: str | None = None
    after: bool = False
    hits: int = 0

    def matches(self, service: str | None, path: str, app_id: str | None) -> bool:
        """Whether this fault applies to a request; `service` is that of its path."""
        if self.platform is not None and self.platform != service:
            return False
        if self.path is not None and not path.startswith(self.path):
            return False
        return self.app_id is None or self.app_id == app_id


class Faults:
    """The pending faults, oldest first."""

    def __init__(self, services: Sequence[str]) -> None:
        self._services = services
        self._waiting: list[Fault] = []
        self._last = 0

    def add(self, asked: dict[str, Any]) -> Fault:
        """Add a fault from the body of the control route.

        Raises:
            BadFaultError: it is invalid; the message says why.
            msgspec.ValidationError: a field has a wrong type.
        """
        unknown = asked.keys() - {"kind", "value", "times", "platform", "path", "app_id", "after"}
        if unknown:
            raise BadFaultError(f"unknown field {', '.join(sorted(unknown))}")
        if asked.get("kind") not in KINDS:
            raise BadFaultError(f"kind must be one of {', '.join(KINDS)}")
        if asked.get("platform") not in (None, *self._services):
            raise BadFaultError(f"platform must be one of {', '.join(self._services)}")
        fault = msgspec.convert({**asked, "number": self._last + 1}, Fault)
        _check_value(fault)
        self._last = fault.number
        self._waiting.append(fault)
        return fault

    def waiting(self) -> list[Fault]:
        """Return the faults still to be injected."""
        return list(self._waiting)

    def clear(self) -> None:
        """Clear all faults."""
        self._waiting.clear()

    def take(self, service: str | None, path: str, app_id: str | None) -> list[Fault]:
        """Return and count the faults of this request: latencies, and at most one other."""
        found: list[Fault] = []
        for fault in self._waiting:
            exclusive = fault.kind != "latency"
            taken = exclusive and any(known.kind != "latency" for known in found)
            if not taken and fault.matches(service, path, app_id):
                found.append(fault)
        for fault in found:
            self._count(fault)
        return found

    def _count(self, fault: Fault) -> None:
        fault.hits += 1
        if fault.times is not None and fault.hits >= fault.times:
            self._waiting.remove(fault)


def _check_value(fault: Fault) -> None:
    """Refuse a value that the kind does not accept."""
    value = fault.value.get("status") if isinstance(fault.value, dict) else fault.value
    if fault.kind in MAY_BE_LEFT_OUT and value is None:
        return
    if fault.kind in NUMBERS and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise BadFaultError(f"{fault.kind} needs a number as its value")
    if fault.kind == "redirect" and not isinstance(value, str):
        raise BadFaultError("redirect needs an address as its value")
