"""The HTTP edge: GraphQL, GraphiQL, health and metrics, as plain ASGI."""
