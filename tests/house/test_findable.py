"""The field's words are among the names of files, classes and functions; metaphors are not."""

import ast
import re
from collections.abc import Iterable

import pytest

from tests.house.tree import ROOT, files

#: What a newcomer looks for -> a pattern of the name that it should have.
WANTED = {
    "dead letter": r"dead_?letter",
    "backoff": r"backoff",
    "reconciliation": r"reconcil",
    "dispatcher": r"dispatcher",
    "deadline": r"deadline",
    "rate limiter": r"rate_?limiter",
    "retention": r"retention",
    "LRU cache": r"lru_?cache",
    "single flight": r"single_?flight",
    "circuit breaker": r"circuit_?breaker",
    "idempotency": r"idempoten",
    "field prices": r"field_?prices",
    "page size limits": r"page_?size",
    "access token refresh": r"access_?token",
    "webhook signature": r"webhook_signature",
    "cursor codec": r"cursor",
    "retry of a dead push": r"retry_push",
    "graceful restart of background work": r"background_?task",
    "data loader": r"data_?loader",
    "redaction": r"redact",
    "bulkhead": r"bulkhead",
    "mutation receipts": r"mutation_receipts",
    "error redaction": r"error_redaction",
    "retry policy": r"retry_?policy",
    "supersession of queued messages": r"supersession",
    "held messages": r"held_messages",
    "event processor": r"event_?processor",
    "change detection": r"change_?detect",
    "cache invalidation by tags": r"cache_tags",
    "query depth and width": r"query_limits",
    "fan-out over shops": r"fan_out",
    "fault injection": r"fault_injection",
    "encrypted values": r"encrypted_values",
    "publish and subscribe": r"notifier",
    "leases": r"lease",
}
#: Words that once stood for the field's own -> the field's word. As whole words of a name only.
METAPHORS = {
    "backstage": "runtime",
    "bell": "notifier",
    "clerk": "event processor",
    "courier": "dispatcher",
    "desk": "intake",
    "housekeeping": "retention, backlog metrics",
    "letting_go": "held messages",
    "mall": "mini program, shopping list",
    "patience": "timeout, deadline",
    "purse": "bucket",
    "second_chances": "dead letters",
    "striking": "fault injection",
    "sweep": "reconciler",
    "wish": "command",
}
#: A parcel is a package of goods; a message of the outbox is none.
ROOMS_WITHOUT_PARCELS = ("gateway/outbox/*.py", "gateway/store/*.py", "gateway/runtime/*.py")


def declared() -> str:
    """Every path, and every line that declares a class or a function."""
    lines = []
    for path in files("gateway/*.py", "schema/*.py", "resolvers/*.py"):
        lines.append(str(path))
        text = (ROOT / path).read_text()
        lines += re.findall(r"^\s*(?:class|(?:async )?def) .*", text, re.MULTILINE)
    return "\n".join(lines)


def identifiers(source: str) -> set[str]:
    """Every name in a module, in snake case: `MessageReader` is message_reader."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        for field in ("id", "attr", "name", "arg", "asname"):
            name = getattr(node, field, None)
            if isinstance(name, str):
                names.add(name)
    return {re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower() for name in names}


def metaphors(names: set[str], words: Iterable[str] = METAPHORS) -> list[str]:
    """The names that hold one of the words, in the singular or the plural."""
    word = re.compile(rf"(?:^|_)(?:{'|'.join(words)})(?:s|es)?(?:_|$)")
    return sorted(name for name in names if word.search(name))


@pytest.mark.parametrize("word", WANTED)
def test_a_newcomer_finds(word: str) -> None:
    assert re.search(WANTED[word], declared(), re.IGNORECASE)


def test_each_platform_declares_in_one_place_what_a_status_code_means() -> None:
    folders = {path.parts[2] for path in files("gateway/platforms/*/*.py")}
    declaring = {path.parts[2] for path in files("gateway/platforms/*/mapping/status.py")}

    assert len(folders) >= 3
    assert folders - declaring == set()


def test_no_name_holds_a_metaphor() -> None:
    for path in files("*.py"):
        names = {*path.with_suffix("").parts, *identifiers((ROOT / path).read_text())}
        assert metaphors(names) == [], path


def test_no_message_of_the_outbox_is_a_parcel() -> None:
    for path in files(*ROOMS_WITHOUT_PARCELS):
        names = {path.stem, *identifiers((ROOT / path).read_text())}
        assert metaphors(names, ["parcel"]) == [], path


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("class EventClerk: ...", ["event_clerk"]),
        ("def ring(bells): ...", ["bells"]),
        ("import purse as p", ["purse"]),
        ("x.sweep_all()", ["sweep_all"]),
        ("PATIENCE = 5", ["patience"]),
        ("small = desktop = wished = labelled = 1", []),
    ],
)
def test_a_metaphor_is_found_as_a_whole_word(source: str, found: list[str]) -> None:
    assert metaphors(identifiers(source)) == found
