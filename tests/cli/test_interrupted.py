"""Ctrl-C while a command is still being loaded."""

import subprocess
import sys
from pathlib import Path

from tests.cli.command import ROOT, TIMEOUT

#: Sends the signal at the moment that the module is looked for.
_MAIN = """\
import os, signal, sys

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "gateway.app":
            os.kill(os.getpid(), signal.SIGINT)

# Who started the tests may have it ignored, as a shell does for what runs in the background.
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.meta_path.insert(0, Interrupting())
sys.path.insert(0, sys.argv[1])
from gateway.cli import main
sys.exit(main(["run"]))
"""


def test_an_early_signal_ends_the_command_in_one_line(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _MAIN, str(ROOT)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )

    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "", "gateway: interrupted\n")
    assert list(tmp_path.iterdir()) == []
