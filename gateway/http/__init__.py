"""The HTTP edge: GraphQL, its page for browsers, health and metrics, as plain ASGI."""
