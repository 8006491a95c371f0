"""The bounds that every call to a platform stays within."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamLimits:
    """`[upstream]` of the configuration; times in seconds, sizes in bytes after decompression."""

    connect_timeout: float = 3.0
    #: The longest silence between two pieces of an answer.
    read_timeout: float = 10.0
    #: Calls of one shop under way at once.
    max_connections: int = 100
    #: Further attempts of a call that may be repeated.
    retries: int = 2
    max_response_bytes: int = 20_000_000

    @property
    def total_timeout(self) -> float:
        """How long one logical call may take, its repetitions included, unless told otherwise."""
        return self.connect_timeout + self.read_timeout
