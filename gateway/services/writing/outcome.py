"""What became of a write: the thing as it is now, or what the caller can act on."""

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeAlias, TypeVar

from gateway.errors import (
    AnswerLost,
    GatewayError,
    PlatformCredentials,
    PlatformFailure,
    PlatformQuotaExceeded,
    PlatformRejected,
)
from gateway.ports.writing.problems import Absent, InputRefused
from gateway.services.batch_by_shop import Found
from gateway.services.failures import public_failure
from schema.errors import ErrorCode, PlatformError, UserError

T = TypeVar("T")

#: Into the input, as callers spell it; empty for all of it.
Path: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteResult(Generic[T]):
    """`value` is None where nothing was done, or nobody knows; `errors` then says why."""

    value: T | None = None
    errors: list[UserError] = field(default_factory=list)


async def attempt(
    work: Awaitable[T],
    *,
    find_out: str,
    thing: Path = ("id",),
    at: Path = (),
) -> WriteResult[T]:
    """The outcome of a write; what the caller cannot act on is raised.

    Args:
        work: the write.
        find_out: how the caller can tell whether it was done, if its answer is lost: a sentence.
        thing: the path of the id that names what is changed.
        at: the path of the field that a platform's failure concerns, none for the whole input.

    Raises:
        PlatformCredentials | StoreUnavailable | Overloaded: nothing that the caller could mend.
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
    """A platform's failure as the payload of a mutation tells it."""
    message = failure.message
    if isinstance(failure, AnswerLost):
        code = ErrorCode.OUTCOME_UNKNOWN
        message = (
            f"{failure.message}. The platform may have done it or not, and it is not sent again:"
            f" {find_out}"
        )
    elif isinstance(failure, PlatformRejected):
        code = ErrorCode.REJECTED_BY_PLATFORM
    elif isinstance(failure, PlatformQuotaExceeded):
        code = ErrorCode.RATE_LIMITED
    else:
        code = ErrorCode.PLATFORM_UNAVAILABLE
        message = f"{failure.message}. Nothing was changed: try again later."
    return problem(code, message, at, public_failure(failure))


async def attempt_each(
    works: Mapping[Path, Awaitable[WriteResult[T]]],
) -> dict[Path, WriteResult[T]]:
    """Writes side by side, each by the path that it concerns.

    Where something was done, what the caller cannot act on is told as well, instead of raised.

    Raises:
        GatewayError: nothing was done, as `attempt`.
    """
    answers = await asyncio.gather(*works.values(), return_exceptions=True)
    done = any(isinstance(one, WriteResult) and one.value is not None for one in answers)
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
    """A thing as it is after a write that was done, or why it cannot be shown."""
    if found is None:
        message = "It was done, but the platform does not have it any more."
        return WriteResult(errors=[problem(ErrorCode.NOT_FOUND, message, at)])
    if not isinstance(found, Exception):
        return WriteResult(value=found)
    if not isinstance(found, GatewayError):
        raise found
    message = f"It was done, but could not be read back: {found.message}"
    error = problem(ErrorCode.PLATFORM_UNAVAILABLE, message, at, public_failure(found))
    return WriteResult(errors=[error])


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
