"""How fresh a result is that several answers made."""

from datetime import UTC, datetime

from gateway.errors import PlatformUnavailable
from gateway.platform_kit.provenance import provenance
from gateway.ports import Provenance
from gateway.upstream.answer import AnswerState, Entry, PlatformAnswer
from schema.connection import SourceState

EARLY, LATE = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)


def _answer(
    state: AnswerState, at: datetime, error: PlatformUnavailable | None = None
) -> PlatformAnswer[None]:
    return PlatformAnswer(Entry(b"{}", None, at), state, error)


def test_without_answers() -> None:
    assert provenance() == Provenance()


def test_the_worst_and_the_oldest() -> None:
    live, cached = _answer(AnswerState.LIVE, LATE), _answer(AnswerState.CACHED, EARLY)

    assert provenance(live, cached) == Provenance(state=SourceState.CACHED, fetched_at=EARLY)


def test_an_old_answer_tells_why_it_stands_in() -> None:
    failure = PlatformUnavailable("down", endpoint="get", shop="flagship")
    live, stale = _answer(AnswerState.LIVE, EARLY), _answer(AnswerState.STALE, LATE, failure)

    assert provenance(live, stale) == Provenance(
        state=SourceState.STALE, fetched_at=EARLY, error=failure
    )
