"""/livez and /readyz: whether the process is alive, and whether it can serve requests."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Final, Literal

import structlog
from fastapi import APIRouter, FastAPI, Request, Response, status
from pydantic import BaseModel, Field

from gateway.errors import GatewayError, StoreUnavailable

_log = structlog.stdlib.get_logger(__name__)

#: Seconds for which an outcome is reused: anyone may ask, as often as they like.
_REUSED_FOR: Final = 1.0
#: Seconds until an orchestrator or a client asks again.
_RETRY_AFTER: Final = 5

#: Raises if a dependency does not work.
Check = Callable[[], Awaitable[object]]


class LivenessReport(BaseModel):
    """The process can answer."""

    status: Literal["alive"] = "alive"


class ReadinessReport(BaseModel):
    """Whether requests should be routed to this process."""

    status: Literal["ready", "unready", "stopping"]
    failed: list[str] | None = Field(
        None, description="The checks that failed; only where the status is `unready`."
    )


class Readiness:
    """Ready where every check passes.

    Checks cover the store, never a shop: a platform that is down does not make the gateway unready.
    `timeout` is the seconds that one check may take.
    """

    def __init__(
        self, checks: Mapping[str, Check], clock: Callable[[], float], *, timeout: float = 2.0
    ) -> None:
        self._checks = checks
        self._timeout = timeout
        self._clock = clock
        self._lock = asyncio.Lock()
        self._failed: list[str] = []
        self._checked_at: float | None = None
        self._stopping = False

    @property
    def checks(self) -> Collection[str]:
        """The names of the checks."""
        return self._checks.keys()

    def stop(self) -> None:
        """The process is about to end: report that it takes no more requests."""
        self._stopping = True

    async def report(self) -> ReadinessReport:
        """The outcome of the checks, at most a second old."""
        if self._stopping:
            return ReadinessReport(status="stopping")
        async with self._lock:
            now = self._clock()
            if self._checked_at is None or now - self._checked_at >= _REUSED_FOR:
                outcomes = await asyncio.gather(*(self._passes(name) for name in self._checks))
                names = zip(self._checks, outcomes, strict=True)
                self._failed = [name for name, passed in names if not passed]
                self._checked_at = now
        if self._failed:
            return ReadinessReport(status="unready", failed=self._failed)
        return ReadinessReport(status="ready")

    async def _passes(self, name: str) -> bool:
        try:
            async with asyncio.timeout(self._timeout):
                await self._checks[name]()
        except Exception as failure:  # noqa: BLE001 - whatever it was, the gateway is not ready
            _log.warning(
                "http.readiness.check_failed",
                message="The gateway is not ready",
                check=name,
                failure=type(failure).__name__,
                reason=failure.message if isinstance(failure, GatewayError) else None,
                remedy=failure.remedy if isinstance(failure, StoreUnavailable) else None,
            )
            return False
        return True


_ROUTES: Final = APIRouter(tags=["Health"])


def add_health_routes(api: FastAPI, readiness: Readiness) -> None:
    """Add the routes /livez and /readyz."""
    api.state.readiness = readiness
    api.include_router(_ROUTES)


@_ROUTES.get("/livez", summary="Is the process alive?", response_description="It is")
async def livez(response: Response) -> LivenessReport:
    """Answers 200 as long as the process can answer at all. Restart it where it does not."""
    response.headers["Cache-Control"] = "no-store"
    return LivenessReport()


@_ROUTES.get(
    "/readyz",
    summary="Can the process serve requests?",
    response_description="Ready",
    response_model_exclude_none=True,
    responses={503: {"model": ReadinessReport, "description": "Not ready, or about to stop"}},
)
async def readyz(request: Request, response: Response) -> ReadinessReport:
    """Answers 200 where the store can be written, else 503; a long queue is no failure of it.

    Platforms that are down do not count.
    """
    readiness: Readiness = request.app.state.readiness
    response.headers["Cache-Control"] = "no-store"
    report = await readiness.report()
    if report.status != "ready":
        response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
        response.headers["Retry-After"] = str(_RETRY_AFTER)
    return report
