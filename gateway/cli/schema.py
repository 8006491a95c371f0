"""`gateway schema`: prints the public schema."""

import sys

from gateway.cli.lazy_command import Arguments
from resolvers.schema import sdl


def run(_arguments: Arguments) -> None:
    """Print the schema in GraphQL's schema definition language."""
    sys.stdout.write(sdl())
