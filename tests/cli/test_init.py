"""What `gateway init` writes loads, as it is and with everything taken in."""

import base64
import re
import stat
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic.fields import FieldInfo

from gateway.cli import main
from gateway.registry import PLATFORMS
from gateway.settings import MirrorSettings, Settings
from gateway.settings.document import ConfigurationDocument
from gateway.settings.section import Section


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "gateway.toml"


def init(config: Path) -> int:
    return main(["init", "--config", str(config)])


def sections() -> Iterator[tuple[str, type[Section]]]:
    """Each section by its heading; a platform's shops by its name."""
    for name, field in ConfigurationDocument.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section):
            yield name, field.annotation
    for platform in PLATFORMS:
        yield platform.name, platform.settings
    yield "mirrors", MirrorSettings


def settings() -> Iterator[tuple[str, str, FieldInfo]]:
    for place, section in sections():
        for name, field in section.model_fields.items():
            yield place, field.alias or name, field


def taken_in(text: str) -> str:
    """The file with all keys and sections that are commented out."""
    return re.sub(r"^#(?=[a-z\[])", "", text, flags=re.MULTILINE)


def test_the_file_loads_as_it_is(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert init(config) == 0

    told = capsys.readouterr().out
    assert told.startswith(f"{config} has every key of the configuration")
    assert f"gateway doctor --config {config}\n" in told
    key = config.with_name("store.key")
    for file in (config, key):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(base64.b64decode(key.read_text())) == 32
    assert key.read_text().strip() not in config.read_text()
    loaded = Settings.load(PLATFORMS, config, {})
    bare = Settings.from_dict(
        PLATFORMS, {"store": {"encryption_key": key.read_text().strip()}}, base=config.parent
    )
    assert loaded.model_dump() == bare.model_dump()
    assert loaded.warnings == ()


def test_everything_taken_in_the_file_loads_and_changes_no_default(config: Path) -> None:
    init(config)
    text = taken_in(config.read_text())
    config.write_text(text)

    names = re.findall(r'env = "([A-Z_]+)"', text)
    loaded = Settings.load(PLATFORMS, config, dict.fromkeys(names, "a" * 43))

    assert [shop.platform for shop in loaded.shops] == [platform.name for platform in PLATFORMS]
    assert len(loaded.mirrors) == 1
    bare = Settings.from_dict(
        PLATFORMS, {"store": {"encryption_key": "ab" * 32}}, base=config.parent
    )
    for section in ("server", "log", "store", "index", "cache", "limits", "audit"):
        written = {name for name in tomllib.loads(text)[section] if name != "encryption_key"}
        for name in written:
            assert getattr(getattr(loaded, section), name) == getattr(getattr(bare, section), name)


def test_each_setting_is_in_it(config: Path) -> None:
    init(config)
    document = tomllib.loads(taken_in(config.read_text()))
    shops = {shop["platform"]: shop for shop in document["shops"]}
    found = {**document, **shops, "mirrors": document["mirrors"][0]}

    assert [(place, name) for place, name, _ in settings() if name not in found[place]] == []


def test_each_setting_has_a_description() -> None:
    assert [(place, name) for place, name, field in settings() if not field.description] == []


@pytest.mark.parametrize("name", ["gateway.toml", "store.key"])
def test_nothing_is_overwritten(
    config: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = config.with_name(name)
    kept.write_text("kept")

    assert init(config) == 1

    assert capsys.readouterr().err == f"gateway: {kept} exists already; it is left as it is\n"
    assert kept.read_text() == "kept"
    assert list(config.parent.iterdir()) == [kept]


def test_a_folder_that_is_not_there_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "nowhere" / "gateway.toml"

    assert init(config) == 1

    assert capsys.readouterr().err == (
        f"gateway: {config} cannot be written: No such file or directory\n"
    )


def test_in_this_folder_the_advice_names_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    assert main(["init"]) == 0

    assert "  gateway doctor\n  gateway serve\n" in capsys.readouterr().out
    assert main(["doctor"]) == 0
