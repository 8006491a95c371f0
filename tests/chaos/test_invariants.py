"""The checker finds what is broken, each invariant by itself."""

from dataclasses import replace
from typing import Any

import pytest

from gateway.platforms.wechat_store.sandbox.state import FLAGSHIP
from schema.key import Key
from tests.chaos.catalogue import ROWS
from tests.chaos.follower import Change
from tests.chaos.gateway_process import Usage
from tests.chaos.invariants import INVARIANTS, Evidence, Ledger, check
from tests.chaos.journal import Journal, OrderKey, Reply
from tests.chaos.load import OPEN_IDS, id_of
from tests.chaos.report import line
from tests.chaos.row import stopped

ORDER = OrderKey("swan", "a1-7-0-1")
#: An order of the store that the platform announced.
PAID = "7197417461200000001"
CALLS = ["add/main/info 5", "add/main/info 5", "update/main/status 6"]
ERROR = {"message": "not now", "extensions": {"code": "TIMEOUT", "requestId": "1"}}


def change(cursor: str, order_id: str, status: str) -> Change:
    return Change(cursor, order_id, None, "MUTATION", status)


def reply(**changes: Any) -> Reply:
    given = {"kind": "query", "status": 200, "media_type": "application/json", "seconds": 0.1}
    return Reply(**{**given, "states": {"swan": "LIVE"}, **changes})


def journal(**changes: Any) -> Journal:
    given: dict[str, Any] = {
        "prefix": "a1-7",
        "acknowledged": {ORDER: ["AWAITING_SHIPMENT", "SHIPPED"]},
        "pushes": {"a1-7-0-1-import": "p1", "a1-7-0-1-SHIPPED": "p2"},
        "added": 3,
        "events": {PAID: 2},
        "replies": [reply(), reply(states={}, errors=(), kind="mutation")],
    }
    return Journal(**{**given, **changes})


def platform(calls: list[str], status: int = 6) -> dict[str, Any]:
    return {"swan": {ORDER.number: {"main": {"Status": status}, "calls": calls}}, "mini": {}}


SOUND = Evidence(
    journal=journal(),
    ledger=Ledger({id_of(ORDER): "SHIPPED"}, {"p1": "SUPERSEDED", "p2": "DELIVERED"}, 0),
    platforms=platform(CALLS),
    added=3,
    changes=[
        change("1", id_of(ORDER), "AWAITING_SHIPMENT"),
        change("2", id_of(ORDER), "SHIPPED"),
        change("3", Key("Order", "flagship", PAID).encode(), "AWAITING_SHIPMENT"),
    ],
    before=Usage(100.0, 20, 9),
    after=Usage(110.0, 24, 9),
    artefacts={"the log": b"nothing of anybody"},
    tokens=["a-token-in-use"],
    hurt=frozenset({"flagship"}),
)


def test_what_is_sound_has_no_finding() -> None:
    assert check(SOUND).broken == {}


BROKEN: list[tuple[str, dict[str, Any]]] = [
    ("I1", {"ledger": replace(SOUND.ledger, orders={id_of(ORDER): None})}),
    ("I1", {"journal": journal(unsettled={"a1-7-0-9-import"})}),
    ("I2", {"ledger": replace(SOUND.ledger, pushes={"p1": "DELIVERED", "p2": "DEAD"})}),
    ("I2", {"ledger": replace(SOUND.ledger, pushes={"p1": "DELIVERED"})}),
    ("I2", {"ledger": replace(SOUND.ledger, pending=1)}),
    ("I2", {"ledger": replace(SOUND.ledger, pushes={"p1": "OUTCOME_UNKNOWN", "p2": "DELIVERED"})}),
    ("I2", {"ledger": replace(SOUND.ledger, pushes={"p1": "REJECTED", "p2": "DELIVERED"})}),
    ("I3", {"journal": journal(acknowledged={})}),
    ("I4", {"platforms": {"swan": {}, "mini": {}}}),
    ("I4", {"platforms": platform(CALLS, status=5)}),
    ("I5", {"platforms": platform([*CALLS, "update/main/status 5", CALLS[-1]])}),
    ("I5", {"platforms": platform([*CALLS, "update/main/status 200"])}),
    ("I5", {"added": 4}),
    ("I5", {"added": 2}),
    ("I5", {"journal": journal(added_unknown=1)}),
    ("I6", {"changes": SOUND.changes[:2]}),
    ("I6", {"changes": [*SOUND.changes, replace(SOUND.changes[2], cursor="4")]}),
    ("I7", {"changes": SOUND.changes[1:]}),
    ("I7", {"changes": [SOUND.changes[1], SOUND.changes[0], SOUND.changes[2]]}),
    ("I8", {"after": Usage(400.0, 20, 9)}),
    ("I8", {"after": Usage(100.0, 400, 9)}),
    ("I8", {"deadline": 6.0, "journal": journal(replies=[reply(seconds=20.0)] * 200)}),
    ("I9", {"journal": journal(cut_off=1)}),
    ("I9", {"journal": journal(replies=[reply(status=502)])}),
    ("I9", {"journal": journal(replies=[reply(text="<p>sorry</p>")])}),
    ("I9", {"journal": journal(replies=[reply(errors=({"message": "no"},), text="no")])}),
    ("I9", {"journal": journal(replies=[reply(errors=(ERROR,), text="Traceback (most")])}),
    ("I10", {"artefacts": {"the log": FLAGSHIP.secret.encode()}}),
    ("I10", {"artefacts": {"gateway.db": OPEN_IDS["mini"].encode()}}),
    ("I10", {"artefacts": {"the log": b"access_token=a-token-in-use"}}),
    ("others", {"journal": journal(replies=[reply(states={"swan": "FAILED"})])}),
    ("others", {"journal": journal(replies=[reply(states={}, errors=(ERROR,), text="x")])}),
    ("after", {"works_again": "flagship is STALE"}),
]


@pytest.mark.parametrize(("name", "changes"), BROKEN)
def test_what_is_broken_is_found(name: str, changes: dict[str, Any]) -> None:
    assert name in check(replace(SOUND, **changes)).broken


def test_every_invariant_can_be_broken() -> None:
    assert {name for name, _ in BROKEN} == INVARIANTS.keys()


def test_a_lost_answer_may_leave_an_outcome_unknown() -> None:
    ledger = replace(SOUND.ledger, pushes={"p1": "OUTCOME_UNKNOWN", "p2": "DELIVERED"})
    lost = replace(SOUND, ledger=ledger, may_be_unknown=True)

    assert check(replace(lost, journal=journal(added_unknown=1), added=4)).broken == {}


def test_what_was_told_to_be_rejected_is_no_finding() -> None:
    told = journal(warned={ORDER: {"REJECTED_BY_PLATFORM"}})
    ledger = replace(SOUND.ledger, pushes={"p1": "DELIVERED", "p2": "REJECTED"})

    assert check(replace(SOUND, journal=told, ledger=ledger)).broken == {}


def test_a_row_that_stops_is_broken_and_says_where() -> None:
    result = stopped(ROWS[0], "SQLite", ValueError("no such order"))

    assert list(result.broken) == ["own"]
    assert "ValueError: no such order" in line(result)
