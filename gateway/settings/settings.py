"""The configuration, read from a file or a document and checked as a whole."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from pydantic import PrivateAttr, SecretStr, ValidationError

from gateway.errors import ConfigurationError
from gateway.settings.checks import contradictions
from gateway.settings.document import ConfigurationDocument
from gateway.settings.external_values import Expansion, ExternalText
from gateway.settings.section import BASE, Problem, Section
from gateway.settings.shops import SHOPS, ConfigurablePlatform, ShopSettings, named
from gateway.settings.validation_errors import problems_of


class Settings(ConfigurationDocument):
    """Every key that the gateway reads; secrets show themselves only when asked."""

    _warnings: tuple[str, ...] = PrivateAttr(default=())

    @property
    def warnings(self) -> tuple[str, ...]:
        """Warnings about secrets in plain text, and in files that other users can change."""
        return self._warnings

    @classmethod
    def load(
        cls,
        platforms: Sequence[ConfigurablePlatform],
        path: Path,
        environ: Mapping[str, str],
        overrides: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> Self:
        """Load a TOML file; `overrides` ({section: {key: value}}) have precedence.

        `platforms` are the known platforms.

        Raises:
            ConfigurationError: all mistakes, one per line.
        """
        document = _overridden(_read(path), overrides or {})
        return cls._checked(platforms, document, environ, path.parent, str(path))

    @classmethod
    def from_dict(
        cls,
        platforms: Sequence[ConfigurablePlatform],
        document: Mapping[str, Any],
        environ: Mapping[str, str] | None = None,
        *,
        base: Path | None = None,
    ) -> Self:
        """Check a document of the shape that `tomllib` gives; its paths are relative to `base`.

        Raises:
            ConfigurationError: all mistakes, one per line.
        """
        return cls._checked(platforms, document, environ or {}, base or Path(), "configuration")

    @classmethod
    def _checked(
        cls,
        platforms: Sequence[ConfigurablePlatform],
        document: Mapping[str, Any],
        environ: Mapping[str, str],
        base: Path,
        source: str,
    ) -> Self:
        expansion = Expansion(environ, base.absolute())
        expanded = expansion.expand(document)
        problems = list(expansion.problems)
        known = named(platforms)
        context = {BASE: base.absolute(), SHOPS: known}
        try:
            settings = cls._validated(expanded, context)
        except ValidationError as failure:
            told = {problem.key for problem in problems}
            refused = problems_of(failure, _shop_classes(expanded, known))
            problems += [problem for problem in refused if problem.key not in told]
        else:
            problems += contradictions(settings, known)
        if problems:
            raise ConfigurationError("\n".join(f"{source}: {problem}" for problem in problems))
        settings._warnings = tuple(  # noqa: SLF001 - our own class
            f"{source}: {problem}"
            for problem in (*expansion.warnings, *_plain_secrets(settings, expansion.keys))
        )
        return settings

    @classmethod
    def _validated(cls, document: Any, context: dict[str, Any]) -> Self:
        try:
            return cls.model_validate(document, context=context)
        except ValidationError as failure:
            # Variables and files hold text. If a key has another type, the text is parsed as TOML.
            retyped = [
                _retype(document, details["loc"], details["input"])
                for details in failure.errors()
                if isinstance(details["input"], ExternalText)
            ]
            if not any(retyped):
                raise
        return cls.model_validate(document, context=context)

    def with_graphiql_key(self, key: SecretStr) -> Self:
        """The same settings, with a key that GraphiQL sends."""
        return self.model_copy(update={"server": self.server.with_graphiql_key(key)})


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigurationError(
            f"{path}: no such file; write one, or name it with --config FILE"
        ) from None
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path}: expected UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path}: not valid TOML: {error}") from None


def _overridden(
    document: dict[str, Any], overrides: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    for name, section in overrides.items():
        given = document.get(name, {})
        # A value that is not a table is refused later, with its place.
        if isinstance(given, dict):
            document[name] = {**given, **section}
    return document


def _retype(document: Any, place: tuple[str | int, ...], text: ExternalText) -> bool:
    *parents, last = place
    for part in parents:
        document = document[part]
    value = text.as_toml()
    if value is text or not isinstance(document, dict):
        return False
    document[last] = value
    return True


def _shop_classes(
    document: Mapping[str, Any], platforms: Mapping[str, ConfigurablePlatform]
) -> list[type[Section]]:
    """The class of each shop that the document lists; what all have where its platform is none."""
    shops = document.get("shops", ())
    names = (
        shop.get("platform") if isinstance(shop, Mapping) else None
        for shop in (shops if isinstance(shops, tuple) else ())
    )
    return [
        platforms[name].settings if isinstance(name, str) and name in platforms else ShopSettings
        for name in names
    ]


def _plain_secrets(settings: Settings, external: set[str]) -> list[Problem]:
    return [
        Problem(key, 'a secret in plain text; use { env = "NAME" } or { file = "PATH" }')
        for key, _ in settings.secrets()
        if key not in external
    ]
