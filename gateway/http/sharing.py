"""Executes identical queries that are under way at the same time once."""

from collections.abc import Callable, Coroutine, Hashable
from typing import Any

import orjson

from gateway.concurrency.single_flight import SingleFlight
from gateway.http.executor import Executed
from gateway.http.request_pipeline import Prepared

#: Tells one moment from a later one if something was written between them; None: nobody can tell.
Writes = Callable[[], Hashable | None]


class Sharing:
    """Lets a query join one that is under way already.

    They are the same operation with the same variables, asked by the same caller, and nothing was
    written between the beginnings of the two: so none is given what was read before a change that
    it could know of. A query that wants the platforms read afresh is executed for itself.
    """

    def __init__(self, writes: Writes) -> None:
        self._writes = writes
        self._flights: SingleFlight[Executed] = SingleFlight()

    async def run(
        self, prepared: Prepared, execute: Callable[[], Coroutine[Any, Any, Executed]]
    ) -> Executed:
        """What the query's execution gives, this one's or the other's."""
        key = self._key(prepared)
        return await (execute() if key is None else self._flights.run(key, execute))

    def _key(self, prepared: Prepared) -> Hashable | None:
        """The same for executions that give the same; None: this one is like no other."""
        asker = prepared.context.asker
        written = self._writes() if asker is not None else None
        if written is None:
            return None
        try:
            variables = orjson.dumps(prepared.variables.sent, option=orjson.OPT_SORT_KEYS)
        except TypeError:
            # A file is among them.
            return None
        return prepared.operation, variables, asker, written
