"""A commented configuration file, made from the descriptions and defaults of the settings."""

import inspect
import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from gateway.settings.document import ConfigurationDocument
from gateway.settings.section import Section
from gateway.settings.shops import ConfigurablePlatform, MirrorSettings

#: Columns of a comment.
_WIDTH: Final = 98
#: Numbers from here on have their digits in groups.
_GROUPED: Final = 100_000
_HEAD: Final = """\
# The configuration of the gateway. A key that is commented out shows its default, or an example
# where it has none: remove the # in front of it to change it. A secret is best kept elsewhere:
# any value may be { env = "NAME" } or { file = "PATH" }; paths are relative to this file.
# `gateway doctor` checks the file.
"""


def commented_configuration(
    platforms: Sequence[ConfigurablePlatform], values: Mapping[str, Any]
) -> str:
    """A TOML file with every key of the configuration, all commented out but those of `values`.

    `values` are by section and key, such as `store.encryption_key`. Each platform has one shop
    as an example. The file loads as it is, and with all that is commented out taken in.
    """
    return "\n".join(_lines(platforms, values)) + "\n"


def _lines(platforms: Sequence[ConfigurablePlatform], values: Mapping[str, Any]) -> Iterator[str]:
    yield _HEAD
    for name, field in ConfigurationDocument.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section):
            yield from _comment(_summary(field.annotation))
            yield f"[{name}]"
            for key, of_key in field.annotation.model_fields.items():
                yield from _setting(key, of_key, values.get(f"{name}.{key}"), name)
            yield ""
    for platform in platforms:
        yield from _comment(_summary(platform.settings))
        yield "#[[shops]]"
        known = {"key": _shop_key(platform), "platform": platform.name}
        for key, of_key in platform.settings.model_fields.items():
            yield from _setting(key, of_key, None, _shop_key(platform), known.get(key))
        yield ""
    yield from _comment(_summary(MirrorSettings))
    yield "#[[mirrors]]"
    ends = {
        "source": next(_shop_key(one) for one in platforms if one.mirrors_from),
        "target": next(_shop_key(one) for one in platforms if one.accepts_orders),
    }
    for key, of_key in MirrorSettings.model_fields.items():
        yield from _setting(key, of_key, None, "mirrors", ends.get(key))


def _summary(section: type[Section]) -> str:
    return inspect.getdoc(section) or ""


def _shop_key(platform: ConfigurablePlatform) -> str:
    return platform.name.replace("_", "-")


def _setting(
    name: str, field: FieldInfo, value: Any, place: str, example: Any = None
) -> Iterator[str]:
    """The comment of a key and its line; `value` is None where it is commented out."""
    yield from _comment(field.description or "")
    if get_origin(field.annotation) is Literal:
        yield from _comment(f"One of {', '.join(map(_toml, get_args(field.annotation)))}.")
    key = field.alias or name
    if value is not None:
        yield f"{key} = {_toml(value)}"
    else:
        yield f"#{key} = {_toml(_shown(name, field, place) if example is None else example)}"


def _shown(name: str, field: FieldInfo, place: str) -> Any:
    """The default of a key, or an example of what it may be."""
    if field.examples:
        return field.examples[0]
    default = field.get_default(call_default_factory=False)
    if default is None or default is PydanticUndefined:
        return {"env": f"{place}_{name}".upper().replace("-", "_")}
    return default


def _comment(text: str) -> Iterator[str]:
    return (f"# {line}" for line in textwrap.wrap(text, _WIDTH, break_on_hyphens=False))


def _toml(value: Any) -> str:
    """A value as TOML writes it; raises TypeError if it cannot."""
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    match value:
        case tuple() | list():
            return f"[{', '.join(map(_toml, value))}]"
        case Mapping():
            return "{ " + ", ".join(f"{key} = {_toml(one)}" for key, one in value.items()) + " }"
        case date():
            return value.isoformat()
        case int() if value >= _GROUPED:
            return f"{value:_}"
    # Strings, numbers, true and false are written as in JSON.
    return json.dumps(str(value) if isinstance(value, Path) else value, ensure_ascii=False)
