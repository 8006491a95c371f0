"""Load shedding: under overload queries wait for their turn, and lists longest.

Overload is an event loop that is late, or a store whose readers or writer have too much to do.

Mutations, webhooks of the platforms and health checks are always admitted: what waits, or is
refused, makes room for them. A mutation takes many turns of the event loop and of the store's
threads, and at each of them waits for the queries that are executed: so there are fewer beside it.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from gateway.errors import Overloaded

#: Seconds between two looks at the event loop, and by how many it is late when it is overloaded.
_INTERVAL: Final = 0.02
_LATE: Final = 0.02
#: Of so many looks in succession under overload the last admits a query all the same: those under
#: way may all wait for a platform that hangs. Beside a mutation each look does: fewer are executed.
_LOOKS: Final = 5
_LOOKS_BESIDE_MUTATION: Final = 1
#: Queries that are executed at once in any case, under overload beside a mutation.
_BESIDE_MUTATION: Final = 1
#: Points from which on a query counts as a list.
_LIST_POINTS: Final = 10

_Turn = asyncio.Future[None]


class LoadShedder:
    """Admits the queries of one process as fast as it keeps up.

    Queries that wait for a slow platform take no processor time: they hold up nobody, however many
    they are.

    Args:
        always: queries that are executed at once in any case: more would not be done any sooner.
        between: those that are admitted beyond them between two looks, while there is no overload;
            after one it is one at first, and twice as many from look to look.
        waiting: how many may wait.
        longest_wait: seconds for which each of them may.
        congested: whether what queries read from has too much to do.
    """

    def __init__(
        self,
        *,
        always: int = 12,
        between: int = 32,
        waiting: int = 128,
        longest_wait: float = 5.0,
        congested: Callable[[], bool] = lambda: False,
    ) -> None:
        self._always, self._between = always, between
        self._waiting, self._longest_wait = waiting, longest_wait
        self._congested = congested
        #: Queries and mutations that are executed.
        self._under_way = self._mutations = 0
        #: Those that may be admitted until the next look, and how many that were after the last.
        self._admitted = self._step = between
        self._looking = False
        self._overloaded = False
        #: Looks in succession under overload.
        self._looks = 0
        #: Those that wait: cheap queries before lists.
        self._cheap: deque[_Turn] = deque()
        self._lists: deque[_Turn] = deque()

    @contextmanager
    def mutation(self) -> Iterator[None]:
        """A block that executes a mutation, which is always admitted."""
        self._mutations += 1
        try:
            yield
        finally:
            self._mutations -= 1

    def enter(self) -> bool:
        """Whether a query may be executed at once; if so, `leave` is called after it."""
        if self._under_way >= self._at_once:
            if self._admitted <= 0 or self._cheap or self._lists or self._congested():
                return False
            self._admitted -= 1
        self._take()
        return True

    async def wait(self, points: int) -> None:
        """Wait until a query of so many points may be executed; `leave` is called after it.

        Raises:
            Overloaded: too many wait, or its turn did not come.
        """
        if len(self._cheap) + len(self._lists) >= self._waiting:
            raise _overloaded()
        loop = asyncio.get_running_loop()
        turn: _Turn = loop.create_future()
        (self._lists if points >= _LIST_POINTS else self._cheap).append(turn)
        timer = loop.call_later(self._longest_wait, _refuse, turn)
        try:
            await turn
        except BaseException:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self.leave()
            raise
        finally:
            timer.cancel()

    def leave(self) -> None:
        """The query is done, or refused."""
        self._under_way -= 1
        if self._under_way < self._at_once:
            self._admit_next()

    @property
    def _at_once(self) -> int:
        """Queries that are executed at once in any case."""
        if self._overloaded and self._mutations:
            return min(_BESIDE_MUTATION, self._always)
        return self._always

    def _take(self) -> None:
        self._under_way += 1
        if self._under_way >= self._at_once and not self._looking:
            self._looking = True
            self._look_again()

    def _admit_next(self) -> bool:
        """Admit the first that waits; False if none does."""
        for waiting in (self._cheap, self._lists):
            while waiting:
                turn = waiting.popleft()
                if not turn.done():
                    self._take()
                    turn.set_result(None)
                    return True
        return False

    def _look_again(self) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(_INTERVAL, self._look, loop.time() + _INTERVAL)

    def _look(self, due: float) -> None:
        late = asyncio.get_running_loop().time() - due > _LATE
        self._overloaded = self._congested() or late
        self._looks = self._looks + 1 if self._overloaded else 0
        if self._overloaded:
            self._step = self._admitted = 0
            if self._looks % (_LOOKS_BESIDE_MUTATION if self._mutations else _LOOKS) == 0:
                self._admit_next()
        else:
            self._admitted = self._step = min(max(1, 2 * self._step), self._between)
            while self._admitted > 0 and not self._congested() and self._admit_next():
                self._admitted -= 1
        if self._under_way >= self._at_once or self._cheap or self._lists:
            self._look_again()
            return
        self._looking = self._overloaded = False
        self._admitted = self._step = self._between


def _refuse(turn: _Turn) -> None:
    if not turn.done():
        turn.set_exception(_overloaded())


def _overloaded() -> Overloaded:
    return Overloaded("The gateway has more queries than it can answer", retry_after=1)
