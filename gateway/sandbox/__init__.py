"""Sandbox: simulates the platforms over HTTP, with fault injection.

Each platform's behaviour is in the package `sandbox` of the platform's folder.
"""
