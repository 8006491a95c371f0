"""The servers that are measured beside each other."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

HAND_WRITTEN: Final = "hand-written (Starlette, aiohttp, orjson)"
MERCURIUS: Final = "Mercurius (jit, loaders, undici.request)"
READY: Final = "ready bytes, on the gateway's server"
GATEWAY: Final = "gateway"
UNSHARED: Final = "gateway, nothing shared between requests"


@dataclass(frozen=True)
class Variant:
    """One server; `target` names the function that serves it.

    `fresh` and `apart` say how it is asked so that no two requests share an execution: without
    anything that others asked for, or by documents that differ. Variants of one target are one
    server.
    """

    name: str
    target: str
    fresh: bool = False
    apart: bool = False


LIVE: Final = (
    Variant(HAND_WRITTEN, "bench.handwritten:live"),
    Variant(MERCURIUS, "bench.mercurius:live"),
    Variant("Strawberry (FastAPI, aiohttp, documents cached)", "bench.strawberry_plain:live"),
    Variant("Ariadne (aiohttp)", "bench.ariadne_plain:live"),
    Variant(GATEWAY, "bench.gateway:live"),
    Variant(UNSHARED, "bench.gateway:live", fresh=True),
)
KEPT: Final = (
    Variant(HAND_WRITTEN, "bench.handwritten:kept"),
    Variant(MERCURIUS, "bench.mercurius:kept"),
    Variant(READY, "bench.ready:kept"),
    Variant(GATEWAY, "bench.gateway:kept"),
    Variant(UNSHARED, "bench.gateway:kept", apart=True),
)


def has_mercurius() -> bool:
    """Whether the packages of bench/js are there."""
    return (Path(__file__).with_name("js") / "node_modules" / "mercurius").is_dir()
