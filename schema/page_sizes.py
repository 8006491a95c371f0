"""How many entries a page of a list has, unless `first` says otherwise, and at most."""

from typing import Final

DEFAULT_PAGE_SIZE: Final = 20
#: Also the most ids that one argument may name.
MAX_PAGE_SIZE: Final = 100
