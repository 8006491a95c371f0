"""The ten invariants of the catalogue: what was told is compared with what the platforms have."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.platforms.baidu.sandbox.state import SWAN
from gateway.platforms.mini_program.sandbox.state import MINI
from gateway.platforms.wechat_store.sandbox.state import FLAGSHIP
from schema.key import Key
from tests.chaos.follower import Change
from tests.chaos.gateway_process import Usage
from tests.chaos.journal import Journal, OrderKey
from tests.chaos.load import OPEN_IDS, PERSON, id_of
from tests.fixtures_served import KEY
from tests.wechat.deliveries import AES_KEY, TOKEN

#: What each of them says, in the order of the table.
INVARIANTS: Mapping[str, str] = {
    "I1": "every acknowledged write is in the ledger, and every request got an answer",
    "I2": "every push has ended, and none has vanished",
    "I3": "the platform holds no order that the ledger lacks; what was refused left nothing",
    "I4": "the platform's last state is the last that was acknowledged",
    "I5": "each write took effect once, in order",
    "I6": "each acknowledged event changed its order once",
    "I7": "who follows was told of every change, in order",
    "I8": "memory, files and waiting times stay within their bounds",
    "I9": "every failure is an error with a code and a request id, nothing internal",
    "I10": "no secret and nothing personal is in logs, errors or the store's files",
    "others": "what the fault did not hit was answered all the same",
    "after": "once the fault was over, everything worked again without help",
}
#: The platforms' codes of the statuses that the load's orders go through.
CODES = {
    "swan": {"AWAITING_SHIPMENT": 5, "SHIPPED": 6, "COMPLETED": 200},
    "mini": {"AWAITING_SHIPMENT": 3},
}
RANKS = {"AWAITING_SHIPMENT": 0, "SHIPPED": 1, "COMPLETED": 2}
#: States in which a push has ended well; `OUTCOME_UNKNOWN` where the fault lost an answer.
SETTLED = {"DELIVERED", "SUPERSEDED"}
#: MiB and files by which a process may have grown over one row: Python gives little memory back,
#: and the pools of connections to Redis and PostgreSQL stay filled.
MORE_MEMORY, MORE_FILES = 80.0, 24
#: What no error may hold.
INTERNAL = ("Traceback", "<html", "<!DOCTYPE", ".py", "sqlalchemy", "asyncpg", "sqlite3")
#: HTTP statuses of a typed answer.
STATUSES = {200, 400, 403, 404, 405, 413, 415, 429, 500, 503}
SECRETS = (FLAGSHIP.secret, MINI.secret, SWAN.secret, KEY, TOKEN, AES_KEY)


@dataclass(frozen=True, slots=True)
class Ledger:
    """What the gateway says after the fault: orders' statuses by id, pushes' states by id."""

    orders: Mapping[str, str | None]
    pushes: Mapping[str, str | None]
    pending: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that the checker compares, of one row.

    `platforms` has the orders of each shop as its platform has them; `added` is by how much the
    stock grew; `artefacts` are the bytes of what was left behind, by name; `tokens` are access
    tokens that were in use; `deadline` None leaves the times of answers unjudged.
    """

    journal: Journal
    ledger: Ledger
    platforms: Mapping[str, Mapping[str, Mapping[str, Any]]]
    added: int
    changes: Sequence[Change]
    before: Usage
    after: Usage
    artefacts: Mapping[str, bytes]
    tokens: Sequence[str] = ()
    hurt: frozenset[str] = frozenset()
    may_be_unknown: bool = False
    may_reject: bool = False
    may_cut_off: bool = False
    deadline: float | None = None
    works_again: str = ""
    more_memory: float = MORE_MEMORY


@dataclass(slots=True)
class Findings:
    """What was found broken, by invariant; what is not there was held."""

    broken: dict[str, list[str]] = field(default_factory=dict)

    def add(self, name: str, found: Iterable[str]) -> None:
        """Note what breaks an invariant; nothing where nothing does."""
        words = list(found)
        if words:
            self.broken.setdefault(name, []).extend(words)


def check(evidence: Evidence) -> Findings:
    """Check each invariant."""
    findings = Findings()
    for name, find in FINDERS.items():
        findings.add(name, find(evidence))
    return findings


