"""The sandbox: the host that plays platforms over HTTP, with faults on request.

What a platform answers is its part, in the package `sandbox` of the platform's folder.
"""
