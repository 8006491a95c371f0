"""Idempotency keys: a repeated mutation gets the outcome of the first one."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import Any, Final

import msgspec
import orjson
import structlog
from graphql import GraphQLSchema

from gateway.concurrency.clock import Clock
from gateway.errors import (
    IdempotencyInProgress,
    IdempotencyMismatch,
    StoreBusy,
    StoreTimeout,
    StoreUnavailable,
)
from gateway.http.answer_audit import AnswerAudit, Revealed
from gateway.http.documents import Operation
from gateway.http.refusal import HttpRefusal
from gateway.http.request import RequestInfo
from gateway.http.request_pipeline import Prepared
from gateway.http.response import Payload
from gateway.http.stored_outcome import (
    Path,
    hide_fields,
    hide_roots,
    personal_records,
    put_back,
    refused_again,
    selected_fields,
    take_personal,
)
from gateway.mutation_progress import FieldAccess, MutationProgress, PushIds, working
from gateway.personal_patterns import hide_personal
from gateway.store.engine import Transaction
from gateway.store.idempotency import Buyer, Claim, KeyName, Standing
from gateway.store.mutation_receipts import MutationReceipts, leaving
from gateway.store.store import Store
from schema.scalars import BulkUpload, UploadedFile
from schema.scope import Scope

#: Of one key, as the contract says.
_MAX_CHARACTERS: Final = 255
#: Seconds without a renewal after which a running mutation counts as lost: how long its caller
#: waits if the process was killed.
_LEASE_SECONDS: Final = 15.0
_RENEW_SECONDS: Final = 4.0
#: Codes of failed reads of the store; a platform's queue or a deadline may cause them as well.
_STORE_CODES: Final = frozenset({StoreUnavailable.code, StoreBusy.code, StoreTimeout.code})

_log = structlog.stdlib.get_logger(__name__)


class _Access(msgspec.Struct):
    """What the first caller had to hold and see for a root field."""

    scopes: list[str]
    shops: list[str]


class _Outcome(msgspec.Struct):
    """What is stored of a mutation: its answer, its pending pushes, and what it took to see it.

    What only pii:read shows of the answer is stored apart, and null in it.
    """

    payload: dict[str, Any]
    pushes: dict[str, PushIds] = {}
    #: The scopes of the first caller; None: an earlier version did not store them.
    held: list[str] | None = None
    access: dict[str, _Access] = {}
    #: Response keys of root fields that are null in it, and run again by each repetition.
    not_kept: list[str] = []


_PERSONAL: Final = msgspec.json.Decoder(list[tuple[list[str | int], Any]])


def idempotency_key(request: RequestInfo) -> str | None:
    """The request's key, None if it has none.

    Raises:
        HttpRefusal: 400, it is empty or too long.
    """
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if not 1 <= len(key) <= _MAX_CHARACTERS:
        raise HttpRefusal(400, f"`Idempotency-Key` must have 1 to {_MAX_CHARACTERS} characters")
    return key


def operation_hash(operation: Operation, variables: Mapping[str, Any]) -> bytes:
    """The identity of an operation: document, name, variables, the uploads' hashes."""
    location = operation.document.loc
    assert location is not None  # noqa: S101 - documents are parsed with their text
    whole = [location.source.body, operation.name, variables]
    option = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS
    return sha256(orjson.dumps(whole, default=_shown, option=option)).digest()


def _shown(value: Any) -> Any:
    if isinstance(value, BulkUpload):
        return {"upload": value.sha256, "name": value.name}
    if isinstance(value, UploadedFile):
        return {"upload": sha256(value.content).hexdigest(), "name": value.name}
    raise TypeError(f"a variable holds a {type(value).__name__}")