def durable(evidence: Evidence) -> Iterator[str]:
    """I1."""
    for key in sorted(evidence.journal.unsettled):
        yield f"{key} never got a final answer"
    for order, statuses in evidence.journal.acknowledged.items():
        found = evidence.ledger.orders.get(id_of(order))
        if found != statuses[-1]:
            yield f"{order}: acknowledged {statuses[-1]}, the ledger has {found}"


def ended(evidence: Evidence) -> Iterator[str]:
    """I2."""
    if evidence.ledger.pending:
        yield f"{evidence.ledger.pending} pushes are still pending"
    allowed = SETTLED | ({"OUTCOME_UNKNOWN"} if evidence.may_be_unknown else set())
    told = {
        f"{order.number}-"
        for order, codes in evidence.journal.warned.items()
        if "REJECTED_BY_PLATFORM" in codes
    }
    for key, push in evidence.journal.pushes.items():
        state = evidence.ledger.pushes.get(push)
        rejected = state == "REJECTED" and (evidence.may_reject or key.startswith(tuple(told)))
        if state not in allowed and not rejected:
            yield f"the push of {key} is {state}"
    if len(set(evidence.journal.pushes.values())) != len(evidence.journal.pushes):
        yield "two keys were told the same push"


def no_phantom(evidence: Evidence) -> Iterator[str]:
    """I3."""
    for order, words in evidence.journal.refused.items():
        if order.number in evidence.platforms[order.shop]:
            yield f"{order} was refused ({words}), and the platform has it"
        if evidence.ledger.orders.get(id_of(order)) is not None:
            yield f"{order} was refused ({words}), and the ledger has it"
    for shop, orders in evidence.platforms.items():
        for number in orders:
            mine = number.startswith(f"{evidence.journal.prefix}-")
            if mine and OrderKey(shop, number) not in evidence.journal.acknowledged:
                yield f"the platform has {number}, which nobody was told of"


def fresh(evidence: Evidence) -> Iterator[str]:
    """I4."""
    for order, statuses in evidence.journal.acknowledged.items():
        found = evidence.platforms[order.shop].get(order.number)
        if order in evidence.journal.warned or rejected(evidence, order):
            continue
        if found is None:
            if not evidence.may_be_unknown:
                yield f"the platform does not have {order}"
        elif code_of(order.shop, found) != CODES[order.shop][statuses[-1]]:
            yield f"{order}: acknowledged {statuses[-1]}, the platform has other"


def once(evidence: Evidence) -> Iterator[str]:
    """I5."""
    for order, statuses in evidence.journal.acknowledged.items():
        found = evidence.platforms[order.shop].get(order.number, {"calls": ()})
        seen = effects(found["calls"])
        told = [CODES[order.shop][status] for status in statuses]
        if seen != sorted(set(seen)) or not set(seen) <= set(told):
            yield f"{order}: {list(found['calls'])}, acknowledged {statuses}"
    journal = evidence.journal
    if not journal.added <= evidence.added <= journal.added + journal.added_unknown:
        yield (
            f"{journal.added} acknowledged changes of a stock, {journal.added_unknown} unknown,"
            f" and it grew by {evidence.added}"
        )
    if journal.added_unknown and not (evidence.may_be_unknown or evidence.may_cut_off):
        yield f"{journal.added_unknown} changes of a stock are unknown, and no answer was lost"


def inbox(evidence: Evidence) -> Iterator[str]:
    """I6."""
    for order in evidence.journal.events:
        changes = of_order(evidence.changes, Key("Order", "flagship", order).encode())
        if len(changes) != 1:
            yield f"the order {order} was announced, and changed {len(changes)} times"


def stream(evidence: Evidence) -> Iterator[str]:
    """I7."""
    for order, statuses in evidence.journal.acknowledged.items():
        changes = of_order(evidence.changes, id_of(order))
        seen = [RANKS[change.status] for change in changes if change.status is not None]
        if len(changes) < len(statuses):
            yield f"{order}: {len(statuses)} statuses, {len(changes)} changes told"
        elif seen != sorted(seen):
            yield f"{order}: told out of order: {[change.status for change in changes]}"


