"""`gateway schema`: prints the public schema."""

import sys
from argparse import Namespace

from resolvers.schema import sdl


def run(_arguments: Namespace) -> None:
    """Print the schema in GraphQL's schema definition language."""
    sys.stdout.write(sdl())
