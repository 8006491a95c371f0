"""The Dockerfile, read into stages of instructions and carried out without a container engine."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from tests.house.tree import ROOT, files


class Instruction(NamedTuple):
    """One instruction: its word, and the rest with continued lines with_envelope."""

    word: str
    rest: str


def stages() -> list[list[Instruction]]:
    """Answer the instructions of each stage, its FROM first."""
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    with_envelope = "\n".join(line for line in lines if not line.startswith("#")).replace(
        "\\\n", ""
    )
    found: list[list[Instruction]] = []
    for line in filter(str.strip, with_envelope.splitlines()):
        word, rest = line.split(maxsplit=1)
        if word == "FROM":
            found.append([])
        found[-1].append(Instruction(word, rest))
    return found


def carry_out(stage: list[Instruction], folder: Path) -> Path:
    """Carry out a stage's COPY and RUN lines below a folder; answer what stands for /venv there.

    The image's Python is a fresh environment of this one; pip finds the wheels that `make test`
    keeps, and asks no index.
    """
    source, image, venv = folder / "src", folder / "image", folder / "venv"
    source.mkdir()
    subprocess.run([sys.executable, "-m", "venv", image], check=True)
    environment = {
        "HOME": str(folder),
        "PATH": f"{image / 'bin'}:{os.environ['PATH']}",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_FIND_LINKS": str(Path(sys.prefix) / "wheels"),
        "PIP_NO_INDEX": "1",
    }
    for word, rest in stage:
        if word == "COPY":
            *names, target = rest.split()
            copy([name.rstrip("/") for name in names], source / target)
        elif word == "RUN":
            command = rest.replace("/venv", str(venv))
            subprocess.run(["sh", "-c", command], cwd=source, env=environment, check=True)
    return venv


def copy(names: list[str], target: Path) -> None:
    """Copy files, or one folder's files, from the repository as COPY would."""
    for path in files(*names):
        below = path.relative_to(names[0]) if (ROOT / names[0]).is_dir() else Path(path.name)
        (target / below).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, target / below)
