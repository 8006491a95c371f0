"""Measures the gateway on ledgers of the size of a business: `make scale`."""
