"""Runtime of one process: the resources that it holds open, and its background tasks."""

from gateway.runtime.background_tasks import background_tasks
from gateway.runtime.resources import RuntimeResources, open_resources

__all__ = ["RuntimeResources", "background_tasks", "open_resources"]
