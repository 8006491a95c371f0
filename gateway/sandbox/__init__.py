"""Sandbox: simulates the platforms over HTTP, with fault injection.

What a platform answers is its part, in the package `sandbox` of the platform's folder.
"""
