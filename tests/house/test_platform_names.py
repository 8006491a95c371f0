"""Which platform a shop is on is asked of its descriptor: no other room names one."""

import re

from tests.house.tree import ROOT, files

#: Members of the enum, and the settings classes of the platforms' shops.
NAMES = re.compile(
    r"WEIXIN_STORE|WECHAT_STORE|BAIDU|MINI_PROGRAM"
    r"|WeixinStoreShop|WechatStoreShop|MiniProgramShop|BaiduShop"
)
#: Where they are declared and described.
HOMES = ("gateway/platforms/", "schema/", "tests/")


def test_no_platform_is_named_outside_its_folder() -> None:
    named = [
        f"{path}:{number}"
        for path in files("*.py")
        if not path.as_posix().startswith(HOMES)
        for number, line in enumerate((ROOT / path).read_text(encoding="utf-8").splitlines(), 1)
        if NAMES.search(line)
    ]

    assert named == []


def test_each_folder_names_its_own_platform_only() -> None:
    named: dict[str, set[str]] = {
        path.parts[2]: set()
        for path in files("gateway/platforms/*/__init__.py")
        if len(path.parts) == 4
    }
    for path in files("gateway/platforms/*.py"):
        if path.parts[2] in named:
            text = (ROOT / path).read_text(encoding="utf-8")
            named[path.parts[2]] |= set(re.findall(r"Platform\.([A-Z_]+)", text))

    assert named == {folder: {folder.upper()} for folder in named}


def test_the_same_thing_has_the_same_place_in_each_folder() -> None:
    places = {"settings.py", "endpoints.py", "errors.py", "mapping/status.py"}
    places |= {"wire/__init__.py", "sandbox/__init__.py"}

    missing = [
        folder / place
        for folder in {path.parent for path in files("gateway/platforms/*/settings.py")}
        for place in places
        if not (ROOT / folder / place).is_file()
    ]

    assert missing == []
