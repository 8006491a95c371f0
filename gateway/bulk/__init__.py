"""Bulk operations: files of JSON lines in and out, worked on in the background."""
