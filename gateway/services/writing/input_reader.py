"""Reads the parts of all inputs: ids, times, amounts, counts, lists, attributes, payments."""

from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.ports.writing.inputs import read_money
from gateway.ports.writing.problems import Problems
from gateway.store.documents import Attribute, PageLink, PaymentLine
from schema.inputs.payment import PaymentLineInput
from schema.money import MoneyInput
from schema.page_link import PageLinkInput
from schema.sku import SkuAttributeInput

#: Times on the platforms are unsigned and of 32 bits.
_LAST_SECOND: Final = 2**32 - 1
_LONGEST_ID: Final = 128


@dataclass(frozen=True, slots=True)
class InputReader:
    """Reads one input; collects what is invalid, with its path."""

    problems: Problems
    #: Unix seconds; the default of times.
    now: int

    def id(self, text: str, *path: str | int) -> str:
        """A platform's id. Ours contain it, separated by control characters, so it has none."""
        if not text or len(text) > _LONGEST_ID or not text.isprintable():
            self.problems.add(
                f"An id has 1 to {_LONGEST_ID} characters, none of them a control character.", *path
            )
        return text

    def second(self, moment: datetime, *path: str | int) -> int:
        """A time in unix seconds."""
        seconds = int(moment.timestamp())
        if not 0 <= seconds <= _LAST_SECOND:
            self.problems.add("The time must be between 1970 and 2106.", *path)
        return seconds

    def perhaps_second(self, moment: datetime | None, *path: str | int) -> int | None:
        """As `second`; None stays None."""
        return None if moment is None else self.second(moment, *path)

    def money(self, given: MoneyInput, *path: str | int) -> int:
        """An amount in fen."""
        amount = read_money(given, self.problems, *path)
        return 0 if amount is None else amount.fen

    def perhaps_money(self, given: MoneyInput | None, *path: str | int) -> int | None:
        """As `money`; None stays None."""
        return None if given is None else self.money(given, *path)

    def count(self, number: int, *path: str | int) -> int:
        """How many, at least one."""
        if number < 1:
            self.problems.add("The number must be 1 or more.", *path)
        return number

    def several(self, given: Collection[object], most: int, *path: str | int) -> None:
        """Collects a list that is empty, or longer than `most`."""
        if not 1 <= len(given) <= most:
            self.problems.add(f"The list must have 1 to {most} entries.", *path)

    def each_once(self, names: Iterable[Hashable], *path: str | int, field: str = "") -> None:
        """Collects duplicates in the list at `path`; `field` is what identifies an entry."""
        seen: set[Hashable] = set()
        for place, name in enumerate(names):
            if name in seen:
                self.problems.add(
                    "Duplicate: an earlier entry has the same value.",
                    *path,
                    place,
                    *filter(None, [field]),
                )
            seen.add(name)


def attributes(given: Sequence[SkuAttributeInput] | None) -> tuple[Attribute, ...]:
    """Names and values."""
    return tuple(Attribute(name=pair.name, value=pair.value) for pair in given or ())


def payment_lines(
    reader: InputReader, given: Sequence[PaymentLineInput] | None, *path: str | int
) -> tuple[PaymentLine, ...]:
    """Discounts or charges."""
    return tuple(
        PaymentLine(
            name=line.name,
            amount=reader.money(line.amount, *path, place, "amount"),
            quantity=(
                1
                if line.quantity is None
                else reader.count(line.quantity, *path, place, "quantity")
            ),
        )
        for place, line in enumerate(given or ())
    )


def page(given: PageLinkInput | None) -> PageLink | None:
    """A page that a platform's app opens."""
    if given is None:
        return None
    return PageLink(
        state=given.state.name if given.state else None,
        name=given.name,
        h5=given.h5,
        swan=given.swan,
        ios=given.ios,
        android=given.android,
        mini_program_path=given.mini_program_path,
    )
