"""Everything that runs: the edge, the services, the platforms, the store and the sandbox."""