def bounded(evidence: Evidence) -> Iterator[str]:
    """I8."""
    before, after = evidence.before, evidence.after
    if after.memory > before.memory + evidence.more_memory:
        yield f"memory grew from {before.memory:.0f} to {after.memory:.0f} MiB"
    if after.files > before.files + MORE_FILES:
        yield f"open files grew from {before.files} to {after.files}"
    times = sorted(reply.seconds for reply in evidence.journal.replies)
    if evidence.deadline is not None and times:
        late = times[int(len(times) * 0.99)]
        if late > evidence.deadline * 1.2:
            yield f"the 99th percentile is {late:.1f} s, the deadline {evidence.deadline:.1f} s"


def typed(evidence: Evidence) -> Iterator[str]:
    """I9."""
    unanswered = evidence.journal.cut_off + evidence.journal.not_connected
    if unanswered and not evidence.may_cut_off:
        yield f"{unanswered} requests got no answer"
    for reply in evidence.journal.replies:
        if reply.status not in STATUSES:
            yield f"a {reply.kind} was answered with {reply.status}"
        if reply.kind != "event" and reply.text and not reply.errors:
            yield f"a {reply.kind} was answered with {reply.media_type}: {reply.text[:80]}"
        for error in reply.errors:
            known = error.get("extensions", {})
            if not known.get("code") or not known.get("requestId"):
                yield f"an error without code or request id: {error}"
            elif known["code"] == "INTERNAL":
                yield f"an internal error: {error}"
        yield from (f"{word} in {reply.text[:200]}" for word in INTERNAL if word in reply.text)


def secret_free(evidence: Evidence) -> Iterator[str]:
    """I10."""
    private = [*SECRETS, *evidence.tokens, *OPEN_IDS.values(), *PERSON.values()]
    told = "\n".join(reply.text for reply in evidence.journal.replies).encode()
    for name, content in {"errors": told, **evidence.artefacts}.items():
        for place, text in enumerate(private):
            if text.encode() in content or json.dumps(text)[1:-1].encode() in content:
                yield f"{name} has the private text number {place}"


def others(evidence: Evidence) -> Iterator[str]:
    """What the fault did not hit."""
    for reply in evidence.journal.of_kind("query"):
        hidden = {
            shop: state
            for shop, state in reply.states.items()
            if shop not in evidence.hurt and state == "FAILED"
        }
        if hidden:
            yield f"{hidden} in an answer, while only {sorted(evidence.hurt)} were hit"
        if not reply.states and len(evidence.hurt) < len(CODES) + 1:
            yield f"an answer without any shop: {[shown_code(one) for one in reply.errors]}"


def after(evidence: Evidence) -> Iterator[str]:
    """Recovery."""
    if evidence.works_again:
        yield evidence.works_again


FINDERS: Mapping[str, Callable[[Evidence], Iterator[str]]] = dict(
    zip(
        INVARIANTS,
        (
            *(durable, ended, no_phantom, fresh, once, inbox, stream, bounded, typed),
            *(secret_free, others, after),
        ),
        strict=True,
    )
)


def effects(calls: Iterable[str]) -> list[int]:
    """Answer the statuses that an order went through at the platform, repetitions as one."""
    codes = [int(call.rsplit(" ", 1)[1]) for call in calls]
    return [code for place, code in enumerate(codes) if codes[place - 1 : place] != [code]]


def code_of(shop: str, order: Mapping[str, Any]) -> int:
    """The status that a platform has of an order, as its own code."""
    code: int = order["main"]["Status"] if shop == "swan" else order["document"]["status"]
    return code


def rejected(evidence: Evidence, order: OrderKey) -> bool:
    """Whether a platform that may reject what it is sent has done so with a push of an order."""
    states = (
        evidence.ledger.pushes.get(push)
        for key, push in evidence.journal.pushes.items()
        if key.startswith(f"{order.number}-")
    )
    return evidence.may_reject and "REJECTED" in states


def of_order(changes: Sequence[Change], order_id: str) -> list[Change]:
    """The changes of one order, each once."""
    return list({one.cursor: one for one in changes if one.order_id == order_id}.values())


def shown_code(error: Mapping[str, Any]) -> str:
    """The code of an error."""
    return str(error.get("extensions", {}).get("code"))
