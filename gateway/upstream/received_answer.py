"""Reads a received answer: a small one in one pass, a large one in steps."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec

from gateway.concurrency.sliced_work import Steps, finish
from gateway.errors import PlatformMalformed
from gateway.upstream.answer import Entry
from gateway.upstream.lenient_answer import UNREADABLE, SoundAnswer, UnreadableEntry
from gateway.upstream.prepared_endpoint import PreparedEndpoint
from gateway.upstream.reading import AnswerReader, unpromised, unreadable

_FINE: Final = 200


class ReadAnswer(NamedTuple):
    """An answer, and the entries that were left out of it."""

    entry: Entry
    unreadable: Sequence[UnreadableEntry] = ()


@dataclass(slots=True, kw_only=True)
class ReceivedAnswer:
    """An answer as received; `token` is the one that was sent, to be kept out of messages."""

    row: PreparedEndpoint[Any]
    reader: AnswerReader
    status: int
    content: bytes
    retry_after: float | None
    token: str | None
    at: datetime

    def read(self) -> ReadAnswer:
        """The answer: in one pass, else entry by entry.

        Raises:
            TokenRefused, PlatformFailure.
        """
        try:
            return ReadAnswer(self._strict())
        except PlatformMalformed as failure:
            sound = self.row.answers.sound(self.content)
            if sound is None:
                raise
            try:
                return finish(self._sound(sound))
            except PlatformMalformed:
                raise failure from None

    def read_in_steps(self) -> Steps[ReadAnswer]:
        """Like `read`, for a worker thread: a list is decoded entry by entry at once.

        What is neither a list nor a refusal takes one step.
        """
        yield
        answers = self.row.answers
        if self.status != _FINE or answers.attribute is None:
            return self.read()
        value = yield from answers.strict_in_steps(self.content, self._fine)
        if value is not None:
            return ReadAnswer(self._promised(self.content, value))
        with suppress(PlatformMalformed):
            self._check(self.content)
        yield
        sound = yield from answers.sound_in_steps(self.content)
        if sound is not None:
            with suppress(PlatformMalformed):
                return (yield from self._sound(sound))
        return self.read()

    def _fine(self, content: bytes) -> Any:
        return self.reader.fine(self.row.endpoint.response, content)

    def _check(self, content: bytes) -> None:
        self.reader.check(
            self.row.asked,
            self.status,
            content,
            retry_after=self.retry_after,
            token=self.token,
        )

    def _strict(self) -> Entry:
        content = self.content
        if self.status == _FINE:
            value = self._fine(content)
            if value is not None:
                return self._promised(content, value)
        self._check(content)
        try:
            value = self.row.answers.strict(content)
        except UNREADABLE as error:
            raise unreadable(self.row.asked, content, error, self.status) from None
        return self._promised(content, value)

    def _promised(self, content: bytes, value: object) -> Entry:
        row = self.row
        listed, attribute = row.endpoint.entries, row.answers.attribute
        # Only an empty list may in fact be missing.
        if (
            listed is not None
            and attribute is not None
            and not getattr(value, attribute)
            and listed.member not in msgspec.json.decode(content, type=dict[str, msgspec.Raw])
        ):
            raise unpromised(row.asked, content, f" without `{listed.member}`", self.status)
        if row.result_required:
            missing = self.reader.missing_result(content)
            if missing is not None:
                raise unpromised(row.asked, content, f" without `{missing}`", self.status)
        return Entry(content, value, self.at)

    def _sound(self, sound: SoundAnswer) -> Steps[ReadAnswer]:
        answers = self.row.answers
        self._check(sound.body)
        yield
        try:
            value = yield from answers.decode_in_steps(sound.body)
        except UNREADABLE as error:
            raise unreadable(self.row.asked, sound.body, error, self.status) from None
        entry = self._promised(sound.body, value)
        entry.unreadable = len(sound.unreadable)
        if sound.marked is not None:
            entry.marked = answers.decode(sound.marked)
        return ReadAnswer(entry, sound.unreadable)
