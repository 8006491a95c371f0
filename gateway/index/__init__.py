"""The index: the gateway's own copy of what platforms reported, and what keeps it in step."""
