"""The mutations, one module for each kind of object that they change."""
