"""Sends a change to the platform, once."""

from gateway.errors import (
    AnswerLost,
    GatewayError,
    Overloaded,
    PlatformFailure,
    PlatformRejected,
    PlatformTimeout,
    PlatformUnavailable,
    WritesOff,
)
from gateway.mutation_progress import begin_step, undo_step
from gateway.platform_kit.calls import find
from gateway.ports import ReadOptions
from gateway.ports.writing.problems import Absent
from gateway.store.mutation_audit import audit_call
from gateway.upstream.answer import PlatformAnswer
from gateway.upstream.client import PlatformClient
from gateway.upstream.endpoint import Endpoint, Req, Res


async def send_write(
    client: PlatformClient, endpoint: Endpoint[Req, Res], request: Req, deadline: float | None
) -> Res:
    """Sends a change and returns the platform's answer.

    Raises:
        AnswerLost: it is unknown whether the change was made.
        PlatformFailure: the change was not made.
        StoreUnavailable: the platform was not asked, as the audit log cannot say who asks.
    """
    await audit_call(client.shop)
    begin_step()
    try:
        answer = await client.call(endpoint, request, deadline=deadline)
    except WritesOff:
        undo_step()
        raise
    except PlatformRejected:
        raise
    except (PlatformUnavailable, PlatformTimeout) as failure:
        # With a code, such as -1 (busy), the platform itself reports that it did nothing.
        if failure.sent and failure.platform_code is None:
            raise AnswerLost.of(failure) from None
        undo_step()
        raise
    except GatewayError:
        undo_step()
        raise
    return answer.value


async def read_back(
    client: PlatformClient, endpoint: Endpoint[Req, Res], request: Req, deadline: float | None
) -> PlatformAnswer[Res] | None:
    """Reads back what was written; None if it cannot be read now.

    The write succeeded, and a failure to read it back must not hide that.
    """
    try:
        return await find(client, endpoint, request, ReadOptions(fresh=True, deadline=deadline))
    except (PlatformFailure, Overloaded):
        return None


async def must_be_there(
    client: PlatformClient,
    refusal: PlatformRejected,
    look_up: Endpoint[Req, Res],
    request: Req,
    kind: str,
) -> None:
    """Checks, after a refused change, that its target exists.

    For platforms whose codes do not say. If the look-up fails as well, returns: the caller raises
    the refusal.

    Raises:
        Absent: the target does not exist.
    """
    if not client.errors.absent(refusal):
        return
    try:
        found = await find(client, look_up, request, ReadOptions(fresh=True, strict=True))
    except (PlatformFailure, Overloaded):
        return
    if found is None:
        raise Absent(kind) from refusal
