"""The bounds that every call to a platform stays within."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamLimits:
    """`[upstream]` of the configuration; times in seconds, sizes in bytes after decompression."""

    connect_timeout: float = 3.0
    #: The longest silence between two pieces of an answer.
    read_timeout: float = 10.0
    #: Concurrent calls of one shop.
    max_connections: int = 100
    #: Retries of a repeatable call.
    retries: int = 2
    max_response_bytes: int = 20_000_000
    #: From this size on an answer is read in a worker thread; docs/performance.md has the figures.
    large_answer: int = 524_288

    @property
    def total_timeout(self) -> float:
        """How long one logical call may take, retries included, unless overridden."""
        return self.connect_timeout + self.read_timeout
