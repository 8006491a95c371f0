"""The public types; a leaf package that imports nothing else of the project."""
