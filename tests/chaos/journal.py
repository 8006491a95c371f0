"""What the clients of one row were told, kept outside of the gateway."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple


class OrderKey(NamedTuple):
    """An order: its shop's key, and the platform's own id."""

    shop: str
    number: str


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of the gateway to a query, a mutation or an event.

    `seconds` is how long it took; `states` is how each shop's entries of a list came, by the
    shop's key; `text` is the whole body where something in it failed, else empty.
    """

    kind: str
    status: int
    media_type: str
    seconds: float
    text: str = ""
    errors: tuple[dict[str, Any], ...] = ()
    states: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Journal:
    """The acknowledgements of a row; orders are numbered from `prefix`."""

    prefix: str
    #: The statuses that were acknowledged, in their order.
    acknowledged: dict[OrderKey, list[str]] = field(default_factory=dict)
    #: Orders whose import was refused, and with which words: they must be nowhere.
    refused: dict[OrderKey, str] = field(default_factory=dict)
    #: What was told of the platform besides, such as REJECTED_BY_PLATFORM, by order.
    warned: dict[OrderKey, set[str]] = field(default_factory=dict)
    #: The push that each key's request was told to have made.
    pushes: dict[str, str] = field(default_factory=dict)
    #: Keys whose request never got a final answer.
    unsettled: set[str] = field(default_factory=set)
    #: Changes of a stock: what was acknowledged, and what was told to be unknown.
    added: int = 0
    added_unknown: int = 0
    #: Orders of the store whose event was answered with success, and how often it was.
    events: dict[str, int] = field(default_factory=dict)
    replies: list[Reply] = field(default_factory=list)
    #: Requests whose connection ended without an answer.
    cut_off: int = 0
    #: Requests that found nobody listening.
    not_connected: int = 0

    @property
    def writes(self) -> int:
        """How many writes were acknowledged."""
        return sum(map(len, self.acknowledged.values())) + self.added

    def of_kind(self, kind: str) -> list[Reply]:
        """The replies of one kind: `query`, `mutation` or `event`."""
        return [reply for reply in self.replies if reply.kind == kind]
