"""The codes of `extensions.code`: their HTTP statuses, what they mean, and what a caller does."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class RequestErrorCode:
    """What a code means, for clients; `status` is that of a request refused as a whole.

    None: the request is answered by 400, or by 200 to a client that accepts only
    `application/json`, where it is refused before its execution.
    """

    status: int | None
    meaning: str
    remedy: str


#: Every value of `extensions.code`.
ERROR_CODES: Final[Mapping[str, RequestErrorCode]] = {
    "GRAPHQL_PARSE_FAILED": RequestErrorCode(
        None, "The document is not GraphQL.", "Correct it at the place in `locations`."
    ),
    "GRAPHQL_VALIDATION_FAILED": RequestErrorCode(
        None,
        "The document does not fit the schema.",
        "Correct it at the place in `locations`: the message names what is known in its place.",
    ),
    "BAD_USER_INPUT": RequestErrorCode(
        None,
        "A variable, an argument or the request itself is malformed, out of range, or names"
        " something that does not exist.",
        "Correct what the message names.",
    ),
    "UNAUTHENTICATED": RequestErrorCode(
        401,
        "No API key was given, or it is unknown, revoked, expired, or not used from a network that"
        " it is bound to.",
        "Send `Authorization: Bearer KEY` with a key of `gateway keys add`.",
    ),
    "FORBIDDEN": RequestErrorCode(
        403,
        "The key lacks the scope that a field requires. Inside an answer the field is null, and the"
        " rest stands.",
        "Leave the field out, or use a key with the scope that the message names.",
    ),
    "COST_LIMIT_EXCEEDED": RequestErrorCode(
        None,
        "The operation passes a limit of size, depth or cost; the message has the value and the"
        " limit.",
        "Ask for less at once: fewer levels, fewer aliases, a smaller `first`.",
    ),
    "RATE_LIMITED": RequestErrorCode(
        429,
        "The key has used up its points for now; `extensions.cost` tells what is left.",
        "Repeat the request after `Retry-After` seconds.",
    ),
    "PERSISTED_QUERY_NOT_FOUND": RequestErrorCode(
        None,
        "The hash of a persisted query is unknown.",
        "Send hash and document once; clients that know persisted queries do it by themselves.",
    ),
    "PLATFORM_UNAVAILABLE": RequestErrorCode(
        None,
        "A platform gave no answer that can be read, or said that it is busy. `extensions.shop`"
        " names the shop; other shops are answered.",
        "Repeat the read later, after `extensions.retryAfter` where it is given.",
    ),
    "PLATFORM_TIMEOUT": RequestErrorCode(
        None,
        "A platform did not answer within the operation's time.",
        "Repeat the read later, or ask for fewer shops at once.",
    ),
    "PLATFORM_REJECTED": RequestErrorCode(
        None,
        "A platform understood the call and refused it; `extensions.platformError` has its code and"
        " words.",
        "Correct what the platform names; the same call is refused again.",
    ),
    "PLATFORM_QUOTA_EXCEEDED": RequestErrorCode(
        None,
        "The shop has used up the platform's quota for a call.",
        "Wait until the platform's minute or day is over.",
    ),
    "PLATFORM_CREDENTIALS": RequestErrorCode(
        None,
        "A platform refuses the shop's app id, secret, or the gateway's address.",
        "The operator runs `gateway doctor`, which names the remedy.",
    ),
    "STORE_UNAVAILABLE": RequestErrorCode(
        503,
        "The gateway's database cannot be reached, or one value of it cannot be read. Nothing was"
        " changed.",
        "Repeat the request after `Retry-After` seconds, a mutation with its `Idempotency-Key`.",
    ),
    "IDEMPOTENCY_MISMATCH": RequestErrorCode(
        None,
        "The `Idempotency-Key` was used for another operation.",
        "Use a new key for each operation.",
    ),
    "IDEMPOTENCY_IN_PROGRESS": RequestErrorCode(
        None,
        "The first request with this `Idempotency-Key` is still at work.",
        "Repeat the request after `Retry-After` seconds: it is answered by the first one's"
        " outcome.",
    ),
    "CURSOR_EXPIRED": RequestErrorCode(
        None,
        "The changes after `since` are no longer kept.",
        "Read the list again, and follow from its newest change.",
    ),
    "OVERLOADED": RequestErrorCode(
        503,
        "A queue of the gateway is full. Nothing was changed.",
        "Repeat the request after `Retry-After` seconds, a mutation with its `Idempotency-Key`.",
    ),
    "TIMEOUT": RequestErrorCode(
        503,
        "The operation was not done within `limits.timeout`. A query is cancelled, and answered by"
        " 200 with `data` null; a mutation goes on.",
        "Ask for less at once. Repeat a mutation with its `Idempotency-Key`: it is answered by the"
        " outcome.",
    ),
    "INTERNAL": RequestErrorCode(
        500,
        "A fault of the gateway; its log has the details under `extensions.requestId`.",
        "Tell the operator the request id.",
    ),
}

#: Codes with a status of their own, whatever the media type.
STATUS: Final[Mapping[str, int]] = {
    name: code.status for name, code in ERROR_CODES.items() if code.status is not None
}
