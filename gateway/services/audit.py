"""Audit log: lists its events for a viewer, newest first."""

import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import strawberry

from gateway.errors import BadUserInput
from gateway.services.cursor import NO_CURSOR
from gateway.services.directory import Directory
from gateway.services.viewer import Viewer
from gateway.store.audit_events import AuditPosition, AuditQuery, StoredAuditEvent
from gateway.store.store import Store
from schema.audit_event import AuditEvent, AuditEventConnection, AuditFilter
from schema.connection import Cursors
from schema.key import Key

#: Instead of a shop in the id of an event, which may concern several or none.
_NO_SHOP: Final = "*"
#: A time as `float.hex` writes it, and a random number.
_PLACE: Final = re.compile(r"(0x1\.[0-9a-f]{1,13}p\+[0-9]{1,2})_([0-9a-f]{1,16})")


class AuditService:
    """Lists events. A viewer that is bound to shops sees those that concern one of them."""

    def __init__(self, directory: Directory, store: Store) -> None:
        self._directory = directory
        self._store = store

    async def get_many(self, keys: Sequence[Key], viewer: Viewer) -> list[AuditEvent | None]:
        """Events in the order of their keys."""
        places = {key: _place(key.platform_id) for key in keys if key.shop == _NO_SHOP}
        found = await self._store.audit_events.get_many(
            {place for place in places.values() if place is not None}
        )
        events = (found.get(place) if (place := places.get(key)) else None for key in keys)
        return [
            _event(event, viewer) if event is not None and _visible(event, viewer) else None
            for event in events
        ]

    async def page(
        self, chosen: AuditFilter | None, after: str | None, first: int, viewer: Viewer
    ) -> AuditEventConnection:
        """The events that match a filter.

        Raises:
            BadUserInput: an unknown shop, or a malformed cursor.
            StoreUnavailable: the log cannot be read.
        """
        wanted = chosen or AuditFilter()
        query = AuditQuery(
            actors=wanted.actors or None,
            actions=wanted.actions or None,
            shops=self._shops(wanted.shops, viewer),
            start=None if wanted.from_ is None else wanted.from_.timestamp(),
            end=None if wanted.to is None else wanted.to.timestamp(),
        )
        found = await self._store.audit_events.page(query, after=_cursor(after), limit=first + 1)
        total = await self._store.audit_events.count(query)
        shown = found[:first]
        return AuditEventConnection(
            nodes=[_event(event, viewer) for event in shown],
            total_count=total,
            cursors=Cursors(
                at=lambda index: _written(shown[index].position),
                has_next_page=len(found) > first,
                has_previous_page=after is not None,
            ),
        )

    def _shops(self, named: Sequence[str] | None, viewer: Viewer) -> Sequence[str] | None:
        """The shops of which an event must concern one; None: it may concern none."""
        if named:
            chosen = self._directory.select(viewer, named)
            return [adapter.shop.key_name for adapter in chosen]
        return None if viewer.bound_to is None else sorted(viewer.bound_to)


def _visible(event: StoredAuditEvent, viewer: Viewer) -> bool:
    return viewer.bound_to is None or any(map(viewer.sees, event.entry.shops))


def _event(event: StoredAuditEvent, viewer: Viewer) -> AuditEvent:
    entry = event.entry
    shops = [shop for shop in entry.shops if viewer.sees(shop)]
    # The id of a thing tells its shop.
    subject = entry.subject if len(shops) == len(entry.shops) else None
    return AuditEvent(
        key=Key("AuditEvent", _NO_SHOP, _written(event.position)),
        at=datetime.fromtimestamp(entry.at, UTC),
        actor=entry.actor,
        action=entry.action,
        shops=shops,
        subject=None if subject is None else strawberry.ID(subject),
        revealed=entry.revealed,
        outcome=entry.outcome,
        request_id=entry.request_id,
        remote_address=entry.peer,
    )


def _written(position: AuditPosition) -> str:
    return f"{position.at.hex()}_{position.id:x}"


def _cursor(after: str | None) -> AuditPosition | None:
    if after is None:
        return None
    place = _place(after)
    if place is None:
        raise BadUserInput(NO_CURSOR)
    return place


def _place(text: str) -> AuditPosition | None:
    """The place that `_written` wrote; None: the text is another."""
    parts = _PLACE.fullmatch(text)
    if parts is None:
        return None
    at, number = float.fromhex(parts[1]), int(parts[2], 16)
    return AuditPosition(at, number) if math.isfinite(at) and number < 2**63 else None
