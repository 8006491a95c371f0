"""Puts what was measured between the marks of a page."""

from pathlib import Path


def write_between(page: Path, begin: str, end: str, text: str) -> None:
    """Put the text between the marks of the page.

    Raises:
        ValueError: the page has no such marks.
    """
    before, has_begin, rest = page.read_text(encoding="utf-8").partition(begin)
    _, has_end, after = rest.partition(end)
    if not has_begin or not has_end:
        raise ValueError(f"{page.name} has no place for what was measured")
    page.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", encoding="utf-8")
