"""Answers of platforms, kept for a while."""


class AnswerCache:
    """Shared by all shops; made by `open_cache`."""

    async def aclose(self) -> None:
        """Close the connections to the shared cache."""
