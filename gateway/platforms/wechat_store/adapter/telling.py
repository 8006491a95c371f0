"""Sends the platform a change, once."""

from gateway.errors import (
    AnswerLost,
    GatewayError,
    Overloaded,
    PlatformFailure,
    PlatformRejected,
    PlatformTimeout,
    PlatformUnavailable,
)
from gateway.mutation_progress import begin_step, undo_step
from gateway.platform_kit.calls import find
from gateway.platforms.wechat_store.errors import tells_absence
from gateway.ports import ReadOptions
from gateway.ports.writing.problems import Absent
from gateway.upstream.answer import PlatformAnswer
from gateway.upstream.client import PlatformClient
from gateway.upstream.endpoint import Endpoint, Req, Res


async def tell(
    client: PlatformClient, endpoint: Endpoint[Req, Res], request: Req, deadline: float | None
) -> Res:
    """The platform's answer to a change.

    Raises:
        AnswerLost: nobody knows whether it was done.
        PlatformFailure: it was not done.
    """
    begin_step()
    try:
        answer = await client.call(endpoint, request, deadline=deadline)
    except PlatformRejected:
        raise
    except (PlatformUnavailable, PlatformTimeout) as failure:
        # A code is the platform's own word that it did nothing, such as -1: busy.
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
    """What was written, as the platform has it now; None where it cannot be read just now.

    The write was done, and that must not be hidden by a failure to look at it.
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
    """After a refused change: whether what it names is there at all.

    The platform's codes do not tell. Where the look-up fails as well, the refusal stands alone.

    Raises:
        Absent: there is no such thing.
    """
    if not tells_absence(refusal):
        return
    try:
        found = await find(client, look_up, request, ReadOptions(fresh=True, strict=True))
    except (PlatformFailure, Overloaded):
        return
    if found is None:
        raise Absent(kind) from refusal
