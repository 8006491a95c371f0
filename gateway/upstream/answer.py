"""The answer of a call to a platform, and how fresh it is."""

from collections.abc import Callable
from datetime import datetime
from enum import Enum
from typing import Generic, TypeVar, cast

from gateway.errors import PlatformFailure

Res_co = TypeVar("Res_co", covariant=True)
Made = TypeVar("Made")

#: Derived objects kept per entry; more would mean a function created for each call.
_MOST_DERIVED = 8


class AnswerState(Enum):
    """Where an answer came from."""

    #: From the platform, for this call.
    LIVE = "live"
    #: From the cache, within its lifetime.
    CACHED = "cached"
    #: From the cache, past its lifetime, in place of a failure.
    STALE = "stale"


class Entry:
    """One answer of a platform with everything derived from it; shared, so never changed."""

    __slots__ = (
        "__weakref__",
        "asked_at",
        "body",
        "derived",
        "fetched_at",
        "fresh_until",
        "generations",
        "marked",
        "refreshing",
        "revalidate_until",
        "unreadable",
        "value",
    )

    def __init__(
        self,
        body: bytes,
        value: object,
        fetched_at: datetime,
        *,
        unreadable: int = 0,
    ) -> None:
        self.body = body
        self.unreadable = unreadable
        #: When this process asked the platform, in unix seconds; None: another process did.
        self.asked_at: float | None = None
        #: The model with U+FFFD in place of incomplete characters; None if there were none.
        self.marked: object = None
        self.value = value
        self.fetched_at = fetched_at
        self.derived: dict[Callable[..., object], object] = {}
        #: Monotonic seconds; set by the cache, like the next two.
        self.fresh_until = 0.0
        self.revalidate_until = 0.0
        self.generations: tuple[bytes, ...] = ()
        #: Whether it is being refreshed in the background.
        self.refreshing = False

    @property
    def weight(self) -> int:
        """Bytes that the cache counts: the JSON, and a rough guess of what was derived from it."""
        return 5 * len(self.body)


class PlatformAnswer(Generic[Res_co]):
    """A platform's answer: the decoded wire model, its raw JSON, and its freshness."""

    __slots__ = ("_entry", "error", "state")

    def __init__(
        self, entry: Entry, state: AnswerState, error: PlatformFailure | None = None
    ) -> None:
        self._entry = entry
        self.state = state
        #: The failure that a STALE answer replaces; None otherwise.
        self.error = error

    @property
    def value(self) -> Res_co:
        """The decoded wire model; shared, so it must not be changed."""
        return cast("Res_co", self._entry.value)

    @property
    def body(self) -> bytes:
        """The JSON as the platform sent it, decompressed; repaired if it was invalid."""
        return self._entry.body

    @property
    def unreadable(self) -> int:
        """How many unreadable entries of its list were dropped."""
        return self._entry.unreadable

    @property
    def marked(self) -> Res_co | None:
        """The model with U+FFFD in place of incomplete characters; None if there were none.

        For what is written back: in `value` they are guessed. Only for fresh reads, and not for
        lists.
        """
        return cast("Res_co | None", self._entry.marked)

    @property
    def fetched_at(self) -> datetime:
        """When the platform gave this answer, aware, in UTC."""
        return self._entry.fetched_at

    @property
    def asked_at(self) -> float | None:
        """When this process asked the platform, in unix seconds; None: another process did."""
        return self._entry.asked_at

    def derive(self, make: "Callable[[Res_co], Made]") -> Made:
        """`make(value)`, made once per cached answer.

        `make` must be the same function or method in every call (not a lambda or partial created
        on the spot) and depend only on the value; callers must not change its result.
        """
        return self._made_once(make, lambda entry: make(cast("Res_co", entry.value)))

    def derive_with_body(self, make: "Callable[[Res_co, bytes], Made]") -> Made:
        """Like `derive`, with `make(value, body)`: for results that need the raw JSON."""
        return self._made_once(make, lambda entry: make(cast("Res_co", entry.value), entry.body))

    def derive_as_read(self, make: "Callable[[Res_co, bytes, float | None], Made]") -> Made:
        """Like `derive_with_body`, with `make(value, body, asked_at)`: for the index."""
        return self._made_once(
            make, lambda entry: make(cast("Res_co", entry.value), entry.body, entry.asked_at)
        )

    def _made_once(self, name: Callable[..., Made], make: "Callable[[Entry], Made]") -> Made:
        derived = self._entry.derived
        try:
            return cast("Made", derived[name])
        except KeyError:
            made = make(self._entry)
        if len(derived) >= _MOST_DERIVED:
            derived.pop(next(iter(derived)))
        derived[name] = made
        return made
