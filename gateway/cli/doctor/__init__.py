"""`gateway doctor`: checks all that a start needs, one line a check."""

import asyncio
import os
import sys
from argparse import Namespace
from collections.abc import AsyncIterator

from gateway.cli.doctor.asks import asks_of
from gateway.cli.doctor.cache import cache_finding
from gateway.cli.doctor.finding import CheckResult, Finding, ok, warning
from gateway.cli.doctor.keys import keys_finding
from gateway.cli.doctor.shops import shop_findings
from gateway.cli.doctor.store import store_findings
from gateway.errors import GatewayError
from gateway.logs import configure_logging
from gateway.registry import PLATFORMS
from gateway.settings import LogSettings, Settings


def run(arguments: Namespace) -> None:
    """Check, and print a line for each check.

    Raises:
        ConfigurationError: where the configuration is wrong, so that nothing else can be checked.
        GatewayError: where a check failed.
    """
    settings = Settings.load(PLATFORMS, arguments.config, os.environ)
    # What fails stands in a line of its own; the log would say it twice.
    configure_logging(LogSettings(level="error"), settings.secret_values())
    failures = asyncio.run(_report(settings, str(arguments.config)))
    if failures:
        raise GatewayError(f"{failures} of the checks failed")


async def _report(settings: Settings, source: str) -> int:
    failures = 0
    async for finding in _findings(settings, source):
        sys.stdout.write(f"{finding}\n")
        sys.stdout.flush()
        failures += finding.outcome is CheckResult.FAILED
    return failures


async def _findings(settings: Settings, source: str) -> AsyncIterator[Finding]:
    shops = len(settings.shops)
    yield ok("configuration", f"{source} is sound and has {shops} shop{'s' * (shops != 1)}")
    for told in settings.warnings:
        text, _, remedy = told.partition("; ")
        yield warning("secrets", text, remedy)
    async for finding in store_findings(settings):
        yield finding
    yield await cache_finding(settings)
    yield keys_finding(settings)
    async with asks_of(settings) as asks:
        for finding in await shop_findings(asks):
            yield finding
