"""`gateway` with a count of its tasks: SIGUSR1 writes how many there are into a file.

Started as `python -m bench.scale.counted_gateway FILE serve --config …`.
"""

import asyncio
import signal
import sys
from pathlib import Path

from gateway.cli import main


def _count_into(file: Path) -> None:
    def write(*_: object) -> None:
        # Nobody reads half a number.
        new = file.with_suffix(".new")
        new.write_text(f"{len(asyncio.all_tasks())}")
        new.replace(file)

    signal.signal(signal.SIGUSR1, write)


if __name__ == "__main__":
    _count_into(Path(sys.argv[1]))
    sys.exit(main(sys.argv[2:]))
