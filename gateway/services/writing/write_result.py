"""The result of a write that is sent at once: the thing as it is now, or user errors."""

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from gateway.errors import (
    AnswerLost,
    GatewayError,
    PlatformCredentials,
    PlatformFailure,
    PlatformQuotaExceeded,
    PlatformRejected,
    WritesOff,
)
from gateway.ports.writing.problems import Absent, InputRefused, Path
from gateway.services.batch_by_shop import Found
from gateway.services.failures import public_failure
from schema.errors import ErrorCode, PlatformError, UserError

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteResult(Generic[T]):
    """`value` is None where nothing was done, or the outcome is unknown; `errors` says why.

    `warnings` says what failed after the write succeeded: then `value` is None, and `errors` empty.
    """

    value: T | None = None
    errors: list[UserError] = field(default_factory=list)
    warnings: list[UserError] = field(default_factory=list)


async def attempt(
    work: Awaitable[T],
    *,
    find_out: str,
    thing: Path = ("id",),
    at: Path = (),
) -> WriteResult[T]:
    """The result of a write; raises what the caller cannot fix.

    Args:
        work: the write.
        find_out: how the caller can tell whether it was done if the answer is lost: a sentence.
        thing: the path of the id of what is changed.
        at: the path of the field that a platform's failure concerns; empty for the whole input.

    Raises:
        PlatformCredentials | StoreUnavailable | Overloaded: the caller cannot fix it.
    """
    try:
        return WriteResult(value=await work)
    except InputRefused as refused:
        return WriteResult(errors=list(refused.errors))
    except Absent as absent:
        return WriteResult(errors=[problem(ErrorCode.NOT_FOUND, absent.message, thing)])
    except PlatformCredentials:
        raise
    except PlatformFailure as failure:
        return WriteResult(errors=[user_error(failure, find_out, at)])


def user_error(failure: PlatformFailure, find_out: str, at: Path = ()) -> UserError:
    """A platform's failure as a user error."""
    advice = ""
    if isinstance(failure, AnswerLost):
        code = ErrorCode.OUTCOME_UNKNOWN
        advice = f". The platform may have done it or not, and it is not sent again: {find_out}"
    elif isinstance(failure, WritesOff):
        code = ErrorCode.WRITES_OFF
    elif isinstance(failure, PlatformRejected):
        code = ErrorCode.REJECTED_BY_PLATFORM
    elif isinstance(failure, PlatformQuotaExceeded):
        code = ErrorCode.RATE_LIMITED
    else:
        code = ErrorCode.PLATFORM_UNAVAILABLE
        advice = ". Nothing was changed: try again later."
    error = problem(code, f"{failure.message}{advice}", at, public_failure(failure))
    error.told = f"{failure.told}{advice}"
    return error


async def attempt_each(
    works: Mapping[Path, Awaitable[WriteResult[T]]], *, done: bool = False
) -> dict[Path, WriteResult[T]]:
    """Runs writes concurrently, each keyed by the path that it concerns.

    If any of them was done, or something was before (`done`), the failures of the others are
    returned as user errors, not raised.

    Raises:
        GatewayError: nothing was done, as `attempt`.
    """
    answers = await asyncio.gather(*works.values(), return_exceptions=True)
    done = done or any(isinstance(one, WriteResult) and one.value is not None for one in answers)
    outcomes: dict[Path, WriteResult[T]] = {}
    for at, answer in zip(works, answers, strict=True):
        if isinstance(answer, WriteResult):
            outcomes[at] = answer
        elif done and isinstance(answer, GatewayError):
            error = problem(ErrorCode.PLATFORM_UNAVAILABLE, answer.message, at)
            outcomes[at] = WriteResult(errors=[error])
        else:
            raise answer
    return outcomes


def read_back(found: Found[T], at: Path = ()) -> WriteResult[T]:
    """The thing after a successful write, or a warning that says why it cannot be shown."""
    if found is None:
        message = "The write succeeded, but the platform no longer has the object."
        return WriteResult(warnings=[problem(ErrorCode.NOT_FOUND, message, at)])
    if not isinstance(found, Exception):
        return WriteResult(value=found)
    if not isinstance(found, GatewayError):
        raise found
    message = f"The write succeeded, but reading the object back failed: {found.message}"
    error = problem(ErrorCode.PLATFORM_UNAVAILABLE, message, at, public_failure(found))
    return WriteResult(warnings=[error])


def problem(
    code: ErrorCode,
    message: str,
    at: Path = (),
    platform_error: PlatformError | None = None,
) -> UserError:
    """A user error; without `at` it concerns the whole input."""
    return UserError(
        code=code, message=message, field=list(at) or None, platform_error=platform_error
    )
