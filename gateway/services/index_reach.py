"""How far the index reaches: what it says of itself in sources, and when its counts are exact."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

from gateway.errors import BadUserInput
from gateway.ports import Provenance
from gateway.store.index_progress import IndexReach
from schema.connection import SourceState


def refuse_without_index(arguments: Sequence[str]) -> None:
    """Raises BadUserInput for arguments that only the index can answer, where it is off."""
    if arguments:
        named = ", ".join(f"`{name}`" for name in arguments)
        raise BadUserInput(
            f"{named} can only be answered from the gateway's index, which is off: it needs"
            " `index.enabled` in the gateway's configuration."
        )


def provenance_of(reach: IndexReach | None, now: float) -> Provenance:
    """What the sources of a list say of a shop's index at this unix second.

    One of which nothing is known has what comes from now on.
    """
    at = None if reach is None else reach.in_step_at
    since = None if reach is None else reach.complete_from
    return Provenance(
        state=SourceState.INDEXED,
        fetched_at=None if at is None else datetime.fromtimestamp(at, UTC),
        complete_from=None if since == 0 else datetime.fromtimestamp(int(since or now), UTC),
    )


def reaches_over(
    reaches: Mapping[str, IndexReach], shops: Collection[str], created_from: int | None
) -> bool:
    """Whether the index has all that these shops have from this unix second on; None: ever."""
    for shop in shops:
        since = reaches[shop].complete_from if shop in reaches else None
        if since is None or since > (created_from or 0):
            return False
    return True
