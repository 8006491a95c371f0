"""The three platforms, played over HTTP: stateful, with their refusals, faults on request."""
