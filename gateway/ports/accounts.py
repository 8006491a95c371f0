"""Ports of a shop's account on its platform: pages that the platform opens, and what it notes."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from gateway.ports.lists import ReadOptions


class AccountNote(NamedTuple):
    """What an operator should know of an account; `remedy` is empty if there is nothing to do."""

    text: str
    remedy: str = ""


class NotesAccounts(Protocol):
    """What the platform says of the account itself, beside its credentials."""

    async def notes(self) -> Sequence[AccountNote]:
        """What it says now; raises PlatformFailure."""


class KeepsOrderCenter(Protocol):
    """The page of the shop's app that the platform's order centre opens for an order."""

    async def path(self, reading: ReadOptions) -> str | None:
        """Its path; None if none was set."""

    async def set_path(self, path: str, deadline: float | None) -> None:
        """Sets the path.

        Raises:
            InputRefused: the platform could not fill in the order.
            AnswerLost: it is unknown whether it was set.
            PlatformFailure: it was not set.
        """
