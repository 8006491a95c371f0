"""Freshness of a result that combines several answers."""

from collections.abc import Sequence
from typing import Any, Final

from gateway.ports import Provenance
from gateway.upstream.answer import AnswerState, PlatformAnswer
from schema.connection import SourceState

_STATE: Final = {
    AnswerState.LIVE: SourceState.LIVE,
    AnswerState.CACHED: SourceState.CACHED,
    AnswerState.STALE: SourceState.STALE,
}
#: Worst first.
_ORDER: Final = (AnswerState.STALE, AnswerState.CACHED, AnswerState.LIVE)


def provenance(*answers: PlatformAnswer[Any]) -> Provenance:
    """As fresh as the worst answer, as old as the oldest; `unreadable` is the sum."""
    return _combined(answers) if answers else Provenance()


def _combined(answers: Sequence[PlatformAnswer[Any]]) -> Provenance:
    worst = min(answers, key=lambda answer: _ORDER.index(answer.state))
    return Provenance(
        state=_STATE[worst.state],
        fetched_at=min(answer.fetched_at for answer in answers),
        error=worst.error,
        unreadable=sum(answer.unreadable for answer in answers),
    )