class IdempotentMutations:
    """Runs mutations once per `Idempotency-Key`; their outcomes are stored.

    An outcome is given again as far as the key may see it now.

    Args:
        schema: what the operations are of.
        store: returns the open store.
        clock: paces the renewal of claims.
        unique: returns a unique text.
        audit: without it no repeated answer is noted in the audit log.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        store: Callable[[], Store],
        clock: Clock,
        unique: Callable[[], str],
        audit: AnswerAudit | None = None,
    ) -> None:
        self._schema = schema
        self._store = store
        self._clock = clock
        self._unique = unique
        self._audit = audit

    async def run(
        self, prepared: Prepared, request: RequestInfo, work: Callable[[], Awaitable[Payload]]
    ) -> Payload:
        """The outcome of `work`, or of the first request with the same key.

        What certainly changed nothing is not stored: the key can be used again.

        Raises:
            HttpRefusal: 400, the key is empty or too long.
            IdempotencyMismatch: the key was used for another operation.
            IdempotencyInProgress: the first request is in progress.
            StoreUnavailable: the key cannot be claimed; nothing was done.
        """
        key = idempotency_key(request)
        if key is None:
            return await work()
        name = KeyName(prepared.context.caller_id, key, self._unique())
        operation = operation_hash(prepared.operation, prepared.variables.sent)
        claim = await self._claim(name, operation)
        match claim.standing:
            case Standing.OTHER_OPERATION:
                raise IdempotencyMismatch(
                    "This `Idempotency-Key` was used for another operation: use a new one"
                )
            case Standing.UNDER_WAY:
                raise IdempotencyInProgress(
                    "The first request with this `Idempotency-Key` is still under way",
                    retry_after=1,
                )
            case Standing.LOST:
                return await self._once_more(name, claim, work, prepared, request)
            case Standing.DONE:
                return _again(await self._given_again(claim, work, prepared, request), request)
            case Standing.CLAIMED:
                return await self._done(name, claim, work, prepared, MutationProgress())

    async def _claim(self, name: KeyName, operation: bytes) -> Claim:
        store = self._store()
        async with store.transaction() as transaction:
            return await store.idempotency.claim(transaction, name, operation, _LEASE_SECONDS)

    async def _once_more(
        self,
        name: KeyName,
        claim: Claim,
        work: Callable[[], Awaitable[Payload]],
        prepared: Prepared,
        request: RequestInfo,
    ) -> Payload:
        """The outcome of an interrupted run; what the ledger lacks of it is done now."""
        done = MutationProgress(lost=True)
        payload = await self._done(name, claim, work, prepared, done)
        if done.again:
            return _again(payload, request)
        if not done.steps and claim.holder is not None:
            # Neither run did anything: the caller may send a fixed input under this key.
            before = name._replace(owner=claim.holder)
            await self._left(lambda tx: self._store().idempotency.release(tx, before))
        return payload

    async def _done(
        self,
        name: KeyName,
        claim: Claim,
        work: Callable[[], Awaitable[Payload]],
        prepared: Prepared,
        done: MutationProgress,
    ) -> Payload:
        """Does the work, and stores its outcome unless nothing was done."""
        receipts = MutationReceipts(self._store().idempotency, name, _LEASE_SECONDS, claim)
        try:
            async with self._renewing(name):
                with working(done), leaving(receipts):
                    payload = await work()
        except BaseException:
            # What was begun is left as it is: a repetition finds it in the ledger, or gets
            # OUTCOME_UNKNOWN.
            if not done.steps:
                await self._left(lambda tx: self._store().idempotency.release(tx, name))
            raise
        if receipts.any_left and _unread(payload):
            # Not the outcome, which the receipts have once the lease has expired.
            return payload
        if done.steps:
            await self._keep(name, payload, prepared, done)
        else:
            await self._left(lambda tx: self._store().idempotency.release(tx, name))
        return payload

    async def _keep(
        self, name: KeyName, payload: Payload, prepared: Prepared, done: MutationProgress
    ) -> None:
        """Stores the outcome, and apart what only pii:read shows of it."""
        kept = _without(orjson.loads(orjson.dumps(payload)), done.not_kept)
        fields = selected_fields(self._schema, prepared.operation)
        taken = take_personal(kept.get("data"), fields, hide_personal)
        access = {
            place: _Access(sorted(one.scopes), sorted(one.shops))
            for place, one in done.access.items()
        }
        held = sorted(prepared.context.scopes)
        outcome = msgspec.json.encode(
            _Outcome(kept, done.pushes, held, access, sorted(done.not_kept))
        )
        personal = orjson.dumps(taken) if taken else None
        buyers = [Buyer(*one) for one in done.buyers]
        if not buyers or any(isinstance(value, str) for _, value in taken):
            # Whom a platform's words name is not known.
            buyers += [Buyer(shop, None) for one in access.values() for shop in one.shops]
        await self._left(
            lambda tx: self._store().idempotency.finish(
                tx, name, outcome, personal=personal, buyers=buyers
            )
        )

    async def _given_again(
        self,
        claim: Claim,
        work: Callable[[], Awaitable[Payload]],
        prepared: Prepared,
        request: RequestInfo,
    ) -> Payload:
        """The first outcome, as far as the key may see it now, with its pushes as they are now."""
        kept = msgspec.json.decode(claim.outcome or b"", type=_Outcome)
        context, data = prepared.context, kept.payload.get("data")
        if data is None:
            return kept.payload
        lost = frozenset(Scope if kept.held is None else kept.held) - context.scopes
        access = {
            place: FieldAccess(set(one.scopes), set(one.shops))
            for place, one in kept.access.items()
            # What is run again checks by itself what its caller may see.
            if place not in kept.not_kept
        }
        if claim.personal is not None:
            put_back(data, _PERSONAL.decode(claim.personal))
        hidden: list[Path] = [(place,) for place in hide_roots(data, access, lost, context.sees)]
        without = {place for (place, *_) in hidden}
        payload = await _as_of_now(kept, work)
        fields = selected_fields(self._schema, prepared.operation)
        hidden += hide_fields(data, fields, lost)
        if Scope.PII_READ not in context.scopes:
            # Platforms' words have no scope of their own: they stay, without the persons.
            take_personal(data, fields, hide_personal)
        if self._audit is not None:
            shown_shops = {shop for one in access.values() for shop in one.shops}
            revealed = Revealed(
                personal_records(data, fields), tuple(filter(context.sees, sorted(shown_shops)))
            )
            self._audit.given_again(
                prepared.operation, context.origin, revealed, refused=bool(hidden)
            )
        errors = [
            error
            for error in payload.get("errors", ())
            if not without.intersection((error.get("path") or [])[:1])
        ] + refused_again(hidden, request.request_id)
        shown = {**payload, "data": data}
        shown.pop("errors", None)
        return {"errors": errors, **shown} if errors else shown

    async def _left(self, write: Callable[[Transaction], Awaitable[None]]) -> None:
        """Stores the outcome of the claim; without it, a repetition gets OUTCOME_UNKNOWN."""
        try:
            async with self._store().transaction() as transaction:
                await write(transaction)
        except StoreUnavailable as failure:
            _log.warning(
                "http.idempotency.outcome_not_kept",
                message="The outcome of a mutation was not kept: a retry learns that it is unknown",
                reason=failure.message,
            )

    @asynccontextmanager
    async def _renewing(self, name: KeyName) -> AsyncIterator[None]:
        async def renew() -> None:
            while True:
                await self._clock.sleep(_RENEW_SECONDS)
                store = self._store()
                try:
                    async with store.transaction() as transaction:
                        await store.idempotency.renew(transaction, name, _LEASE_SECONDS)
                except StoreUnavailable as failure:
                    _log.warning(
                        "http.idempotency.lease_not_renewed",
                        message="The lease of a running mutation was not renewed",
                        reason=failure.message,
                    )

        renewal = asyncio.create_task(renew())
        try:
            yield
        finally:
            renewal.cancel()
            await asyncio.wait([renewal])


def _unread(payload: Payload) -> bool:
    """Whether part of it is missing because the store could not be read."""
    return any(error["extensions"]["code"] in _STORE_CODES for error in payload.get("errors", ()))


async def _as_of_now(kept: _Outcome, work: Callable[[], Awaitable[Payload]]) -> Payload:
    """The first outcome, with the pushes that were pending then and what is not kept, as of now."""
    data = kept.payload.get("data")
    if not (kept.pushes or kept.not_kept) or data is None:
        return kept.payload
    with working(MutationProgress(shown=kept.pushes, not_kept=set(kept.not_kept))):
        answer = await work()
    now = answer.get("data") or {}
    for place in kept.pushes:
        # Whatever else the payload holds is null or empty.
        told = {name: value for name, value in (now.get(place) or {}).items() if value}
        if data.get(place) is not None:
            data[place] |= {name: value for name, value in told.items() if name != "__typename"}
    for place in kept.not_kept:
        data[place] = now.get(place)
    errors = [error for error in answer.get("errors", ()) if _place(error) in kept.not_kept]
    if errors:
        kept.payload["errors"] = [*kept.payload.get("errors", ()), *errors]
    return kept.payload


def _without(payload: dict[str, Any], places: Collection[str]) -> dict[str, Any]:
    """The payload with these root fields null, and without their errors."""
    data = payload.get("data")
    for place in places:
        if data is not None and place in data:
            data[place] = None
    if places and "errors" in payload:
        payload["errors"] = [one for one in payload["errors"] if _place(one) not in places]
    return payload


def _place(error: Mapping[str, Any]) -> str | None:
    """The response key of the root field that an error is of; None: of the whole operation."""
    path = error.get("path")
    return str(path[0]) if path else None


def _again(first: Payload, request: RequestInfo) -> Payload:
    """The first outcome, marked as such; its errors have the id of this request."""
    for error in first.get("errors", ()):
        error.get("extensions", {})["requestId"] = request.request_id
    return {**first, "extensions": {**first.get("extensions", {}), "idempotentReplay": True}}
