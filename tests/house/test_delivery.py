"""What the gateway is delivered with: licences of locked packages, the digest of its base."""

import re
from importlib.metadata import PackageNotFoundError, metadata

from tests.house.dockerfile import stages
from tests.house.tree import ROOT

#: Licences that let the gateway be delivered under its own; MPL-2.0 binds its own files only.
ALLOWED = {
    *("MIT", "MIT-0", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "PSF-2.0", "MPL-2.0", "ISC"),
}
#: What packages write that name no identifier of SPDX, read in their own files.
SPELLED = {
    "Apache 2.0": "Apache-2.0",
    "MIT License": "MIT",
    "aiocache": "BSD-3-Clause",
    "aiosqlite": "MIT",
    "protobuf": "BSD-3-Clause",
}
#: Locked for other systems or versions of Python only.
ELSEWHERE = {"async-timeout", "backports-asyncio-runner", "colorama", "exceptiongroup"}


def locked() -> list[str]:
    """The packages that the gateway runs with."""
    text = (ROOT / "requirements" / "run.txt").read_text(encoding="utf-8")
    return re.findall(r"^([a-z0-9._-]+)(?:\[[a-z,]+\])?==", text, re.MULTILINE)


def licences(name: str) -> set[str]:
    """What a package's metadata say of its licence."""
    told = metadata(name).json
    text = str(told.get("license_expression") or SPELLED.get(name) or told.get("license") or "")
    text = SPELLED.get(text, text)
    return set(re.findall(r"[A-Za-z0-9.-]+", text)) - {"AND", "OR"}


def test_every_locked_package_has_a_licence_that_allows_delivery() -> None:
    names, refused = locked(), {}
    for name in names:
        try:
            found = licences(name)
        except PackageNotFoundError:
            assert name in ELSEWHERE, name
            continue
        if not found or not found <= ALLOWED:
            refused[name] = found

    assert len(names) > 40
    assert refused == {}


def test_every_base_image_is_named_by_its_digest() -> None:
    bases = [stage[0].rest for stage in stages()]

    assert bases
    for base in bases:
        assert re.match(r"python:3\.\d+\.\d+-slim-bookworm@sha256:[0-9a-f]{64}( AS \w+)?$", base)
    assert len({base.partition(" AS ")[0] for base in bases}) == 1
