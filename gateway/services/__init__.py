"""Use cases across platforms: route, fan out, merge, page."""
