"""What clients see: the public types; a leaf that imports no other room."""
