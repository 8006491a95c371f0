"""What compiling may take, and what it may rely on."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bounds:
    """What compiling may take, and what it may rely on.

    Args:
        runs_before: so many times graphql-core runs an operation before it is compiled: what is
            asked once is not worth it.
        fields: of one plan, or it is left to graphql-core.
        variants: of one operation by its conditions, or the others are left to graphql-core.
        lasting_inputs: whether no resolver changes an input that it is given, so that lists and
            objects which stand in the document are made once.
    """

    runs_before: int = 1
    fields: int = 1_000
    variants: int = 8
    lasting_inputs: bool = False
