"""Applies a changed configuration to a running process, as far as it can change there."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import structlog

from gateway.errors import ConfigurationError
from gateway.settings import Settings, ShopSettings
from gateway.settings.changes import (
    RELOADABLE,
    changed_keys,
    reloadable_secrets,
    shop_place,
    values_by_key,
)

_log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReloadTargets:
    """What takes a changed value over; each is called in the event loop's thread."""

    #: The level of the log.
    log_level: Callable[[str], None]
    #: The origins of front ends.
    origins: Callable[[Sequence[str]], None]
    #: Secrets, which no line of the log may show.
    secrets: Callable[[Collection[str]], None]
    #: A shop with other secrets. False: they need a restart.
    shop: Callable[[ShopSettings], bool]
    #: Reads the file of API keys at once.
    api_keys: Callable[[], None]


class Reload:
    """Reloads the configuration of one process; `load` reads it as the start does."""

    def __init__(
        self, settings: Settings, load: Callable[[], Settings], targets: ReloadTargets
    ) -> None:
        self._load = load
        self._targets = targets
        #: What is in effect, by key.
        self._values = values_by_key(settings)

    def now(self) -> None:
        """Reload, and log the names of what changed and of what needs a restart.

        A configuration that is invalid changes nothing. The API keys are read again in any case.
        """
        self._targets.api_keys()
        try:
            settings = self._load()
        except ConfigurationError as failure:
            _log.error(
                "runtime.reload.refused",
                message="The configuration is invalid; nothing of it was changed.",
                reason=failure.message,
            )
            return
        self._targets.secrets(settings.secret_values())
        after = values_by_key(settings)
        changed = changed_keys(self._values, after)
        applied = self._applied(settings, changed)
        self._values |= {key: after[key] for key in applied}
        _log.info("runtime.reload.done", message="The configuration was reloaded.", changed=applied)
        if left := [key for key in changed if key not in applied]:
            _log.warning(
                "runtime.reload.restart_needed",
                message="Some settings changed that take effect with a restart only.",
                settings=left,
            )

    def _applied(self, settings: Settings, changed: Sequence[str]) -> list[str]:
        applied = [key for key in changed if key in RELOADABLE]
        if "log.level" in applied:
            self._targets.log_level(settings.log.level)
        if "server.cors_origins" in applied:
            self._targets.origins(settings.server.cors_origins)
        for shop in settings.shops:
            of_shop = [key for key in changed if key.startswith(shop_place(shop.key))]
            if of_shop and self._can_change(shop, of_shop) and self._targets.shop(shop):
                applied += of_shop
        return applied

    def _can_change(self, shop: ShopSettings, changed: Collection[str]) -> bool:
        """Whether nothing but secrets changed, of which each was there before and still is.

        The secret of another app does not go with the old one's id.
        """
        secrets: Mapping[str, object] = {
            key: self._values.get(key) for key in reloadable_secrets(shop)
        }
        return all(secrets.get(key) is not None for key in changed)
