"""What stands behind the HTTP edge of one process: opened, put to work, and closed again."""

from gateway.backstage.opened import Backstage, backstage
from gateway.backstage.work import at_work

__all__ = ["Backstage", "at_work", "backstage"]
