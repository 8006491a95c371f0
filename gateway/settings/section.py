"""What every section of the configuration shares: strict types, kinds of values, mistakes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
)

from gateway.loopback import is_loopback


@dataclass(frozen=True)
class Problem:
    """A key of the file, and what was expected there."""

    key: str
    text: str

    def __str__(self) -> str:
        return f"{self.key}: {self.text}"


def dotted(location: Sequence[str | int]) -> str:
    """A place in the document as one would write it: shops[1].app_id."""
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


#: Under this name the folder of the file is handed to the validators.
BASE: Final = "base"


class Section(BaseModel):
    """A table of the file: unknown keys and wrong types are refused, nothing changes later."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        hide_input_in_errors=True,
        validate_default=True,
        allow_inf_nan=False,
    )


def is_proxy_address(url: str) -> bool:
    """Whether `url` is `http://[user:password@]host[:port]`."""
    try:
        parts = urlsplit(url)
        # A port beyond all ports is refused when it is asked for.
        named = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    rest = parts.path.strip("/") or parts.query or parts.fragment
    return parts.scheme == "http" and named and not rest


def resolved(path: str | Path, info: ValidationInfo) -> Path:
    """A path of the file, relative to the file's own folder."""
    base = (info.context or {}).get(BASE, Path())
    return Path(base) / path


def _network(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return ip_network(value)
    except ValueError:
        raise ValueError("expected an address or a network such as 10.0.0.0/8") from None


def _web_origin(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.netloc or value != _origin_of(value):
        raise ValueError("expected an exact origin such as https://shop.example, with no path")
    return value


def _origin_of(value: str) -> str:
    parts = urlsplit(value)
    return f"{parts.scheme}://{parts.netloc}"


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("expected an address such as https://shop.example")
    if parts.username or parts.password:
        raise ValueError("expected an address without a user or password in it")
    return value.rstrip("/")


def _platform_address(value: str) -> str:
    address = _web_address(value)
    parts = urlsplit(address)
    if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
        raise ValueError("expected an https:// address; plain http is for this machine alone")
    return address


def _jwks_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme != "https" and not (
        parts.scheme == "http" and is_loopback(parts.hostname or "")
    ):
        raise ValueError("expected an https:// address; plain http is for this machine alone")
    if not parts.hostname or parts.username or parts.password or parts.fragment:
        raise ValueError("expected an address such as https://login.example/keys")
    return value


def matching(pattern_of: Callable[[str], bool], expected: str) -> AfterValidator:
    """A check of a string; `expected` says what would have passed."""

    def check(value: str) -> str:
        if not pattern_of(value):
            raise ValueError(f"expected {expected}")
        return value

    return AfterValidator(check)


def matching_secret(pattern_of: Callable[[str], bool], expected: str) -> AfterValidator:
    """The same for a secret, whose value is never in the message."""

    def check(value: SecretStr) -> SecretStr:
        if not pattern_of(value.get_secret_value()):
            raise ValueError(f"expected {expected}")
        return value

    return AfterValidator(check)


def _path(value: Any) -> Any:
    return Path(value) if isinstance(value, str) else value


Text = Annotated[str, Field(min_length=1)]
Secret = Annotated[SecretStr, Field(min_length=1)]
Count = Annotated[int, Field(ge=1)]
CountOrNone = Annotated[int, Field(ge=0)]
Seconds = Annotated[float, Field(gt=0)]
SecondsOrNone = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Port = Annotated[int, Field(ge=0, le=65535)]
Origin = Annotated[str, AfterValidator(_web_origin)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
JwksAddress = Annotated[str, AfterValidator(_jwks_address)]
PlatformAddress = Annotated[str, AfterValidator(_platform_address)]
ProxyAddress = Annotated[
    SecretStr,
    matching_secret(is_proxy_address, "an address like http://[USER:PASSWORD@]HOST:PORT"),
]
Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]
FilePath = Annotated[Path, AfterValidator(resolved), BeforeValidator(_path)]
