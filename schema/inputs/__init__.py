"""Inputs of mutations."""
