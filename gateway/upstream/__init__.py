"""The transport kit beneath every platform: rows, calls, tokens, cache; it knows no platform."""
